//! Scorers at work, one after the other, and the best plans scored again before the answer.

use model::{Cost, Request};
use planscope::cli::lines::EventLines;
use session::{
    BudgetLimits, Combine, Event, Outcome, Phase, PrmSettings, Purpose, Ruling, ScoreNoise, ScorePart,
    Settings, State, Subject, Weights,
};

use super::puppet::{Puppet, settings};

fn only(names: &[&str]) -> Settings {
    Settings { scorers: Weights::of(names.iter().map(|name| (*name, 1.0))), ..settings() }
}

fn first_parts(puppet: &Puppet) -> Vec<ScorePart> {
    let scored = puppet.records.iter().find_map(|record| match &record.event {
        session::Event::Scored { score, .. } => Some(score.parts.clone()),
        _ => None,
    });
    scored.expect("a score")
}

fn calls(puppet: &Puppet, purpose: Purpose) -> Vec<&Request> {
    puppet.requests.iter().filter(|(of, _)| *of == purpose).map(|(_, request)| request).collect()
}

#[test]
fn all_scorers_take_their_turns() {
    let mut config = settings();
    let expected = [
        "structure",
        "checker",
        "self_check",
        "likelihood",
        "pmi",
        "agreement",
        "consensus",
        "votes",
        "contradiction",
        "prm",
        "command",
    ];
    config.scorers = Weights::of(expected.map(|name| (name, 1.0)));
    config.prm =
        PrmSettings { model: Some("prm.gguf".into()), combine: Combine::Product, ..PrmSettings::default() };
    config.scorer_command.path = Some("score.py".into());
    config.rollouts.n = 4;
    let mut puppet = Puppet::new(config);
    puppet.run();
    assert_eq!(puppet.outcome(), Outcome::Answered);
    let parts = first_parts(&puppet);
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, expected);
    let part = |name: &str| parts.iter().find(|part| part.name == name).unwrap();
    let value = |name: &str| part(name).value.unwrap();
    assert!((value("likelihood") - (-0.5_f64).exp()).abs() < 1e-6);
    assert!((value("pmi") - 1.0 / (1.0 + (-1.0_f64).exp())).abs() < 1e-6);
    assert_eq!(value("agreement"), 0.75);
    assert_eq!(value("prm"), 0.0625, "four items");
    // The draft takes boxes times boxes, 400 - 45 = 355, which one of four answers without a plan gives too.
    assert_eq!(value("consensus"), 0.25);
    assert!(parts.iter().filter(|part| part.cost.fresh > 0).count() >= 4);
    puppet.replays();
}

#[test]
fn a_command_without_a_word_leaves_its_part_open_and_the_run_goes_on() {
    let mut settings = only(&["checker", "command"]);
    settings.scorer_command.path = Some("score.py".into());
    let mut puppet = Puppet::new(settings);
    puppet.run();
    assert_eq!(puppet.outcome(), Outcome::Answered);
    let scores: Vec<_> = puppet
        .records
        .iter()
        .filter_map(|record| match &record.event {
            session::Event::Scored { score, .. } => score.part("command").cloned(),
            _ => None,
        })
        .collect();
    assert_eq!((scores[0].value, scores[0].detail.as_str()), (None, "The command score.py wrote nothing."));
    assert_eq!((scores[1].value, scores[1].stderr), (Some(0.5), Some(0.1)));
    assert_eq!(scores[1].detail, "Parts: S1 0.75.");
    let Some(Request::Appraise { command, plans }) =
        calls(&puppet, Purpose::Score("command")).first().copied()
    else {
        panic!("the command is asked through a call that is recorded");
    };
    assert_eq!((command.path.as_str(), command.timeout_ms, plans.len()), ("score.py", 10_000, 1));
    assert!(!plans[0].to_string().contains(super::puppet::GOLD));
    puppet.replays();
}

#[test]
fn a_command_that_is_not_named_gives_no_value() {
    let mut puppet = Puppet::new(only(&["checker", "command"]));
    puppet.run();
    assert_eq!(puppet.outcome(), Outcome::Answered);
    let part = first_parts(&puppet).pop().unwrap();
    assert!(part.value.is_none() && part.detail.contains("No command is named"), "{}", part.detail);
    assert!(calls(&puppet, Purpose::Score("command")).is_empty());
}

