//! What holds for every plan and every edit.

use std::collections::BTreeSet;

use plan::{
    DiffRow, Edit, EditError, IdSource, Item, ItemId, ItemKind, NoiseKind, NoiseScope, NoiseSpec, Origin,
    Plan, SegmentKind, Style, diff, distance, edits_between,
    noise::{hits, noise},
    parse, print, reach, revert, word_diff,
};
use proptest::prelude::*;

/// Texts as hostile as the language allows: its own signs, any script, inner runs of space.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}( [a-z0-9=+*]{1,5}){0,5}",
        "[ {}<\\-:,CGIPTS0-9]{1,12}",
        "\\PC{1,20}",
        Just("S1 {pinned} <- C1: not a head".to_owned()),
    ]
    .prop_map(|text| text.trim().to_owned())
    .prop_filter("a text", |text| !text.is_empty() && !text.chars().any(char::is_control))
}

fn kind() -> impl Strategy<Value = ItemKind> {
    prop::sample::select(ItemKind::ALL.to_vec())
}

fn origin() -> impl Strategy<Value = Origin> {
    prop::sample::select(Origin::ALL.to_vec())
}

/// Plans of all shapes, with gaps in the numbers; dependencies may name later items too.
fn plan() -> impl Strategy<Value = Plan> {
    let item = (kind(), text(), 0..4_u8, prop::collection::vec(any::<prop::sample::Index>(), 0..4));
    let marks = (any::<bool>(), any::<bool>(), origin(), 0..3_u32);
    let lines = prop::collection::vec((item, marks), 0..14);
    (lines, any::<bool>()).prop_map(|(lines, backwards)| {
        let mut source = IdSource::default();
        let mut room = 0;
        let mut items: Vec<Item> = Vec::new();
        for ((kind, text, depth, _), (pinned, muted, origin, skipped)) in &lines {
            for _ in 0..*skipped {
                source.fresh(*kind);
            }
            let (depth, pinned, muted, origin) = ((*depth).min(room), *pinned, *muted, *origin);
            room = depth + 1;
            let item = Item::new(source.fresh(*kind), text.as_str());
            items.push(Item { depth, pinned, muted, origin, ..item });
        }
        let ids: Vec<ItemId> = items.iter().map(|item| item.id).collect();
        for (at, ((_, _, _, picks), _)) in lines.iter().enumerate() {
            let others = if backwards { &ids[..at] } else { &ids[at + 1..] };
            for pick in picks.iter().filter(|_| !others.is_empty()) {
                let dep = *pick.get(others);
                if !items[at].deps.contains(&dep) {
                    items[at].deps.push(dep);
                }
            }
        }
        Plan::new(items).expect("built by the rules")
    })
}

/// Any edit; most name items of the plan, so that most can be applied.
fn edit(plan: &Plan, nesting: u32) -> BoxedStrategy<Edit> {
    let mut ids: Vec<ItemId> = plan.items().iter().map(|item| item.id).collect();
    let fresh = IdSource::of(plan).fresh(ItemKind::Step);
    ids.push(fresh);
    let id = || prop::sample::select(ids.clone());
    let single = prop_oneof![
        (id(), text()).prop_map(|(id, text)| Edit::Replace { id, text }),
        (id(), text()).prop_map(|(id, text)| Edit::Tighten { id, text }),
        (text(), 0..8_u8, 0..16_usize, prop::option::of(id())).prop_map(
            move |(text, depth, position, dep)| {
                let deps = dep.into_iter().collect();
                Edit::Insert { item: Item { depth, deps, ..Item::new(fresh, text) }, position }
            }
        ),
        id().prop_map(|id| Edit::Remove { id }),
        (id(), 0..14_usize, 0..6_u8).prop_map(|(id, position, depth)| Edit::Move { id, position, depth }),
        (id(), prop::collection::vec(id(), 0..4)).prop_map(|(id, deps)| Edit::SetDeps { id, deps }),
        (id(), text(), text()).prop_map(move |(id, text, second_text)| {
            Edit::Split { id, text, second: fresh, second_text }
        }),
        (id(), id(), text()).prop_map(|(id, other, text)| Edit::Merge { id, other, text }),
        (id(), any::<bool>()).prop_map(|(id, on)| Edit::Pin { id, on }),
        (id(), any::<bool>()).prop_map(|(id, on)| Edit::Mute { id, on }),
    ];
    if nesting == 0 {
        return single.boxed();
    }
    let batch = prop::collection::vec(edit(plan, nesting - 1), 0..4).prop_map(|edits| Edit::Batch { edits });
    prop_oneof![6 => single, 1 => batch].boxed()
}

