//! Several answers, longer ones, plans that look at none before, and strict budgets.

use model::{Request, ThinkingSettings};
use plan::{Style, print};
use session::{
    AnswerChoice, AnswerSettings, BudgetLimits, ChainSettings, Event, Mode, Outcome, Purpose, RefinementStop,
    Settings, Weights,
};

use support::walks::rule;

use super::puppet::{DRAFT, Puppet, settings};

fn direct(n: u32, choice: AnswerChoice) -> Settings {
    let answers = AnswerSettings { n, choice, ..Default::default() };
    Settings { mode: Mode::Direct, answers, answer_temperature: 0.7, ..settings() }
}

fn strict(generated: u64) -> BudgetLimits {
    BudgetLimits { generated: Some(generated), strict: true, ..BudgetLimits::default() }
}

/// The sequences of each call for an answer.
fn widths(puppet: &Puppet) -> Vec<usize> {
    let answers = puppet.requests.iter().filter(|(purpose, _)| *purpose == Purpose::Direct);
    answers.map(|(_, request)| request.sequences()).collect()
}

#[test]
fn the_majority_of_answers_side_by_side_is_taken() {
    let mut puppet = Puppet::new(direct(5, AnswerChoice::Majority));
    puppet.answers = vec!["The answer is 1.", "The answer is 2.", "So the answer is 2.0."];
    puppet.run();
    assert_eq!(widths(&puppet), [5], "one batch where no budget binds");
    let (_, Request::Generate { generations }) = &puppet.requests[0] else { panic!() };
    let seeds: std::collections::HashSet<u64> =
        generations.iter().map(|generation| generation.sampling.seed).collect();
    assert_eq!(seeds.len(), 5);
    assert!(generations.iter().all(|generation| generation.sampling.temperature == 0.7));
    let answer = puppet.state().answer.clone().unwrap();
    let poll = answer.poll.as_ref().unwrap();
    assert_eq!((answer.value.as_deref(), poll.taken, poll.ballots[1].votes), (Some("2"), 1, 3));
    assert_eq!(poll.ballots.iter().map(|ballot| ballot.seed).collect::<Vec<_>>().len(), 5);
    assert_eq!(puppet.outcome(), Outcome::Answered);
    puppet.replays();
}

#[test]
fn the_best_answer_is_the_one_that_the_model_is_surest_of() {
    let mut puppet = Puppet::new(direct(3, AnswerChoice::Best));
    puppet.answers = vec!["The answer is 1.", "I am quite sure that the answer is 2.", "The answer is 1."];
    puppet.run();
    let answer = puppet.state().answer.clone().unwrap();
    let poll = answer.poll.unwrap();
    assert_eq!((answer.value.as_deref(), poll.taken), (Some("2"), 1));
    assert!(poll.ballots.iter().all(|ballot| ballot.score.is_some()));
    assert!(poll.ballots[1].score > poll.ballots[0].score);
    assert_eq!(puppet.requests.last().unwrap().0, Purpose::Verify);
    assert!(puppet.state().run_cost().calls == 2, "checks count");
}

#[test]
fn several_answers_come_from_a_plan_too() {
    let mut config = direct(3, AnswerChoice::Majority);
    config.mode = Mode::Draft;
    let mut puppet = Puppet::new(config);
    puppet.run();
    let answer = puppet.state().answer.clone().unwrap();
    assert_eq!(answer.poll.unwrap().ballots.len(), 3);
    assert!(answer.plan.is_some() && !answer.coverage.is_empty());
}

#[test]
fn under_a_strict_budget_as_many_answers_come_as_can_be_paid() {
    let mut config = direct(100, AnswerChoice::Majority);
    config.budget = strict(1000);
    let mut puppet = Puppet::new(config);
    puppet.length = 90;
    puppet.run();
    assert_eq!(widths(&puppet), [1, 8, 2], "the first shows what the next cost");
    let spent = puppet.state().run_cost().generated;
    assert_eq!(spent, 990);
    assert_eq!(puppet.state().answer.clone().unwrap().poll.unwrap().ballots.len(), 11);
}