#[test]
fn what_is_known_once_is_not_asked_again() {
    let mut puppet = Puppet::new(only(&["checker", "consensus"]));
    puppet.run();
    assert_eq!(
        calls(&puppet, Purpose::Score("rollouts")).len(),
        1,
        "answers without a plan serve the whole session"
    );
    let accepted = puppet.state().proposals.rulings.accepted;
    assert_eq!(accepted, 1, "20 boxes of 6 pens less 45 is what the answers without a plan say");
}

#[test]
fn the_labelled_pairs_are_asked_about_once() {
    let mut puppet = Puppet::new(only(&["contradiction"]));
    puppet.run();
    let prompts: Vec<usize> = calls(&puppet, Purpose::Score("contradiction"))
        .into_iter()
        .map(|request| match request {
            Request::Choose { prompts, .. } => prompts.len(),
            _ => panic!("statements are compared by yes or no"),
        })
        .collect();
    // Four items make six pairs, asked both ways; the first call has the twenty labelled pairs too.
    assert_eq!(prompts[..2], [40 + 12, 12]);
}

#[test]
fn a_scorer_is_skipped_where_it_cannot_change_the_decision() {
    const WORSE: &str = " S1 <- C1 C2: total = boxes * pns";
    const BETTER: &str = " S1 <- C1 C2: total = boxes * pens";
    let run = |score_all, gate: &str, proposals: &[&'static str]| {
        let mut settings = only(&["checker", "self_check"]);
        settings.scorers.set("checker", 1.0);
        settings.scorers.set("self_check", 0.02);
        settings.gate = engine::gate::parse(gate).unwrap();
        let proposed = proposals.len() as u32;
        let mut puppet = Puppet::new(Settings { score_all, iterations: 1, proposals: proposed, ..settings });
        puppet.proposals = vec![proposals.to_vec()];
        puppet.run();
        puppet.replays();
        puppet
    };
    let asked = |puppet: &Puppet| calls(puppet, Purpose::Score("self_check")).len();
    let (skipping, all) = (run(false, "clear", &[WORSE]), run(true, "clear", &[WORSE]));
    assert_eq!((asked(&skipping), asked(&all)), (asked(&all) - 1, asked(&all)));
    let scored = |puppet: &Puppet| -> Vec<session::Score> {
        let events = puppet.records.iter().filter_map(|record| match &record.event {
            Event::Scored { subject: Subject::Candidate(_), score } => Some(score.clone()),
            _ => None,
        });
        events.collect()
    };
    let score = &scored(&skipping)[0];
    let part = score.part("self_check").unwrap();
    assert!(part.skipped && part.value.is_none() && part.cost == Cost::default(), "{part:?}");
    assert!(part.detail.starts_with("Skipped: even with 1 here the total would be 0."), "{}", part.detail);
    assert_eq!(score.total, None, "a total over fewer parts compares with no other");
    let verdict = |puppet: &Puppet| {
        let decided = puppet.records.iter().find_map(|record| match &record.event {
            Event::Decided { verdicts } => Some(verdicts[0].clone()),
            _ => None,
        });
        decided.unwrap()
    };
    assert_eq!((verdict(&skipping).ruling, verdict(&all).ruling), (Ruling::Reject, Ruling::Reject));
    let reason = verdict(&skipping).reason;
    assert!(reason.starts_with("At best 0.") && reason.contains("skipped"), "{reason}");
    // A gate that may accept what is worse needs the whole score.
    assert!(scored(&run(false, "metropolis", &[WORSE])).iter().all(|score| score.total.is_some()));
    // Of two candidates only the one that may win is shown to the model.
    let both = scored(&run(false, "clear", &[WORSE, BETTER]));
    let skipped: Vec<bool> = both.iter().map(|score| score.part("self_check").unwrap().skipped).collect();
    assert_eq!(skipped, [true, false]);
    assert!(both[1].total.is_some());
}