fn plan_and_edit() -> impl Strategy<Value = (Plan, Edit)> {
    plan().prop_flat_map(|plan| {
        let edit = edit(&plan, 1);
        (Just(plan), edit)
    })
}

fn spec() -> impl Strategy<Value = NoiseSpec> {
    let kind = prop::sample::select(NoiseKind::ALL.to_vec());
    (kind, 0.0..=1.0_f64, any::<u64>())
        .prop_map(|(kind, strength, seed)| NoiseSpec::new(kind, strength, seed))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parsing_undoes_printing(plan in plan()) {
        prop_assert_eq!(&parse(&print(&plan, Style::Full)).expect("it parses"), &plan);
        let bare = parse(&print(&plan, Style::Bare)).expect("it parses");
        prop_assert_eq!(bare.len(), plan.items().iter().filter(|item| !item.muted).count());
        prop_assert_eq!(print(&bare, Style::Bare), print(&plan, Style::Bare));
    }

    #[test]
    fn plans_survive_json(plan in plan()) {
        let json = serde_json::to_string(&plan).expect("json");
        prop_assert_eq!(serde_json::from_str::<Plan>(&json).expect("a plan"), plan);
    }

    #[test]
    fn errors_lie_in_the_text(text in "(( {0,3}|\t)[CS][0-9]{0,2}[: <\\-{}é\t]{0,4}[CS:1, é]{0,6}\r?\n?){0,8}") {
        match parse(&text) {
            Ok(plan) => prop_assert_eq!(parse(&print(&plan, Style::Full)).expect("it parses"), plan),
            Err(found) => for error in found.errors {
                let line = text.split('\n').nth(error.line - 1).expect("a line of the text");
                prop_assert!(error.column >= 1 && error.column <= line.chars().count() + 1, "{}", error);
            },
        }
    }

    #[test]
    fn inverses_restore_the_plan((plan, edit) in plan_and_edit(), origin in origin()) {
        let Ok((changed, inverse)) = edit.apply(&plan, origin) else { return Ok(()) };
        let json = serde_json::to_string(&inverse).expect("json");
        let inverse: Edit = serde_json::from_str(&json).expect("an edit");
        let (again, redo) = inverse.apply(&changed, origin).expect("an inverse applies");
        prop_assert_eq!(&again, &plan);
        prop_assert_eq!(&redo.apply(&again, origin).expect("a redo applies").0, &changed);
    }

    #[test]
    fn pinned_items_stay_unless_a_person_acts((plan, edit) in plan_and_edit()) {
        match edit.apply(&plan, Origin::Refined) {
            Ok((changed, _)) => for item in plan.items().iter().filter(|item| item.pinned) {
                prop_assert_eq!(changed.get(item.id), Some(item));
            },
            Err(EditError::Pinned(id)) => prop_assert!(plan.get(id).is_some_and(|item| item.pinned)),
            Err(error) => prop_assert_eq!(Err(error), edit.apply(&plan, Origin::Human)),
        }
    }

    #[test]
    fn a_diff_accounts_for_every_item((plan, edit) in plan_and_edit()) {
        let Ok((changed, _)) = edit.apply(&plan, Origin::Human) else { return Ok(()) };
        let counts = diff(&plan, &changed).counts();
        let kept = counts.same + counts.changed + counts.moved;
        prop_assert_eq!((kept + counts.removed, kept + counts.added), (plan.len(), changed.len()));
        prop_assert_eq!(diff(&plan, &changed).is_empty(), edit.is_noop(&plan));
    }

    #[test]
    fn what_lies_between_two_plans_leads_from_one_to_the_other(old in plan(), new in plan()) {
        let edit = edits_between(&old, &new);
        let (changed, _) = edit.apply(&old, Origin::Human).expect("it applies");
        prop_assert_eq!(changed.hash(), new.hash());
        for item in changed.items() {
            let kept = old.get(item.id).filter(|old| old.text == item.text);
            prop_assert_eq!(item.origin, kept.map_or(Origin::Human, |old| old.origin));
        }
    }

    #[test]
    fn what_lies_between_a_plan_and_its_edit_leads_there((plan, edit) in plan_and_edit()) {
        let Ok((changed, _)) = edit.apply(&plan, Origin::Human) else { return Ok(()) };
        let between = edits_between(&plan, &changed);
        prop_assert_eq!(between.apply(&plan, Origin::Human).expect("it applies").0.hash(), changed.hash());
        prop_assert_eq!(between.is_noop(&plan), edit.is_noop(&plan));
    }

    #[test]
    fn noise_always_applies_is_invertible_and_leaves_pinned_items(plan in plan(), spec in spec()) {
        let edit = noise(&plan, &IdSource::of(&plan), &spec);
        let (noised, inverse) = edit.apply(&plan, Origin::Noise).expect("noise applies");
        prop_assert_eq!(&noise(&plan, &IdSource::of(&plan), &spec), &edit, "seeded");
        for item in plan.items().iter().filter(|item| item.pinned) {
            prop_assert_eq!(noised.get(item.id), Some(item));
        }
        prop_assert_eq!(&inverse.apply(&noised, Origin::Human).expect("an inverse applies").0, &plan);
        let back = revert(&noised, &plan, &noised).expect("nothing came between");
        prop_assert_eq!(&back.apply(&noised, Origin::Human).expect("it applies").0, &plan);
        let changed = |item: &&Item| plan.get(item.id).is_none_or(|old| old.text != item.text);
        for item in noised.items().iter().filter(changed) {
            prop_assert_eq!(item.origin, Origin::Noise);
        }
    }

    #[test]
    fn noise_hits_only_its_scope(plan in plan(), spec in spec(), pick in any::<prop::sample::Index>()) {
        if plan.is_empty() {
            return Ok(());
        }
        let one = pick.get(plan.items()).id;
        let spec = NoiseSpec { strength: 1.0, scope: NoiseScope::Items(vec![one]), ..spec };
        let (noised, _) = noise(&plan, &IdSource::of(&plan), &spec).apply(&plan, Origin::Noise).expect("it applies");
        for item in plan.items().iter().filter(|item| item.id != one && noised.get(item.id).is_none_or(|new| new.text != item.text)) {
            prop_assert!(false, "{} was touched", item.id);
        }
    }

    #[test]
    fn a_plan_is_at_no_distance_from_itself_and_at_most_one_from_others(a in plan(), b in plan()) {
        prop_assert_eq!(distance(&a, &a), 0.0);
        let there = distance(&a, &b);
        prop_assert!((0.0..=1.0).contains(&there), "{}", there);
        prop_assert_eq!(there == 0.0, diff(&a, &b).rows.iter().all(|row| same_but_flags(row, &a, &b)));
    }

    #[test]
    fn words_join_to_both_texts(old in text(), new in text()) {
        let words = word_diff(&old, &new);
        let joined = |gone: SegmentKind| -> String {
            words.iter().filter(|word| word.kind != gone).map(|word| word.text.as_str()).collect()
        };
        prop_assert_eq!(joined(SegmentKind::New), old);
        prop_assert_eq!(joined(SegmentKind::Old), new);
    }
}

