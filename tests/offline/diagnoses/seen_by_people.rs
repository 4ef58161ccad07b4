//! What a person sees within a minute of looking at a run: each on a run that has it, and on one that has not.

use model::Cost;
use plan::{Edit, ItemId, Plan};
use problem::Problem;
use session::{
    Ballot, Event, Finding, FindingVerdict, Judgement, PartSpread, PlainAnswer, Purpose, Rescore, ScorePart,
    Settings, ShadowPoint, ShadowSide, Spread,
};

use support::walks::{Signal, World, part, run, settings};

const TEXT: &str = "A shop has 20 boxes with 6 pens each and has sold 45 pens. Each of the others costs $3, and 25% of \
                    the takings are tax. How many dollars do they bring?";
const PLAN: &str = "C1: boxes = 20\nC2: each = 6\nC3: sold = 45\nC4: price = 3\nS1 <- C1 C2: total = boxes * each\n\
                    S2 <- S1 C3: left = total - sold\nS3 <- S2 C4: answer = left * price";

fn pens() -> Problem {
    Problem::new("pens", "math", TEXT)
}

fn plan() -> Plan {
    plan::parse(PLAN).unwrap()
}

/// Parts of a score: what asks nobody, and what asks the model.
fn parts(checker: f64, structure: f64, self_check: f64) -> Vec<ScorePart> {
    vec![
        part("structure", structure, 0.2),
        part("checker", checker, 0.5),
        part("self_check", self_check, 0.3),
    ]
}

fn world() -> World {
    World::of(&pens(), settings(1, "greedy"), plan(), parts(0.5, 0.5, 0.6))
}

fn replace(id: &str, text: &str) -> Edit {
    Edit::Replace { id: id.parse().unwrap(), text: text.into() }
}

fn step(world: &mut World, id: &str, text: &str, parts: Vec<ScorePart>) {
    world.scored(&pens(), vec![(replace(id, text), parts)]);
}

/// The incumbent gets these values of the self-check in other words.
fn rescore(world: &mut World, values: &[f64]) {
    let plan = world.state.incumbent.as_ref().unwrap().plan.hash();
    let spread = Spread::of(values).unwrap();
    let part = PartSpread { name: "self_check".into(), spread: spread.clone(), values: values.to_vec() };
    world.push(Event::Rescored { rescore: Rescore { plan, total: spread, parts: vec![part] } });
}

fn is(world: &World, name: &str, verdict: FindingVerdict) -> Finding {
    let found = world.found(name);
    assert_eq!(found.verdict, verdict, "{found:?}");
    assert_eq!(found.cost, Cost::default());
    if verdict == FindingVerdict::Fault {
        assert!(!found.evidence.is_empty() && found.advice.is_some(), "{found:?}");
        assert!(found.at.is_some_and(|at| (at as usize) < world.records.len()), "{found:?}");
    }
    found
}

fn fault(world: &World, name: &str) -> Finding {
    is(world, name, FindingVerdict::Fault)
}

fn clear(world: &World, name: &str) -> Finding {
    is(world, name, FindingVerdict::Clear)
}

fn undecided(world: &World, name: &str) -> Finding {
    is(world, name, FindingVerdict::Undecided)
}

/// A run whose one gain comes from the self-check alone, which then scatters by about `noise` from wording to wording.
fn gained(gain: f64, noise: f64) -> World {
    let mut world = world();
    rescore(&mut world, &[0.6 + noise, 0.6 - noise, 0.6 + 2.0 * noise]);
    step(&mut world, "S1", "total = each * boxes", parts(0.5, 0.5, 0.6 + gain));
    rescore(&mut world, &[0.6 + gain - noise, 0.6 + gain + noise, 0.6 + gain - 2.0 * noise]);
    world
}

