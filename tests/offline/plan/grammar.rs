//! The grammar and the parser speak the same language: checked with the engine that constrains models.
#![cfg(feature = "llama")]

use std::collections::HashSet;

use engine::propose::{EditKind, form, grammar};
use llguidance::{Matcher, ParserFactory, api::TopLevelGrammar};
use plan::{
    IdSource, Item, ItemId, ItemKind, LastLine, Origin, Plan, PlanGrammar, Style, parse, parse_deps,
    parse_item, print,
};
use problem::Problem;
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use toktrie::ApproximateTokEnv;

pub(super) struct Engine(ParserFactory);

impl Engine {
    pub(super) fn new() -> Self {
        // One token a byte: every text can be written in exactly one way.
        let mut factory =
            ParserFactory::new_simple(&ApproximateTokEnv::single_byte_env()).expect("an engine");
        factory.quiet();
        Self(factory)
    }

    /// The same with the limits under which models are held to grammars.
    pub(super) fn with_wide_limits() -> Self {
        let mut engine = Self::new();
        let limits = engine.0.limits_mut();
        limits.step_lexer_fuel = 10_000_000;
        limits.initial_lexer_fuel = 20_000_000;
        limits.max_lexer_states = 1_000_000;
        engine
    }

    fn matcher(&self, lark: &str) -> Matcher {
        let parser = self.0.create_parser(TopLevelGrammar::from_lark(lark.to_owned()));
        Matcher::new(Ok(parser.unwrap_or_else(|error| panic!("{error}\n{lark}"))))
    }

    pub(super) fn accepts(&self, lark: &str, text: &str) -> bool {
        let mut matcher = self.matcher(lark);
        let tokens: Vec<u32> = text.bytes().map(u32::from).collect();
        let taken = matcher.try_consume_tokens(&tokens).expect("a sound matcher");
        taken == tokens.len() && matcher.is_accepting().expect("a sound matcher")
    }

    /// Draws a text; what ends a line or the plan is preferred now and then, so that it does end.
    fn sample(&self, lark: &str, rng: &mut ChaCha8Rng) -> String {
        self.sample_rather(lark, b"\n:", rng)
    }

    /// Draws a text; the bytes in `rather` and its end are preferred now and then.
    pub(super) fn sample_rather(&self, lark: &str, rather: &[u8], rng: &mut ChaCha8Rng) -> String {
        let mut matcher = self.matcher(lark);
        let eos = self.0.tok_env().tok_trie().eos_token();
        let mut bytes = Vec::new();
        while !matcher.is_stopped() {
            let allowed: Vec<u32> = matcher.compute_mask_or_eos().expect("a mask").iter().collect();
            assert!(!allowed.is_empty(), "stuck after {}", String::from_utf8_lossy(&bytes));
            let ends = |token: &u32| *token == eos || rather.iter().any(|byte| *token == u32::from(*byte));
            let ending: Vec<u32> = allowed.iter().copied().filter(ends).collect();
            let choice = if !ending.is_empty() && rng.random_ratio(1, 6) { &ending } else { &allowed };
            let token = choice[rng.random_range(0..choice.len())];
            if token == eos {
                break;
            }
            bytes.push(u8::try_from(token).expect("a byte"));
            matcher.consume_token(token).expect("an allowed token");
        }
        String::from_utf8(bytes).expect("UTF-8")
    }
}

fn grammars() -> Vec<PlanGrammar> {
    let basic = PlanGrammar { max_items: 7, max_text_chars: 12, max_depth: 2, ..PlanGrammar::default() };
    let mut ids = IdSource::default();
    ids.observe("S41".parse().expect("an id"));
    let steps = PlanGrammar { kinds: vec![ItemKind::Step], ..basic.clone() };
    let last = |pattern: &str| Some(LastLine { kind: ItemKind::Step, pattern: pattern.into() });
    vec![
        basic.clone(),
        PlanGrammar { kinds: Vec::new(), max_items: 4, min_items: 3, ..basic.clone() },
        PlanGrammar { max_depth: 0, max_deps: 0, max_text_chars: 1, ..steps.clone() },
        PlanGrammar { max_items: 1, ids: ids.clone(), ..basic.clone() },
        PlanGrammar {
            kinds: vec![ItemKind::Constraint, ItemKind::ToolCall],
            max_items: 5,
            min_items: 2,
            max_text_chars: 20,
            last: last("answer = [0-9/]+"),
            ids,
            ..basic
        }
        .with_text(ItemKind::ToolCall, r"[a-z]+\([a-z0-9 ,/]*\)"),
        PlanGrammar { max_items: 6, max_text_chars: 30, last: last("answer = [a-z0-9 +*]+"), ..steps }
            .with_text(ItemKind::Step, r"[a-z]{1,6} = [a-z0-9 +*\-/()]+"),
    ]
}

