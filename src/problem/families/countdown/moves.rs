//! Changes of operators and operands, with what follows from them.

use num_traits::ToPrimitive;

use super::{
    CountdownSettings,
    check::equation,
    expr::{Expr, Op},
};
use crate::family::says;
use plan::{Edit, IdSource, Item, ItemId, ItemKind, Plan};

/// Results beyond this are not proposed: the form of a line has no room for them.
const MOST: i64 = 9_999_999;
const OPS: [Op; 4] = [Op::Add, Op::Sub, Op::Mul, Op::Div];

/// Where an operand comes from: the numbers of the problem and the results of earlier steps, by place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NumberSource {
    Given(usize),
    Step(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SearchStep {
    op: Op,
    operands: [NumberSource; 2],
}

/// Returns the edits that change an operator or an operand of one step, exchange two operands, add a last step or remove it.
/// Each states right results, whole and above 0, in all steps that the change reaches, so that one move is one other
/// calculation. Empty for plans of other forms than `number operator number = result`, or that use what is not there.
pub(super) fn moves(settings: &CountdownSettings, plan: &Plan, ids: &IdSource) -> Vec<Edit> {
    let items: Vec<&Item> =
        plan.items().iter().filter(|item| item.id.kind == ItemKind::Step && !item.muted).collect();
    if items.iter().any(|item| item.pinned) {
        return Vec::new();
    }
    let Some(steps) = read(settings, &items) else { return Vec::new() };
    let mut neighbours = changed(settings, &steps);
    neighbours.extend(longer(settings, &steps));
    if steps.len() > 1 {
        neighbours.push(steps[..steps.len() - 1].to_vec());
    }
    let mut moves: Vec<Edit> = Vec::new();
    for steps in neighbours {
        let Some(edit) = write(settings, &items, &steps, plan.len(), ids) else { continue };
        if !moves.contains(&edit) {
            moves.push(edit);
        }
    }
    moves
}

/// Reads the steps; of equal numbers a result goes before a given one, the latest first, as in the checker.
fn read(settings: &CountdownSettings, items: &[&Item]) -> Option<Vec<SearchStep>> {
    let mut pool: Vec<(i64, NumberSource)> = (0..)
        .zip(&settings.numbers)
        .map(|(at, number)| (i64::from(*number), NumberSource::Given(at)))
        .collect();
    let mut steps = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let (left, stated) = equation(&item.text).ok()?;
        let Expr::Binary(op, a, b) = left else { return None };
        let mut take = |operand: Expr| {
            let Expr::Number(value) = operand else { return None };
            let value = value.is_integer().then(|| value.to_integer().to_i64())??;
            let place = pool
                .iter()
                .rposition(|(known, source)| *known == value && matches!(source, NumberSource::Step(_)));
            let place = place.or_else(|| pool.iter().position(|(known, _)| *known == value))?;
            Some(pool.remove(place).1)
        };
        let operands = [take(*a)?, take(*b)?];
        steps.push(SearchStep { op, operands });
        let result = stated.is_integer().then(|| stated.to_integer().to_i64())??;
        pool.push((result, NumberSource::Step(at)));
    }
    (!steps.is_empty()).then_some(steps)
}

/// Returns what is not used before step `before` and by no step at all, and so may be used there.
fn unused(settings: &CountdownSettings, steps: &[SearchStep], before: usize) -> Vec<NumberSource> {
    let given = (0..settings.numbers.len()).map(NumberSource::Given);
    let all = given.chain((0..before).map(NumberSource::Step));
    all.filter(|source| steps.iter().all(|step| !step.operands.contains(source))).collect()
}

/// Returns the calculations that differ in one operator, in one operand, or in the places of two.
fn changed(settings: &CountdownSettings, steps: &[SearchStep]) -> Vec<Vec<SearchStep>> {
    let mut all = Vec::new();
    let mut push = |change: &dyn Fn(&mut Vec<SearchStep>)| {
        let mut steps = steps.to_vec();
        change(&mut steps);
        all.push(steps);
    };
    let slots: Vec<(usize, usize)> = (0..steps.len()).flat_map(|at| [(at, 0), (at, 1)]).collect();
    for (at, step) in steps.iter().enumerate() {
        for op in OPS.into_iter().filter(|op| *op != step.op) {
            push(&|steps| steps[at].op = op);
        }
    }
    for (place, &(at, side)) in slots.iter().enumerate() {
        for source in unused(settings, steps, at) {
            push(&|steps| steps[at].operands[side] = source);
        }
        for &(other, other_side) in &slots[place + 1..] {
            push(&|steps| {
                let (one, two) = (steps[at].operands[side], steps[other].operands[other_side]);
                (steps[at].operands[side], steps[other].operands[other_side]) = (two, one);
            });
        }
    }
    all
}

