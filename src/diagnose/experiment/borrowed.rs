//! Items of plans for other problems.
//!
//! They say how probable a line is that has nothing to do with the problem at hand. Written for this purpose.

use plan::ItemKind;

/// The borrowed items of each kind, without ids.
pub const fn borrowed(kind: ItemKind) -> [&'static str; 20] {
    match kind {
        ItemKind::Constraint | ItemKind::Invariant => GIVEN,
        ItemKind::Subgoal | ItemKind::Claim => SOUGHT,
        ItemKind::Step | ItemKind::ToolCall => COMPUTED,
    }
}

/// What a problem may state.
const GIVEN: [&str; 20] = [
    "apples = 14",
    "the train leaves at 9",
    "price_per_ticket = 35",
    "children = 4",
    "the tank holds 60 litres",
    "speed = 80",
    "each shelf has 12 books",
    "discount = 0.2",
    "the meeting lasts two hours",
    "rows = 8",
    "eggs_per_day = 16",
    "no two guests share a room",
    "weeks = 6",
    "the cake needs 3 cups of flour",
    "distance = 240",
    "students = 27",
    "the red bag is heavier than the blue one",
    "salary = 1200",
    "hours_per_day = 5",
    "the garden is 9 metres long",
];

/// What a problem may ask for.
const SOUGHT: [&str; 20] = [
    "cost of the tickets",
    "time until the train arrives",
    "apples that are left over",
    "the volume of the tank",
    "wages for one month",
    "how many books fit on the shelves",
    "the age of the older sister",
    "distance that is left to drive",
    "flour for two cakes",
    "a room for every guest",
    "milk that is sold in a week",
    "the area of the garden",
    "number of teams in the league",
    "how long the candle burns",
    "the weight of both bags",
    "fuel for the way back",
    "stamps that each child gets",
    "profit of the bakery",
    "seats that stay empty",
    "the number of red marbles",
];

/// What a plan may compute.
const COMPUTED: [&str; 20] = [
    "left_over = apples - eaten",
    "cost = children * price_per_ticket",
    "time = distance / speed",
    "books = shelves * 12",
    "reduced = price * 0.8",
    "seats = rows * 14",
    "week = eggs_per_day * 7",
    "flour = cakes * 3",
    "wage = hours_per_day * 18",
    "area = length * width",
    "teams = students / 9",
    "answer = wage * weeks",
    "age = mother - 24",
    "answer = seats - taken",
    "half = marbles / 2",
    "answer = cost + fee",
    "fuel = distance * 0.07",
    "answer = week - breakfast",
    "both = red + blue",
    "answer = area * 2",
];