#[test]
fn a_gain_within_noise() {
    let found = fault(&gained(0.02, 0.03), "within_noise");
    assert!(found.sentence.starts_with("1 of 1 accepted edits"), "{}", found.sentence);
    assert!(found.sentence.contains("+0.006 in iteration 1"), "{}", found.sentence);
    let sigma = found.evidence.iter().find(|row| row.label.contains("self_check")).unwrap();
    assert!(sigma.label.contains("from 3 degrees of freedom"), "two plans, four wordings: {}", sigma.label);
    assert_eq!(found.items, ["S1".parse::<ItemId>().unwrap()]);
    clear(&gained(0.3, 0.03), "within_noise");
    clear(&gained(0.02, 0.001), "within_noise");
}

#[test]
fn a_gate_that_holds_gains_against_noise_itself_is_not_doubted() {
    let held = |gate| {
        let mut world = World::of(&pens(), settings(1, gate), plan(), parts(0.5, 0.5, 0.6));
        rescore(&mut world, &[0.6, 0.601, 0.599]);
        step(&mut world, "S1", "total = each * boxes", parts(0.5, 0.5, 0.62));
        // Only now does the self-check turn out to scatter.
        rescore(&mut world, &[0.4, 0.8, 0.5]);
        world
    };
    fault(&held("greedy"), "within_noise");
    let found = clear(&held("clear"), "within_noise");
    assert_eq!(
        found.sentence,
        "The gate held the gains of all 1 accepted edits against the noise of their scores."
    );
}

#[test]
fn a_wording_that_shifts_all_plans_alike_is_no_noise_of_a_gain() {
    let mut world = world();
    rescore(&mut world, &[0.8, 0.4, 0.7]);
    step(&mut world, "S1", "total = each * boxes", parts(0.5, 0.5, 0.62));
    rescore(&mut world, &[0.82, 0.42, 0.72]);
    clear(&world, "within_noise");
}

#[test]
fn without_known_noise_a_gain_cannot_be_held_against_it() {
    let mut alone = world();
    undecided(&alone, "within_noise");
    step(&mut alone, "S1", "total = each * boxes", parts(0.5, 0.5, 0.62));
    let found = undecided(&alone, "within_noise");
    assert!(found.sentence.contains("How far self_check scatters is not known"), "{}", found.sentence);
    // Parts that ask nobody have no noise, so that the smallest gain counts.
    let exact = |checker| vec![part("structure", 0.5, 0.2), part("checker", checker, 0.5)];
    let mut world = World::of(&pens(), settings(1, "greedy"), plan(), exact(0.5));
    step(&mut world, "S1", "total = each * boxes", exact(0.501));
    clear(&world, "within_noise");
}

#[test]
fn noise_is_told_from_settings_and_controls_too() {
    let noise = [("checker".to_owned(), session::ScoreNoise { sigma: 0.1, frozen: false })];
    let noisy = Settings { score_noise: noise.into(), ..settings(1, "greedy") };
    let checker = |value| vec![part("checker", value, 0.5)];
    let set = |gain: f64| {
        let mut world = World::of(&pens(), noisy.clone(), plan(), checker(0.5));
        step(&mut world, "S1", "total = each * boxes", checker(0.5 + gain));
        world
    };
    fault(&set(0.1), "within_noise");
    clear(&set(0.4), "within_noise");
}

#[test]
fn an_edit_that_the_checker_finds_worse() {
    let worse = |gate, self_check: f64| {
        let mut world = World::of(&pens(), settings(1, gate), plan(), parts(1.0, 0.5, 0.6));
        step(&mut world, "S2", "left = total - sold - 10", parts(0.98, 0.5, self_check));
        world
    };
    let found = fault(&worse("greedy", 0.9), "checker_worse");
    assert!(
        found.sentence.starts_with("1 of 1 accepted edits made the checker's part worse"),
        "{}",
        found.sentence
    );
    let by_design = clear(&worse("threshold -1.0", 0.1), "checker_worse");
    assert!(
        by_design.sentence.contains("where the gate threshold margin=-1.0 took"),
        "{}",
        by_design.sentence
    );
    let mut fine = world();
    undecided(&fine, "checker_worse");
    step(&mut fine, "S1", "total = each * boxes", parts(0.5, 0.6, 0.6));
    clear(&fine, "checker_worse");
}