fn check_bounds(grammar: &PlanGrammar, text: &str) -> Plan {
    let plan = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert!((grammar.min_items..=grammar.max_items).contains(&plan.len()), "{text}");
    let mut ids = grammar.ids.clone();
    let mut earlier = HashSet::new();
    for item in plan.items() {
        assert_eq!(item.id, ids.fresh(item.id.kind), "{text}");
        assert!(item.depth <= grammar.max_depth && item.deps.len() <= grammar.max_deps, "{text}");
        assert!(item.deps.iter().all(|dep| earlier.contains(dep)), "{text}");
        assert!(item.text.chars().count() <= grammar.max_text_chars, "{text}");
        earlier.insert(item.id);
    }
    if let Some(last) = &grammar.last {
        let (end, rest) = plan.items().split_last().expect("at least one item");
        assert!(end.id.kind == last.kind && end.text.starts_with("answer = "), "{text}");
        let answers = |item: &&Item| {
            let value = item.text.strip_prefix("answer = ").unwrap_or("-");
            item.id.kind == last.kind && value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        assert_eq!(rest.iter().find(answers), None, "{text}");
    }
    plan
}

#[test]
fn whatever_is_drawn_parses_within_the_bounds() {
    let engine = Engine::new();
    for (grammar, seed) in grammars().iter().zip(0..) {
        let lark = grammar.lark();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut lengths = HashSet::new();
        for _ in 0..60 {
            lengths.insert(check_bounds(grammar, &engine.sample(&lark, &mut rng)).len());
        }
        // Where the last line begins like any other, blind luck hardly ever writes it before it must.
        let ends_by_luck = grammar.last.as_ref().is_none_or(|last| !grammar.kinds.contains(&last.kind));
        let one_length = grammar.max_items == 1 || !ends_by_luck;
        assert!(lengths.len() > 1 || one_length, "all plans have the length {lengths:?}");
    }
}

/// Plans within the bounds of the first grammar.
fn small_plan() -> impl Strategy<Value = Plan> {
    let kind = prop::sample::select(vec![ItemKind::Constraint, ItemKind::Subgoal, ItemKind::Step]);
    let text = "[^\\s\\p{C}]|[^\\s\\p{C}][^\\p{C}]{0,10}[^\\s\\p{C}]|[a-z]{1,4} <- [a-z:]{1,4}";
    let line = (kind, text, 0..3_u8, prop::collection::vec(any::<prop::sample::Index>(), 0..4));
    prop::collection::vec(line, 1..8).prop_map(|lines| {
        let mut ids = IdSource::default();
        let (mut room, mut items) = (0, Vec::<Item>::new());
        for (kind, text, depth, picks) in lines {
            let mut item = Item { depth: depth.min(room), ..Item::new(ids.fresh(kind), text) };
            room = item.depth + 1;
            for pick in picks.iter().filter(|_| !items.is_empty()) {
                let dep = pick.get(&items).id;
                if !item.deps.contains(&dep) {
                    item.deps.push(dep);
                }
            }
            items.push(item);
        }
        Plan::new(items).expect("built by the rules")
    })
}

#[test]
fn every_plan_within_the_bounds_is_accepted() {
    let (engine, lark) = (Engine::new(), grammars()[0].lark());
    let config = ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(plan in small_plan())| {
        let text = print(&plan, Style::Bare);
        prop_assert!(engine.accepts(&lark, &text), "{}", text);
    });
}