#[test]
fn a_chain_of_thought_goes_on_until_the_budget_is_spent() {
    let mut config = Settings { mode: Mode::Direct, budget: strict(250), ..settings() };
    config.chain = ChainSettings { tokens: 1 << 20, extend: 64, ..ChainSettings::default() };
    let mut puppet = Puppet::new(config);
    puppet.length = 100;
    puppet.answers = vec!["The answer is 1.", " no. The answer is 2.", " yes: the answer is 3"];
    puppet.run();
    let answer = puppet.state().answer.clone().unwrap();
    assert_eq!(answer.text, "The answer is 1.\nWait, no. The answer is 2.\nWait, yes: the answer is 3");
    assert_eq!((answer.extended, answer.truncated), (2, true));
    assert_eq!(puppet.state().run_cost().generated, 250);
    let (_, Request::Generate { generations }) = puppet.requests.last().unwrap() else { panic!() };
    assert!(generations[0].prompt.prefill.ends_with("The answer is 2.\nWait,"));
    assert_eq!(generations[0].max_tokens, 50);
    puppet.replays();
}

fn thinking(tokens: u32, base: Settings) -> Settings {
    Settings { thinking: ThinkingSettings { tokens, ..ThinkingSettings::default() }, ..base }
}

#[test]
fn what_a_model_thinks_is_recorded_and_counted_but_never_read() {
    let plain = |thought| {
        let mut puppet = Puppet::new(thinking(thought, settings()));
        (puppet.length, puppet.thought) = (20, 60);
        puppet.run();
        puppet
    };
    let (without, with) = (plain(0), plain(50));
    let result = |puppet: &Puppet| {
        let state = puppet.state();
        let answer = state.answer.clone().unwrap();
        (print(&state.answer_plan().unwrap().plan, Style::Bare), answer.text, answer.value)
    };
    assert_eq!(result(&with), result(&without), "plan and answer are those of the texts");
    let texts = |puppet: &Puppet| {
        let writes = puppet.requests.iter().filter_map(|(purpose, request)| match request {
            Request::Generate { generations } => Some((*purpose, generations.clone())),
            _ => None,
        });
        writes.collect::<Vec<_>>()
    };
    let purposes: Vec<Purpose> = texts(&with).iter().map(|(purpose, _)| *purpose).collect();
    assert!([Purpose::Draft, Purpose::Propose, Purpose::Answer].iter().all(|own| purposes.contains(own)));
    assert!(texts(&with).iter().flat_map(|(_, all)| all).all(|generation| generation.thinking == 50));
    assert!(texts(&without).iter().flat_map(|(_, all)| all).all(|generation| generation.thinking == 0));
    let (cost, less) = (with.state().run_cost(), without.state().run_cost());
    assert_eq!((less.thinking, cost.thinking % 50), (0, 0));
    assert!(cost.thinking > 0 && cost.generated > cost.thinking, "{cost:?}");
    let kept = with.records.iter().any(|record| match &record.event {
        Event::CallFinished { cost, .. } => cost.thinking > 0,
        _ => false,
    });
    assert!(kept, "each call says how much of it was thought");
    with.replays();
}

#[test]
fn a_strict_budget_counts_thinking() {
    let mut config = thinking(300, direct(100, AnswerChoice::Majority));
    config.budget = strict(1000);
    let mut puppet = Puppet::new(config);
    (puppet.length, puppet.thought) = (40, 160);
    puppet.run();
    assert_eq!(widths(&puppet), [1, 4, 1], "an answer costs its thinking too");
    let poll = puppet.state().answer.clone().unwrap().poll.unwrap();
    let tokens: Vec<u32> = poll.ballots.iter().map(|ballot| ballot.tokens).collect();
    assert_eq!(tokens, [200, 140, 140, 140, 140, 160], "several share what is left");
    assert_eq!(puppet.state().run_cost().generated, 920);
    for limit in [120, 300, 600] {
        let config = Settings { iterations: 100, answer_tokens: 40, budget: strict(limit), ..settings() };
        let mut puppet = Puppet::new(thinking(40, config));
        (puppet.length, puppet.thought) = (40, 90);
        puppet.draft_length = 20;
        puppet.run();
        let spent = puppet.state().run_cost().generated;
        assert!(spent <= limit, "{spent} of {limit}");
    }
}

