//! Plans with something taken out or changed, in such a way that nothing else changes.

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use plan::{Item, ItemId, ItemKind, Plan, Style, print, print_item};

/// What stands in place of an item's text, over and over, as many words as it had.
const NEUTRAL: [&str; 6] = ["this", "line", "is", "left", "blank", "here"];

/// Returns `plan` as text, with neutral text of the same number of words in place of what the items in `out` say.
/// Their ids and dependencies stay: an ablation against a shorter prompt would measure its length too.
pub fn without(plan: &Plan, out: &[ItemId]) -> String {
    let visible = plan.visible();
    let line = |item: &Item| {
        if !out.contains(&item.id) {
            return print_item(item, Style::Bare);
        }
        let words = item.text.split_whitespace().count().max(1);
        let text = NEUTRAL.iter().cycle().take(words).copied().collect::<Vec<_>>().join(" ");
        print_item(&Item { text, ..item.clone() }, Style::Bare)
    };
    visible.items().iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Returns the lines of `plan` in another order.
pub fn shuffled(plan: &Plan, seed: u64) -> String {
    let text = print(plan, Style::Bare);
    let mut lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    lines.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    lines.join("\n")
}

/// Returns `plan` in other words that say the same: each line is introduced by what kind of line it is. A rule
/// does it and no model, so that nothing else changes.
pub fn paraphrased(plan: &Plan) -> String {
    let introduced = |item: &Item| {
        let words = match item.id.kind {
            ItemKind::Constraint => "it is given that",
            ItemKind::Subgoal => "the aim here is",
            ItemKind::Invariant => "it always holds that",
            ItemKind::Claim => "it follows that",
            ItemKind::ToolCall => "then call",
            ItemKind::Step => "then work out",
        };
        print_item(&Item { text: format!("{words} {}", item.text), ..item.clone() }, Style::Bare)
    };
    plan.visible().items().iter().map(introduced).collect::<Vec<_>>().join("\n")
}

/// Returns the first `lines` lines of `plan`; `None` for none.
pub fn prefix(plan: &Plan, lines: usize) -> Option<String> {
    let text = print(plan, Style::Bare);
    (lines > 0).then(|| text.lines().take(lines).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::parse;

    fn plan() -> Plan {
        parse("C1: boxes = 20\nC2: pens per box = 6\nS1 <- C1 C2: total = boxes * pens\n").unwrap()
    }

    #[test]
    fn what_is_taken_out_leaves_as_many_words() {
        let plan = plan();
        let text = without(&plan, &["C2".parse().unwrap()]);
        assert_eq!(text, "C1: boxes = 20\nC2: this line is left blank\nS1 <- C1 C2: total = boxes * pens");
        let words = |text: &str| text.split_whitespace().count();
        assert_eq!(words(&text), words(&print(&plan, Style::Bare)));
    }

    #[test]
    fn a_shuffle_keeps_the_lines() {
        let plan = plan();
        let mut lines: Vec<String> = shuffled(&plan, 3).lines().map(str::to_owned).collect();
        lines.sort();
        assert_eq!(lines, print(&plan, Style::Bare).lines().collect::<Vec<_>>());
        assert!((0..9).any(|seed| shuffled(&plan, seed) != print(&plan, Style::Bare)));
    }

    #[test]
    fn a_prefix_ends_after_whole_lines() {
        assert_eq!(prefix(&plan(), 0), None);
        assert_eq!(prefix(&plan(), 1).as_deref(), Some("C1: boxes = 20"));
    }
}