#[test]
fn what_is_out_of_bounds_is_refused() {
    let engine = Engine::new();
    let lark = grammars()[0].lark();
    assert!(engine.accepts(&lark, "S1: a\n  C1 <- S1: b\nS2 <- C1 S1: c"));
    for text in [
        "",
        "S2: a",
        "S1: a\n",
        "S1: a\nS1: b",
        "S1: a\nS3: b",
        "S1 <- S1: a",
        "S1: a\nS2 <- C1: b",
        "S1: a\n    S2: b",
        "  S1: a",
        "S1:a",
        "S1:  a",
        "S1: a ",
        "S1: thirteen char",
        "T1: a",
        "S1: a\nS2: a\nS3: a\nS4: a\nS5: a\nS6: a\nS7: a\nS8: a",
    ] {
        assert!(!engine.accepts(&lark, text), "{text:?}");
    }
    let answer = grammars()[4].lark();
    assert!(engine.accepts(&answer, "T1: calc(1/2)\nS42 <- T1: answer = 1/2"));
    assert!(!engine.accepts(&answer, "T1: calc\nS42 <- T1: answer = 1/2"));
    assert!(!engine.accepts(&answer, "T1: calc(1)\nT2: calc(1)"));
    let steps = grammars()[5].lark();
    assert!(engine.accepts(&steps, "S1: answer = 1"));
    assert!(engine.accepts(&steps, "S1: a = 1\nS2 <- S1: answer = a + 1"));
    assert!(!engine.accepts(&steps, "S1: answer = 1\nS2: a = 1"));
    assert!(!engine.accepts(&steps, "S1: answer = 1\nS2: answer = 1"));
}

#[test]
fn single_pieces_have_grammars_too() {
    let engine = Engine::new();
    let known: Vec<ItemId> = parse_deps("S1 S12 C2").expect("ids");
    let grammar = PlanGrammar {
        ids: IdSource::of(&parse("S1: a\nS12: b\nC2: c").expect("a plan")),
        max_deps: 2,
        ..grammars().swap_remove(5)
    };
    let check = |lark: &str, yes: &[&str], no: &[&str]| {
        yes.iter().for_each(|text| assert!(engine.accepts(lark, text), "{text:?} under\n{lark}"));
        no.iter().for_each(|text| assert!(!engine.accepts(lark, text), "{text:?} under\n{lark}"));
    };
    let line = grammar.line(&known);
    check(
        &grammar.item_text(ItemKind::Step),
        &["a = 1/2", " a = b * 2"],
        &["a", "", "a = ", "  a = 1", "a = 1\n"],
    );
    check(
        &line,
        &["S13: a = 1", "S13 <- S1 S12: a = 1"],
        &["S14: a = 1", "S13 <- S13: a = 1", "S13 <- S1 S1 S1: a = 1"],
    );
    check(&grammar.line(&[]), &["S13: a = 1"], &["S13 <- S1: a = 1"]);
    check(&grammar.deps(&known), &["none", "S1", "S12", "C2 S1"], &["", "S2", "S1 S12 C2", "C1", "C2  S1"]);
    check(&grammar.deps(&[]), &["none"], &["", "S1"]);
    let choice = PlanGrammar::id_choice(&known).expect("a choice");
    check(&choice, &["S1", "S12", "C2"], &["", "S", "S2", "S1 S12"]);
    assert_eq!(PlanGrammar::id_choice(&[]), None);
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    for _ in 0..40 {
        let item = parse_item(&engine.sample(&line, &mut rng)).expect("a line");
        assert!(item.deps.iter().all(|dep| known.contains(dep)));
        let deps = parse_deps(&engine.sample(&grammar.deps(&known), &mut rng)).expect("a list");
        assert!(deps.iter().all(|dep| known.contains(dep)));
    }
}

#[test]
fn the_largest_plan_stays_within_the_engines_limits() {
    let engine = Engine::new();
    let grammar = PlanGrammar {
        kinds: Vec::new(),
        max_items: 100,
        max_depth: 6,
        max_deps: 8,
        max_text_chars: 400,
        ..PlanGrammar::default()
    };
    let line = |n: usize| {
        let deps: String = (n.saturating_sub(8).max(1)..n).map(|dep| format!(" S{dep}")).collect();
        let arrow = if n > 1 { " <-" } else { "" };
        format!("{}S{n}{arrow}{deps}: {}", "  ".repeat((n - 1).min(6)), "x".repeat(400))
    };
    let lines: Vec<String> = (1..=100).map(line).collect();
    assert!(engine.accepts(&grammar.lark(), &lines.join("\n")));
}

/// Plans with links, nested, pinned and muted items, and texts with what grammars have to escape.
fn edited_plans() -> Vec<(&'static str, Plan)> {
    let texts = [
        (
            "math",
            "C1: boxes = 20\nC2: sold = 45\nS1 <- C1: total = boxes * 6\nS2 <- S1 C2: answer = total - sold",
        ),
        ("boolean", "S1: pump = false\nS2 <- S1: valve = true\nS3 <- S1: alarm = true"),
        (
            "free",
            "C1: two \"short\" sentences / no more\n  S1 <- C1: ask \\ (for it)\n  S2 <- S1: thank\nS3: sign",
        ),
        ("math", "C1 {pinned}: a = 1\nS1 <- C1: b = a * 2\nS2 {muted}: c = 3\nS3 <- S1 S2: answer = b"),
    ];
    texts.into_iter().map(|(family, text)| (family, parse(text).expect(text))).collect()
}