#[test]
fn a_number_from_nowhere() {
    let edited = |id: &str, text: &str| {
        let mut world = world();
        step(&mut world, id, text, parts(0.6, 0.6, 0.6));
        world
    };
    let found = fault(&edited("S2", "left = total - sold - 10"), "stray_number");
    assert_eq!(
        found.sentence,
        "1 of 1 accepted edits bring a number from nowhere: S2 has 10 since iteration 1."
    );
    assert_eq!(found.items, ["S2".parse::<ItemId>().unwrap()]);
    // Next to a number that the problem gives otherwise, the one that it does not give is named.
    let found = fault(&edited("S3", "answer = left * price * 0.25 - 17"), "stray_number");
    assert!(found.sentence.contains("S3 has 17"), "{}", found.sentence);
    for (id, text) in [
        ("S2", "left = 20 * each - 45"),
        ("S3", "answer = left * price * (1 - 25%)"),
        ("S3", "answer = left * price * 0.75"),
        ("S3", "answer = left * price * 2 / 100"),
        ("S2", "left = 120 - sold"),
        ("C2", "each = 6 pens a box"),
    ] {
        clear(&edited(id, text), "stray_number");
    }
}

#[test]
fn numbers_that_a_plan_had_before_and_families_without_origins_raise_no_alarm() {
    // The draft made up the 17; an edit that uses it again brings nothing new.
    let draft = plan::parse(&PLAN.replace("sold = 45", "sold = 17")).unwrap();
    let mut world = World::of(&pens(), settings(1, "greedy"), draft, parts(0.5, 0.5, 0.6));
    step(&mut world, "S2", "left = total - 17", parts(0.6, 0.6, 0.6));
    clear(&world, "stray_number");
    let words = run(1, "greedy", Signal::Quality { noise: 0.0 }, 10, 2);
    let found = undecided(&words, "stray_number");
    assert!(found.sentence.contains("family free"), "{}", found.sentence);
    let asks = |problem: &Problem| {
        let report = problem.family().check_plan(problem, &Plan::default());
        report.tallies.iter().any(|tally| tally.check == "origin")
    };
    let bundled = problem::list_bundled();
    let families: std::collections::BTreeSet<&str> =
        bundled.iter().filter(|problem| asks(problem)).map(|problem| problem.family.as_str()).collect();
    assert_eq!(families.into_iter().collect::<Vec<_>>(), ["math", "tools"], "of those that are bundled");
}

/// Three decisions; in the second one the self-check and the checker disagree by `self_check`.
fn scored_thrice(cost: f64, self_check: f64) -> World {
    scored_thrice_in(world(), cost, self_check)
}

fn scored_thrice_in(mut world: World, cost: f64, self_check: f64) -> World {
    for (at, text) in ["total = each * boxes", "total = 6 * boxes", "total = boxes * 6"].iter().enumerate() {
        world.spends(Purpose::Propose, (40, 100), 1e9);
        world.spends(Purpose::Score("self_check"), (0, 120), cost);
        let up = 0.1 * (at + 1) as f64;
        let own = if at == 1 { self_check } else { 0.6 };
        step(&mut world, "S1", text, parts(0.5 + up, 0.5, own));
    }
    world
}

