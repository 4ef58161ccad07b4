//! Pairs of statements of which we know whether they contradict each other, to calibrate a model on.
//!
//! Written for this purpose, in the manner of plan items. Those that do not contradict speak of the same things as
//! those that do, so that a model that only sees shared words does not pass.

/// Two statements, and whether they contradict each other.
pub(super) const LABELLED: [(&str, &str, bool); 20] = [
    ("each box holds 6 pens", "each box holds 8 pens", true),
    ("boxes = 20", "boxes = 12", true),
    ("the bus leaves before noon", "the bus leaves at 3 pm", true),
    ("all guests sit inside", "two guests sit in the garden", true),
    ("the total never exceeds 50", "the total reaches 80", true),
    ("paint the wall before hanging the picture", "hang the picture before painting the wall", true),
    ("the shop is closed on Monday", "buy the bread in the shop on Monday", true),
    ("left = total - sold", "left = total + sold", true),
    ("use only one loop", "use two nested loops", true),
    ("Ann is older than Ben", "Ben is older than Ann", true),
    ("each box holds 6 pens", "there are 8 boxes", false),
    ("boxes = 20", "pens = 12", false),
    ("the bus leaves before noon", "the bus arrives at 3 pm", false),
    ("all guests sit inside", "two guests sit at the window", false),
    ("the total never exceeds 50", "the total starts at 8", false),
    ("paint the wall before hanging the picture", "buy the paint before painting the wall", false),
    ("the shop is closed on Monday", "buy the bread in the shop on Tuesday", false),
    ("left = total - sold", "total = boxes * pens", false),
    ("use only one loop", "use two variables", false),
    ("Ann is older than Ben", "Ben is older than Carl", false),
];
