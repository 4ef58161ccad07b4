//! Gates that refine several plans, controls, and changing the rule during a run.

use diagnose::passive;
use engine::Command;
use plan::Edit;
use session::{
    CandidateStatus, Event, FindingVerdict, PauseCause, Phase, Ruling, ScoreNoise, Settings, Weights,
};

use support::walks::rule;

use super::puppet::{Puppet, id, paused, settings};

const LINES: [&str; 6] = [
    " S1 <- C1 C2: total = boxes * pens",
    " S1 <- C1 C2: total = boxes + pens",
    " S1 <- C1 C2: total = boxes - pens",
    " S1 <- C1 C2: total = pens * pens",
    " S1 <- C1 C2: total = pens + pens",
    " S1 <- C1 C2: total = pens * boxes",
];

fn run(settings: Settings) -> Puppet {
    let mut puppet = Puppet::new(settings);
    puppet.proposals = LINES.map(|line| vec![line]).to_vec();
    puppet.run();
    puppet
}

#[test]
fn a_population_takes_turns_and_replays() {
    for gate in [rule("tournament 3 0.05"), rule("replica_exchange 2 0.01 10")] {
        let puppet = run(Settings { gate: gate.clone(), iterations: 6, fruitless: 0, ..settings() });
        let turns: Vec<u32> = puppet
            .records
            .iter()
            .filter_map(|record| match &record.event {
                Event::Turned { turn } => Some(turn.member),
                _ => None,
            })
            .collect();
        // One before each iteration, and none after the last.
        assert_eq!(turns.len(), 6, "{gate}");
        let population = &puppet.state().population;
        if gate.rule() == "tournament" {
            assert_eq!(population.members.len(), 3);
        } else {
            assert_eq!(turns, [0, 1, 0, 1, 0, 1], "replicas take turns");
            assert!(population.tried > 0 && population.swapped <= population.tried);
        }
        puppet.replays();
    }
}

#[test]
fn a_control_is_scored_and_never_taken() {
    let puppet = run(Settings { null_every: 2, iterations: 6, fruitless: 0, ..settings() });
    let mut controls = 0;
    for record in &puppet.records {
        match &record.event {
            Event::Proposed { candidates } => {
                let of = candidates.iter().filter(|one| one.status == CandidateStatus::Control);
                controls += of.count();
            }
            Event::Decided { verdicts } => {
                for verdict in verdicts.iter().filter(|verdict| verdict.control.is_some()) {
                    assert_eq!(verdict.ruling, Ruling::Invalid);
                    assert_eq!(verdict.control, Some(false), "greedy takes no equal: {verdict:?}");
                    assert_eq!(verdict.before, verdict.after, "a checker repeats itself");
                }
            }
            _ => {}
        }
    }
    assert_eq!(controls, 3);
    assert!(puppet.state().proposals.rejected.iter().all(|rejected| rejected.summary != "control"));
    puppet.replays();
}

#[test]
fn a_control_that_falls_away_leaves_the_plan_known() {
    let mut puppet = Puppet::new(Settings { null_every: 1, paused: true, ..settings() });
    puppet.proposals = vec![vec![LINES[0]]];
    let edit = |text: &str| Command::Edit(Edit::Replace { id: id("C1"), text: text.into() });
    let steps = |puppet: &mut Puppet, phases| (0..phases).for_each(|_| puppet.tell(Command::StepPhase));
    steps(&mut puppet, 3);
    // Both edits come while candidates of the first iteration wait, so it starts again each time.
    puppet.tell(edit("boxes = 21"));
    let by_hand = puppet.state().incumbent.as_ref().unwrap().plan.hash();
    steps(&mut puppet, 1);
    let statuses = puppet.state().candidates.iter().map(|view| &view.candidate.status);
    assert!(
        statuses.clone().any(|status| *status == CandidateStatus::Control),
        "{:?}",
        statuses.collect::<Vec<_>>()
    );
    puppet.tell(edit("boxes = 22"));
    assert!(puppet.state().proposals.seen.contains_key(&by_hand));
    puppet.replays();
}

#[test]
fn controls_measure_the_noise_that_was_planted() {
    let noisy = |sigma| {
        let mut config = Settings { null_every: 1, iterations: 30, fruitless: 0, ..settings() };
        config.score_noise.insert("checker".into(), ScoreNoise { sigma, frozen: false });
        let puppet = run(config);
        passive::look(&puppet.records, puppet.state(), |check| check == "null_edit").remove(0)
    };
    let found = noisy(0.5);
    let sigma = found.evidence.iter().find(|row| row.label == "standard error of one score").unwrap().value;
    let weights = settings().scorers;
    // The checker has this share of the total; clamping to 0..1 takes some of the noise away.
    let planted = 0.5 * weights.get("checker") / (weights.get("checker") + weights.get("structure"));
    assert!(sigma > 0.3 * planted && sigma < 1.2 * planted, "{sigma} of {planted}: {found:?}");
    assert_ne!(found.verdict, FindingVerdict::Clear);
}

#[test]
fn a_manual_gate_waits_and_takes_what_a_person_took() {
    let mut puppet = Puppet::new(Settings { gate: rule("manual"), iterations: 1, ..settings() });
    puppet.proposals = vec![vec![LINES[0]]];
    puppet.run();
    assert_eq!(puppet.state().pause_cause, Some(PauseCause::Intercept));
    puppet.tell(Command::Rule { candidate: 0, accept: true });
    puppet.tell(Command::Continue);
    assert_eq!(puppet.state().proposals.rulings.accepted, 1);
    puppet.replays();
}