#[test]
fn a_plain_direct_answer_is_what_it_was() {
    let mut puppet = Puppet::new(Settings { mode: Mode::Direct, ..settings() });
    puppet.run();
    let (_, Request::Generate { generations }) = &puppet.requests[0] else { panic!() };
    assert_eq!((generations.len(), generations[0].max_tokens), (1, 1024));
    let answer = puppet.state().answer.clone().unwrap();
    assert_eq!((answer.poll, answer.extended), (None, 0));
}

const GOOD: &str = "C1: boxes = 20\nC2: pens = 6\nC3: sold = 45\nS1 <- C1 C2: total = boxes * pens\nS2 <- S1 C3: answer = total - sold";

fn redrafting() -> Settings {
    let proposers = Weights::of([("redraft", 1.0)]);
    Settings { proposers, gate: rule("greedy"), iterations: 20, ..settings() }
}

#[test]
fn redrafts_with_the_greedy_gate_are_best_of_n() {
    let mut puppet = Puppet::new(Settings { iterations: 3, ..redrafting() });
    puppet.proposals = vec![vec!["S1: answer = 3"], vec![GOOD], vec![DRAFT]];
    puppet.run();
    let best = puppet.state().best.clone().unwrap();
    assert_eq!(print(&best.plan, Style::Bare), GOOD);
    assert_eq!(puppet.state().answer.clone().unwrap().plan, Some(best.plan.hash()));
    let (_, Request::Generate { generations }) =
        puppet.requests.iter().find(|(purpose, _)| *purpose == Purpose::Propose).unwrap()
    else {
        panic!()
    };
    let (_, Request::Generate { generations: drafts }) = &puppet.requests[0] else { panic!() };
    assert_eq!(generations[0].prompt, drafts[0].prompt, "it looks at no plan before");
    assert_eq!(generations[0].grammar, drafts[0].grammar);
    assert!(generations[0].sampling.temperature > 0.0);
    puppet.replays();
}

#[test]
fn redrafting_ends_with_the_first_plan_that_passes_every_check() {
    let mut puppet = Puppet::new(Settings { until_clean: true, ..redrafting() });
    puppet.draft = "S1: answer = undefined + 3";
    puppet.proposals = vec![vec!["nonsense"], vec![GOOD]];
    puppet.run();
    assert_eq!(puppet.state().refinement_stop, Some(RefinementStop::Clean));
    assert_eq!(puppet.state().finished_iterations(), 2);
}

#[test]
fn the_last_round_of_a_strict_budget_has_as_many_proposals_as_can_be_paid() {
    let mut config = Settings { proposals: 4, answer_tokens: 40, budget: strict(265), ..redrafting() };
    config.gate = rule("coin_flip 0.0");
    let mut puppet = Puppet::new(config);
    puppet.length = 40;
    puppet.draft_length = 20;
    puppet.run();
    let proposed = puppet.requests.iter().filter(|(purpose, _)| *purpose == Purpose::Propose);
    let widths: Vec<usize> = proposed.map(|(_, request)| request.sequences()).collect();
    // 20 for the draft and 40 for the answer leave 205: ten plans of 20.
    assert_eq!(widths, [4, 4, 2]);
    assert_eq!(puppet.state().run_cost().generated, 260);
}

#[test]
fn a_strict_budget_keeps_the_answer_and_is_never_passed() {
    for limit in [60, 100, 130, 200, 500] {
        let mut config = Settings { iterations: 100, answer_tokens: 40, budget: strict(limit), ..settings() };
        config.gate = rule("coin_flip 0.0");
        let mut puppet = Puppet::new(config);
        puppet.length = 40;
        puppet.run();
        let spent = puppet.state().run_cost().generated;
        assert!(spent <= limit, "{spent} of {limit}");
        assert!(limit < 150 || spent + 20 > limit, "{spent} of {limit}");
        assert!(matches!(puppet.state().refinement_stop, Some(RefinementStop::Budget { .. })));
        let kept = puppet.records.iter().any(|record| matches!(&record.event, Event::RefinementEnded { reason: RefinementStop::Budget { meter } } if meter.contains("and the answer")));
        assert!(kept);
    }
}