#[test]
fn the_best_plans_are_scored_again_before_the_answer() {
    let mut puppet = Puppet::new(only(&["checker", "self_check"]));
    puppet.run();
    assert!(puppet.phases().ends_with(&[Phase::Rescore, Phase::Answer, Phase::Done]));
    let elite = &puppet.state().elite;
    assert_eq!(elite.len(), 2, "the draft and the one edit");
    assert!(elite[0].total() >= elite[1].total());
    assert!(elite.iter().all(|view| view.rescored.as_ref().is_some_and(|rescored| rescored.total.n == 2)));
    let answered = puppet.state().answer.as_ref().unwrap().plan;
    assert_eq!(answered, Some(puppet.state().answer_plan().unwrap().plan.hash()));
    assert!(
        puppet.state().calls.cost[&Purpose::Score("self_check")].calls > 2
            && !puppet.state().calls.cost.contains_key(&Purpose::Rescore)
    );
    puppet.replays();
}

#[test]
fn nothing_is_scored_again_where_it_would_say_the_same_or_cost_too_much() {
    let mut fixed = Puppet::new(only(&["checker"]));
    fixed.run();
    assert!(!fixed.phases().contains(&Phase::Rescore));
    let mut settings = only(&["checker", "self_check"]);
    settings.budget = BudgetLimits { calls: Some(5), ..BudgetLimits::default() };
    let mut spent = Puppet::new(settings);
    spent.run();
    assert!(!spent.phases().contains(&Phase::Rescore) && spent.state().answer.is_some());
}

#[test]
fn a_flattering_first_score_does_not_decide() {
    let mut settings = only(&["checker"]);
    settings.score_noise.insert("checker".into(), ScoreNoise { sigma: 1.0, frozen: false });
    settings.iterations = 1;
    settings.rescore.times = 400;
    let (mut flattered, mut mended) = (0, 0);
    for seed in 0..20 {
        let mut puppet = Puppet::new(Settings { seed, ..settings.clone() });
        puppet.run();
        let state = puppet.state();
        let right = |text: &str| text.contains("boxes * pens");
        let text = |view: &session::PlanView| plan::print(&view.plan, plan::Style::Full);
        flattered += u32::from(!right(&text(&state.elite[0])));
        mended += u32::from(right(&text(state.answer_plan().unwrap())));
    }
    assert!(flattered > 2, "noise of this size puts the worse plan first now and then: {flattered}");
    assert_eq!(mended, 20, "the mean of many scores does not");
}

#[test]
fn fresh_noise_is_drawn_anew_and_frozen_noise_is_not() {
    for (frozen, expected) in [(true, false), (false, true)] {
        let mut settings = only(&["checker"]);
        settings.paused = true;
        settings.score_noise.insert("checker".into(), ScoreNoise { sigma: 0.1, frozen });
        let mut puppet = Puppet::new(settings);
        puppet.tell(engine::Command::NextIteration);
        puppet.tell(engine::Command::Rescore { times: 3 });
        let rescored = puppet.state().incumbent.as_ref().unwrap().rescored.is_some();
        assert_eq!(rescored, expected, "scoring again says something only where noise is fresh");
        assert!(
            puppet.calls.is_empty() && puppet.requests.len() == 1,
            "no model is asked, but for the draft"
        );
    }
}

#[test]
fn the_line_of_a_check_says_what_the_score_rests_on() {
    let mut puppet = Puppet::new(settings());
    puppet.draft =
        "C1: boxes = 20\nC2: pens = 6\nS1 <- C1: total = boxes * boxs\nS2 <- S1: answer = total - 45";
    puppet.run();
    let (mut lines, mut state, mut said) = (EventLines::new(usize::MAX), State::default(), String::new());
    for record in &puppet.records {
        state.apply(record);
        let line = lines.line(&state, record).unwrap_or_default();
        match &record.event {
            Event::Checked { .. } => said = line,
            Event::Scored { subject: Subject::Incumbent, score } => {
                let part = score.part("checker").unwrap();
                let rests_on = part.detail.split(';').next().unwrap().trim_end_matches('.');
                assert!(said.contains(rests_on) && rests_on.contains("1 error"), "{rests_on}\n{said}");
                let share: f64 = rests_on.split(' ').next().unwrap().parse().unwrap();
                assert!(
                    (share / 150.0 - part.value.unwrap()).abs() < 0.005,
                    "an error divides by 1.5: {said}"
                );
                return;
            }
            _ => {}
        }
    }
    panic!("the draft was not scored");
}