#[test]
fn another_rule_holds_from_then_on() {
    let mut puppet = Puppet::new(Settings { iterations: 4, fruitless: 0, paused: true, ..settings() });
    puppet.proposals = LINES.map(|line| vec![line]).to_vec();
    puppet.tell(Command::Gate(rule("threshold 5.0")));
    let unsound = serde_json::from_value(serde_json::json!({"rule": "coin_flip", "rate": 2.0})).unwrap();
    puppet.tell(Command::Gate(unsound));
    assert_eq!(puppet.state().settings.gate, rule("threshold 5.0"), "an unsound rule is refused");
    puppet.tell(Command::Continue);
    puppet.run();
    let rulings = puppet.state().proposals.rulings;
    assert_eq!(rulings.accepted, 0, "{rulings:?}");
    puppet.replays();
}

fn checked(settings: Settings) -> Settings {
    let mut settings = Settings { gate: rule("clear"), ..settings };
    settings.scorers.set("self_check", 0.3);
    settings
}

fn rescores(puppet: &Puppet) -> usize {
    puppet.records.iter().filter(|record| matches!(record.event, Event::Rescored { .. })).count()
}

#[test]
fn the_noise_of_scores_is_learnt_before_the_first_gain_is_judged() {
    let puppet = run(Settings { iterations: 6, ..checked(settings()) });
    assert_eq!(rescores(&puppet), 2, "the incumbent and the one that gained, once a run");
    let decided =
        puppet.records.iter().position(|record| matches!(record.event, Event::Decided { .. })).unwrap();
    assert_eq!(
        rescores(&puppet)
            - puppet.records[decided..]
                .iter()
                .filter(|record| matches!(record.event, Event::Rescored { .. }))
                .count(),
        2
    );
    let state = puppet.state();
    assert_eq!(state.proposals.rulings.accepted, 1, "the puppet's self-check does not scatter");
    assert!(
        !puppet.phases().contains(&Phase::Rescore),
        "what others score is no reason to leave an incumbent"
    );
    assert_eq!(state.answer.as_ref().unwrap().plan, Some(state.incumbent.as_ref().unwrap().plan.hash()));
    puppet.replays();
    // Cut off just before the decision: the noise is in the record, and is not asked for again.
    let resumed = Puppet::resume(puppet.records[..decided].to_vec());
    assert_eq!(rescores(&resumed), 2);
    // Cut off before it was known: the phase begins again.
    let first =
        puppet.records.iter().position(|record| matches!(record.event, Event::Rescored { .. })).unwrap();
    let mut resumed = Puppet::resume(puppet.records[..first].to_vec());
    resumed.run();
    assert_eq!((rescores(&resumed), resumed.state().proposals.rulings.accepted), (2, 1));
    resumed.replays();
}

#[test]
fn a_gain_within_noise_is_an_alternative_that_a_person_can_take_up() {
    let mut puppet = Puppet::new(Settings { iterations: 1, ..checked(paused()) });
    puppet.unsure = 4.0;
    puppet.tell(Command::Finish);
    assert_eq!(puppet.state().proposals.rulings.indecisive, 1, "{:?}", puppet.state().candidates[0].verdict);
    let kept = puppet.state().proposals.alternatives.get(0).unwrap().clone();
    assert_eq!((kept.iteration, puppet.state().proposals.alternatives.len()), (1, 1));
    assert_ne!(puppet.state().incumbent.as_ref().unwrap().plan, kept.plan, "never silently");
    puppet.tell(Command::Adopt(2));
    assert_eq!(puppet.refusal(), "There is no alternative 2; they are numbered from 1 to 1.");
    puppet.tell(Command::Adopt(1));
    let stands = puppet.state().incumbent.as_ref().unwrap();
    assert_eq!((&stands.plan, stands.score.is_some()), (&kept.plan, true), "it is scored at once");
    puppet.tell(Command::Adopt(1));
    assert_eq!(puppet.refusal(), "Alternative 1 is already the incumbent.");
    puppet.tell(Command::Undo);
    assert_ne!(puppet.state().incumbent.as_ref().unwrap().plan, kept.plan);
    puppet.tell(Command::Redo);
    puppet.tell(Command::Continue);
    assert_eq!(puppet.state().answer.as_ref().unwrap().plan, Some(kept.plan.hash()), "it is answered from");
    puppet.replays();
}

#[test]
fn sideways_steps_are_counted_from_the_record() {
    let constant = Settings { scorers: Weights::of([("command", 1.0)]), ..settings() };
    let mut settings = Settings { gate: rule("greedy 2"), iterations: 5, fruitless: 0, ..constant };
    settings.scorer_command.path = Some("score.py".into());
    let mut puppet = Puppet::new(settings);
    puppet.draft =
        "C1: boxes = 20\nC2: pens = 6\nS1 <- C1: total = boxes * pens\nS2 <- S1: answer = total - 45";
    // All of them please the command alike.
    puppet.proposals = ["1", "2", "3", "4", "5"]
        .map(|add| vec![&*format!(" S1 <- C1 C2: total = boxes * pens + {add}").leak()])
        .to_vec();
    puppet.run();
    let rulings: Vec<Ruling> = puppet.state().timeline.iter().filter_map(|point| point.ruling).collect();
    use Ruling::{Accept, Reject};
    assert_eq!(rulings, [Accept, Accept, Reject, Reject, Reject]);
    assert_eq!(puppet.state().sideways, 2);
    puppet.replays();
}