/// Returns the calculations with one more step, from the last result and what is not used.
fn longer(settings: &CountdownSettings, steps: &[SearchStep]) -> Vec<Vec<SearchStep>> {
    let last = NumberSource::Step(steps.len() - 1);
    let mut all = Vec::new();
    for source in unused(settings, steps, steps.len()).into_iter().filter(|source| *source != last) {
        for op in OPS {
            for operands in [[last, source], [source, last]] {
                all.push(steps.iter().copied().chain([SearchStep { op, operands }]).collect());
            }
        }
    }
    all
}

/// Returns the text and the sources of each step; `None` where a result is not whole, below 1 or too large, or a step uses a
/// later one.
fn lines(settings: &CountdownSettings, steps: &[SearchStep]) -> Option<Vec<(String, Vec<usize>)>> {
    let (mut results, mut lines) = (Vec::<i64>::new(), Vec::new());
    for step in steps {
        let value = |source: NumberSource| match source {
            NumberSource::Given(at) => settings.numbers.get(at).map(|number| i64::from(*number)),
            NumberSource::Step(at) => results.get(at).copied(),
        };
        let (a, b) = (value(step.operands[0])?, value(step.operands[1])?);
        let (sign, result) = match step.op {
            Op::Add => ('+', a.checked_add(b)?),
            Op::Sub => ('-', a.checked_sub(b)?),
            Op::Mul => ('*', a.checked_mul(b)?),
            Op::Div => ('/', (b != 0 && a % b == 0).then(|| a / b)?),
            // The game has neither.
            Op::FloorDiv | Op::Pow => return None,
        };
        if !(1..=MOST).contains(&result) {
            return None;
        }
        results.push(result);
        let from = step.operands.iter().filter_map(|source| match source {
            NumberSource::Step(at) => Some(*at),
            NumberSource::Given(_) => None,
        });
        lines.push((format!("{a} {sign} {b} = {result}"), from.collect()));
    }
    Some(lines)
}

/// Returns the edit that makes the items say `steps`; `None` where they cannot be, or already say it.
fn write(
    settings: &CountdownSettings,
    items: &[&Item],
    steps: &[SearchStep],
    end: usize,
    ids: &IdSource,
) -> Option<Edit> {
    let mut edits = Vec::new();
    let new = ids.peek(ItemKind::Step);
    let id = |at: usize| items.get(at).map_or(new, |item| item.id);
    for (at, (text, from)) in lines(settings, steps)?.into_iter().enumerate() {
        let deps: Vec<ItemId> = from.into_iter().map(id).collect();
        let Some(item) = items.get(at) else {
            let item = Item { deps, ..Item::new(new, text) };
            edits.push(Edit::Insert { item, position: end });
            continue;
        };
        if item.text != text {
            edits.push(says(item, text));
        }
        if item.deps != deps {
            edits.push(Edit::SetDeps { id: item.id, deps });
        }
    }
    edits.extend(items.iter().skip(steps.len()).map(|item| Edit::Remove { id: item.id }));
    match edits.len() {
        0 => None,
        1 => edits.pop(),
        _ => Some(Edit::Batch { edits }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Family, Problem,
        families::countdown::Countdown,
        testing::{after, plan},
    };

    fn problem() -> Problem {
        CountdownSettings { numbers: vec![3, 10, 7, 2], target: 37, all: false }.problem("p")
    }

    fn moved(text: &str) -> Vec<String> {
        let plan = plan(text);
        after(&plan, &Countdown.moves(&problem(), &plan, &IdSource::of(&plan)))
    }

    #[test]
    fn a_change_reaches_the_steps_that_build_on_it() {
        let all = moved("S1: 10 * 3 = 30\nS2 <- S1: 30 - 7 = 23");
        for one in [
            "S1: 10 * 3 = 30\nS2 <- S1: 30 + 7 = 37",
            "S1: 10 + 3 = 13\nS2 <- S1: 13 - 7 = 6",
            "S1: 10 * 2 = 20\nS2 <- S1: 20 - 7 = 13",
            "S1: 10 * 7 = 70\nS2 <- S1: 70 - 3 = 67",
            "S1: 10 * 3 = 30\nS2 <- S1: 30 - 7 = 23\nS3 <- S2: 23 + 2 = 25",
            "S1: 10 * 3 = 30",
        ] {
            assert!(all.contains(&one.to_owned()), "{one}\nis not among\n{}", all.join("\n\n"));
        }
        assert!(!all.iter().any(|one| one.contains("10 / 3")), "only whole results");
    }

    #[test]
    fn no_move_breaks_the_rules_of_the_game() {
        for text in moved("S1: 10 * 3 = 30\nS2 <- S1: 30 - 7 = 23\nS3 <- S2: 23 + 2 = 25") {
            let report = Countdown.check_plan(&problem(), &plan(&text));
            assert!(
                report.findings.iter().all(|finding| finding.code == "goal"),
                "{text}\n{:?}",
                report.findings
            );
        }
    }

    #[test]
    fn plans_of_other_forms_have_no_moves() {
        assert!(moved("S1: 10 * (3 + 7) = 100").is_empty());
        assert!(moved("S1: 10 * 4 = 40").is_empty(), "there is no 4");
    }
}