/// Whether a row shows no difference but in flags.
fn same_but_flags(row: &DiffRow, a: &Plan, b: &Plan) -> bool {
    match row {
        DiffRow::Same { .. } => true,
        DiffRow::Changed { old, new, moved: false, .. } => {
            let (old, new) = (&a.items()[*old], &b.items()[*new]);
            let deps = |item: &Item| item.deps.iter().copied().collect::<BTreeSet<ItemId>>();
            (&old.text, old.depth, deps(old)) == (&new.text, new.depth, deps(new))
        }
        DiffRow::Changed { .. } | DiffRow::Moved { .. } | DiffRow::Added { .. } | DiffRow::Removed { .. } => {
            false
        }
    }
}

#[test]
fn the_strength_of_noise_is_the_expected_share_of_items_hit() {
    let lines: String = (1..=40).map(|n| format!("C{n}: value{n} = {n}\n")).collect();
    let plan = parse(&lines).expect("a plan");
    // Items have no latents that noise could be mixed into.
    for &kind in NoiseKind::ALL.iter().filter(|kind| **kind != NoiseKind::Gauss) {
        let spec = |seed| NoiseSpec::new(kind, 0.3, seed);
        assert_eq!(reach(&plan, &spec(0)).len(), 40, "{kind}");
        let hit: usize = (0..500).map(|seed| hits(&plan, &spec(seed)).len()).sum();
        let share = f64::from(u32::try_from(hit).unwrap()) / (500.0 * 40.0);
        // Four standard errors of a share of 0.3 among 20,000 draws.
        assert!((share - 0.3).abs() < 0.013, "{kind}: {share}");
        assert!(noise(&plan, &IdSource::of(&plan), &NoiseSpec::new(kind, 0.0, 1)).is_noop(&plan));
    }
}

#[test]
fn a_hundred_thousand_items_parse() {
    let line = |n: usize| format!("{}S{n} <- S{}: item {n}\n", "  ".repeat(n % 3), n - 1);
    let text: String = std::iter::once("S1: item 1\n".into()).chain((2..=100_000).map(line)).collect();
    let text = text.replacen("    S2", "  S2", 1);
    // A quadratic parser would take minutes.
    let plan = parse(&text).expect("a plan");
    assert_eq!(plan.len(), 100_000);
}