#[test]
fn a_part_of_the_score_that_decides_nothing() {
    let found = fault(&scored_thrice(2e9, 0.6), "idle_scorer");
    assert!(
        found.sentence.contains("without it all 3 decisions would have been the same"),
        "{}",
        found.sentence
    );
    let found = clear(&scored_thrice(2e9, 0.1), "idle_scorer");
    assert!(found.sentence.contains("without it 1 of 3 decisions"), "{}", found.sentence);
    let cheap = clear(&scored_thrice(0.5e9, 0.6), "idle_scorer");
    assert_eq!(cheap.sentence, "No part of the score costs more than proposing.");
    // Where operations are not known, tokens are counted: 120 against 140.
    clear(&scored_thrice(0.0, 0.6), "idle_scorer");
    undecided(&world(), "idle_scorer");
    let lengthy = run(1, "coin_flip 0.5", Signal::Constant, 10, 2);
    assert!(undecided(&lengthy, "idle_scorer").sentence.contains("coin_flip"));
    let free = run(1, "greedy", Signal::Quality { noise: 0.0 }, 10, 2);
    assert_eq!(clear(&free, "idle_scorer").sentence, "No part of the score asks the model.");
}

#[test]
fn a_gate_that_knows_the_noise_decides_by_totals_too() {
    let run = |values: &[f64]| {
        let gate = "clear";
        let mut world = World::of(&pens(), settings(1, gate), plan(), parts(0.5, 0.5, 0.6));
        rescore(&mut world, values);
        scored_thrice_in(world, 2e9, 0.6)
    };
    let quiet = fault(&run(&[0.6, 0.6, 0.6]), "idle_scorer");
    assert!(quiet.sentence.contains("without it all 3 decisions"), "{}", quiet.sentence);
    // What it does here is to keep the gate from knowing better.
    let loud = fault(&run(&[0.9, 0.2, 0.7]), "idle_scorer");
    assert!(loud.sentence.contains("differ by less than its noise"), "{}", loud.sentence);
}

#[test]
fn a_decision_within_noise_is_none() {
    let decided = |noise: f64| {
        let mut world = scored_thrice(2e9, 0.6);
        rescore(&mut world, &[0.6 + noise, 0.6 - noise, 0.6 + 2.0 * noise]);
        step(&mut world, "S1", "total = 20 * 6", parts(0.8, 0.5, 0.62));
        rescore(&mut world, &[0.62 - noise, 0.62 + noise, 0.62 - 2.0 * noise]);
        world
    };
    let found = fault(&decided(0.03), "idle_scorer");
    assert!(
        found.sentence.contains("all between plans that differ by less than its noise"),
        "{}",
        found.sentence
    );
    clear(&decided(0.001), "idle_scorer");
}

/// A run with plain answers of these lengths decoded next to it.
fn alongside(lengths: &[u32], spent: u64) -> World {
    let mut world = world();
    world.spends(Purpose::Propose, (spent, 100), 0.0);
    let side =
        |value: &str| ShadowSide { tokens: 1, value: Some(value.into()), judgement: Judgement::NoGold };
    let plain = |tokens: &u32| PlainAnswer {
        ballot: Ballot {
            value: Some("225".into()),
            votes: 1,
            score: None,
            tokens: *tokens,
            truncated: *tokens == 999,
            seed: 0,
        },
        judgement: Judgement::NoGold,
    };
    let point = ShadowPoint {
        iteration: 0,
        plan: plan().hash(),
        length: 10,
        refined: side("225"),
        plain: Some(side("225")),
        fresh: lengths.iter().map(plain).collect(),
    };
    world.push(Event::Shadowed { point: Box::new(point) });
    world
}

#[test]
fn a_run_that_is_dearer_than_plain_decoding() {
    let mut dear = alongside(&[100, 140], 480);
    let found = fault(&dear, "dearer");
    assert!(found.sentence.contains("480 tokens, 4.0 times as many"), "{}", found.sentence);
    assert!(!found.sentence.contains("states the same"), "there is no answer yet");
    dear.answer("225", true);
    assert!(fault(&dear, "dearer").sentence.contains("and states the same"));
    clear(&alongside(&[100, 140], 120), "dearer");
    undecided(&alongside(&[100, 140], 130), "dearer");
    assert!(undecided(&alongside(&[999], 480), "dearer").sentence.contains("was complete"));
    undecided(&world(), "dearer");
}