#[test]
fn whatever_edit_is_drawn_can_be_made_and_changes_the_plan() {
    let engine = Engine::new();
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    for (family, plan) in edited_plans() {
        let problem = Problem::new("p", family, "How many?");
        let framing = problem.family().framing(&problem);
        let ids = IdSource::of(&plan);
        for &kind in EditKind::ALL {
            let lark = grammar::grammar(kind, &framing, &plan, &ids);
            assert_eq!(grammar::is_possible(kind, &framing, &plan, &ids), lark.is_some(), "{kind:?}");
            let Some(lark) = lark else { continue };
            for _ in 0..30 {
                let line = format!("{}{}", kind.begin(), engine.sample(&lark, &mut rng));
                let edit = form::parse(&line, &plan, &ids).unwrap_or_else(|why| panic!("{line}: {why}"));
                let made = edit.apply(&plan, Origin::Refined);
                let (changed, _) = made.unwrap_or_else(|why| panic!("{line}: {why}"));
                assert_ne!(changed.hash(), plan.hash(), "{line}\n{}", print(&plan, Style::Bare));
            }
        }
    }
}

#[test]
fn a_line_may_be_kept_where_lines_are_restored_and_not_where_one_is_mended() {
    let engine = Engine::new();
    let (family, plan) = edited_plans().swap_remove(0);
    let problem = Problem::new("p", family, "How many?");
    let framing = problem.family().framing(&problem);
    let id: ItemId = "S1".parse().unwrap();
    let mended = grammar::grammar_of(EditKind::Replace, &framing, &plan, id).unwrap();
    assert!(!engine.accepts(&mended, " S1 <- C1: total = boxes * 6"));
    assert!(engine.accepts(&mended, " S1 <- C1: total = boxes * 7"));
    assert!(
        engine.accepts(&mended, " S1 <- C2: total = boxes * 6"),
        "what it builds on may be what is wrong"
    );
    let restored = grammar::grammar_of_lines(&framing, &plan, &[id]).unwrap();
    assert!(engine.accepts(&restored, "S1 <- C1: total = boxes * 6"));
    assert!(engine.accepts(&restored, "S1 <- C1 C2: total = boxes * 6"));
}

#[test]
fn a_repaired_call_takes_results_of_new_lines_and_of_no_later_ones() {
    let engine = Engine::new();
    let plan = plan::parse(
        "T1: find_customer(name=\"Omar Haddad\")\nT2 <- T1: find_order(customer=T1.id, product=T1.id)\n\
         T3 <- T2: cancel_order(order=T2.id)",
    )
    .unwrap();
    let framing = Problem::new("p", "tools", "Cancel it.").family().framing(&Problem::new("p", "tools", ""));
    let ids = |name: &str| vec![name.parse::<ItemId>().unwrap()];
    let item = ids("T2")[0];
    let lark = grammar::grammar_of_repair(&framing, &plan, item, &[ids("T4"), ids("T5")]).unwrap();
    let product = "T4: find_product(name=\"teapot\")\n";
    let other = "T5 <- T4: find_product(name=\"vase\")\n";
    let repaired = "T2 <- T1 T4: find_order(customer=T1.id, product=T4.id)";
    for good in [format!("{product}{repaired}"), format!("{product}{other}{repaired}"), repaired.to_owned()] {
        assert!(engine.accepts(&lark, &good), "{good}");
    }
    for bad in [
        format!("{other}{repaired}"),
        format!("{product}T2 <- T1: find_order(customer=T1.id, product=T2.id)"),
        format!("{product}T2 <- T1: find_order(customer=T3.customer, product=T4.id)"),
        format!("T4: get_order(order=T3.id)\n{repaired}"),
        format!("T4: get_order(order=T5.id)\n{repaired}"),
        "T2 <- T1: find_order(customer=T1.id, product=T1.id)".to_owned(),
        product.trim_end().to_owned(),
    ] {
        assert!(!engine.accepts(&lark, &bad), "{bad}");
    }
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for _ in 0..30 {
        let text = engine.sample(&lark, &mut rng);
        let last = text.lines().next_back().unwrap_or_default();
        assert!(last.starts_with("T2") && text.lines().count() <= 3, "{text}");
    }
}
