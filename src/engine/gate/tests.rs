//! What each rule accepts.

use super::*;
use plan::{Item, ItemId, ItemKind, Plan};
use session::{Candidate, PlanView, Score, ScorePart};

fn view(total: f64) -> PlanView {
    let part = ScorePart {
        name: "checker".into(),
        value: Some(total),
        weight: 1.0,
        stderr: None,
        cost: model::Cost::default(),
        skipped: false,
        detail: String::new(),
    };
    let plan = Plan::new(vec![Item::new(ItemId::new(ItemKind::Step, 1), "x")]).unwrap();
    PlanView { plan, score: Some(Score::from_parts(vec![part])), ..PlanView::default() }
}

fn candidate(index: u32, status: CandidateStatus, total: Option<f64>) -> CandidateView {
    let candidate = Candidate {
        canvas: None,
        index,
        kind: "replace".into(),
        reply: String::new(),
        seed: 0,
        edit: None,
        hash: None,
        proposer: None,
        confidence: Default::default(),
        pressure: None,
        tokens: None,
        status,
        drawn: None,
    };
    CandidateView { candidate, view: total.map(view), verdict: None, ruled: None, edited: false }
}

fn state(gate: &str, before: f64, after: &[f64]) -> State {
    let mut state = State::default();
    state.settings.gate = parse(gate).unwrap();
    state.iteration = 1;
    state.incumbent = Some(view(before));
    state.candidates = (0..)
        .zip(after)
        .map(|(index, total)| candidate(index, CandidateStatus::Ready, Some(*total)))
        .collect();
    state
}

fn rulings(state: &State) -> Vec<Ruling> {
    decide(state).into_iter().map(|verdict| verdict.ruling).collect()
}

#[test]
fn always_takes_the_first_that_is_open() {
    use Ruling::{Accept, Invalid, Reject};
    assert_eq!(rulings(&state("always", 0.9, &[0.1, 0.95])), [Accept, Reject]);
    let mut first_is_out = state("always", 0.9, &[0.1, 0.2]);
    first_is_out.candidates[0].candidate.status = CandidateStatus::NoOp;
    assert_eq!(rulings(&first_is_out), [Invalid, Accept]);
}

#[test]
fn a_step_with_masked_tokens_is_taken_whatever_the_gate() {
    let mut state = state("clear", 0.9, &[0.1, 0.95]);
    state.candidates.iter_mut().for_each(|view| {
        view.view.as_mut().unwrap().score = None;
        view.candidate.canvas = Some(denoise::Canvas::masked(2));
    });
    assert_eq!(rulings(&state), [Ruling::Accept, Ruling::Reject]);
    // What is whole has a score, or none for another reason.
    let whole = denoise::Canvas { places: vec![denoise::TokenPlace::given(1, false)], done: 1, latent: None };
    state.candidates.iter_mut().for_each(|view| view.candidate.canvas = Some(whole.clone()));
    assert_eq!(rulings(&state), [Ruling::Indecisive, Ruling::Indecisive]);
}

#[test]
fn greedy_takes_only_the_best_and_only_when_higher() {
    use Ruling::{Accept, Reject};
    assert_eq!(rulings(&state("greedy", 0.5, &[0.6, 0.7, 0.7])), [Reject, Accept, Reject]);
    assert_eq!(rulings(&state("greedy", 0.7, &[0.7])), [Reject]);
}

#[test]
fn a_difference_that_decides_is_never_shown_as_nothing() {
    let reason = |after| decide(&state("greedy", 0.5, &[after]))[0].reason.clone();
    assert_eq!(reason(0.500_002), "Greedy: 0.500 → 0.500 (+2e-6) is higher.");
    assert_eq!(reason(0.5), "Greedy: 0.500 → 0.500 (+0.000) is not higher.");
    assert_eq!(reason(0.502), "Greedy: 0.500 → 0.502 (+0.002) is higher.");
}

#[test]
fn threshold_wants_its_margin() {
    let gate = "threshold 0.125";
    assert_eq!(rulings(&state(gate, 0.5, &[0.625])), [Ruling::Accept]);
    assert_eq!(rulings(&state(gate, 0.5, &[0.62])), [Ruling::Reject]);
}

#[test]
fn metropolis_accepts_worse_plans_as_often_as_it_says() {
    let gate = "metropolis 0.1";
    let mut state = state(gate, 0.5, &[0.45]);
    let mut accepted = 0;
    for iteration in 1..=4000 {
        state.iteration = iteration;
        let verdict = &decide(&state)[0];
        assert!((verdict.probability.unwrap() - (-0.5_f64).exp()).abs() < 1e-9);
        accepted += u32::from(verdict.ruling == Ruling::Accept);
    }
    let share = f64::from(accepted) / 4000.0;
    assert!((share - (-0.5_f64).exp()).abs() < 0.03, "accepted {share}");
}

#[test]
fn qalign_weighs_how_many_items_an_edit_could_hit() {
    let mut state = state("qalign 0.1", 0.5, &[0.5]);
    let longer = state.candidates[0].view.as_mut().unwrap();
    let item = |number| Item::new(ItemId::new(ItemKind::Step, number), "x");
    longer.plan = Plan::new(vec![item(1), item(2)]).unwrap();
    assert!((decide(&state)[0].probability.unwrap() - 0.5).abs() < 1e-9, "1 item of 2 leads back");
}

#[test]
fn a_penalty_asks_for_more_than_metropolis() {
    let gate = "penalty 0.1 0.1";
    let probability = |after| decide(&state(gate, 0.5, &[after]))[0].probability.unwrap();
    assert!((probability(0.5) - (-0.5_f64).exp()).abs() < 1e-9);
    assert!((probability(0.55) - 1.0).abs() < 1e-9, "a gain of σ²/2T makes up for the noise");
}

#[test]
fn late_acceptance_looks_back() {
    let mut state = state("late_acceptance 2", 0.6, &[0.5]);
    let point = |iteration, total| session::IterationPoint {
        masked: None,
        noise: None,
        iteration,
        seq: 0,
        total: Some(total),
        best: None,
        ruling: None,
        human: false,
    };
    for (iteration, total) in (0..).zip([0.4, 0.5, 0.6]) {
        state.timeline.push_back_mut(point(iteration, total));
    }
    state.iteration = 3;
    assert_eq!(rulings(&state), [Ruling::Accept], "as good as after iteration 1");
    state.settings.gate = parse("late_acceptance 1").unwrap();
    assert_eq!(rulings(&state), [Ruling::Reject], "worse than after iteration 2");
    state.settings.gate = parse("late_acceptance 50").unwrap();
    assert_eq!(rulings(&state), [Ruling::Accept], "better than the first plan");
}

#[test]
fn the_best_of_k_takes_over_though_it_is_worse() {
    assert_eq!(rulings(&state("best_of_k", 0.9, &[0.1, 0.2])), [Ruling::Reject, Ruling::Accept]);
}

#[test]
fn a_coin_looks_at_no_score() {
    let mut state = state("coin_flip 0.25", 0.5, &[0.1, 0.9]);
    state.candidates[0].view.as_mut().unwrap().score = None;
    let mut accepted = [0, 0];
    for iteration in 1..=4000 {
        state.iteration = iteration;
        for verdict in decide(&state) {
            accepted[verdict.candidate as usize] += u32::from(verdict.ruling == Ruling::Accept);
        }
    }
    // Each is drawn half of the time; four standard deviations about 500.
    assert!(accepted.iter().all(|count| count.abs_diff(500) < 84), "{accepted:?}");
}

#[test]
fn nobody_but_a_person_accepts_by_hand() {
    let mut state = state("manual", 0.5, &[0.9]);
    assert_eq!(rulings(&state), [Ruling::Reject]);
    state.candidates[0].ruled = Some(true);
    assert_eq!(rulings(&state), [Ruling::Accept]);
}

#[test]
fn a_control_is_told_of_and_not_taken() {
    let mut state = state("greedy", 0.5, &[0.6, 0.55]);
    state.candidates[0].candidate.status = CandidateStatus::Control;
    let verdicts = decide(&state);
    assert_eq!((verdicts[0].ruling, verdicts[0].control), (Ruling::Invalid, Some(true)));
    assert_eq!(verdicts[1].ruling, Ruling::Accept, "the control is not the best candidate");
}

#[test]
fn annealing_ends_as_greedy() {
    let gate = "metropolis 0.1 0.02";
    assert_eq!(metropolis::temperature(0.1, 0.02, 1), 0.1);
    assert_eq!(metropolis::temperature(0.1, 0.02, 100), 0.0);
    let mut state = state(gate, 0.5, &[0.499]);
    state.iteration = 100;
    assert_eq!(rulings(&state), [Ruling::Reject]);
}

#[test]
fn a_person_comes_before_the_rule() {
    use Ruling::{Accept, Reject};
    let mut state = state("greedy", 0.5, &[0.4, 0.9, 0.7]);
    state.candidates[1].ruled = Some(false);
    assert_eq!(rulings(&state), [Reject, Reject, Accept]);
    assert_eq!(decide(&state)[1].reason, "Vetoed by hand: 0.500 → 0.900 (+0.400).");
    state.candidates[0].ruled = Some(true);
    assert_eq!(rulings(&state), [Accept, Reject, Reject]);
    let reasons: Vec<String> = decide(&state).into_iter().map(|verdict| verdict.reason).collect();
    assert_eq!(reasons[0], "Accepted by hand: 0.500 → 0.400 (-0.100).");
    assert_eq!(reasons[2], "Candidate 1 was accepted by hand.");
}

#[test]
fn what_is_no_candidate_says_why() {
    let mut state = state("greedy", 0.5, &[]);
    state.candidates = vec![
        candidate(0, CandidateStatus::NoOp, None),
        candidate(1, CandidateStatus::Duplicate { first_seen: 0 }, None),
        candidate(2, CandidateStatus::Ready, None),
    ];
    let verdicts = decide(&state);
    assert_eq!(verdicts[0].ruling, Ruling::Invalid);
    assert_eq!(verdicts[1].reason, "This plan was seen before, as the draft.");
    assert_eq!(verdicts[2].ruling, Ruling::Indecisive);
}

const CLEAR: &str = "clear";

/// A plan whose part `name` alone has a weight.
fn scored(name: &str, value: f64, stderr: Option<f64>, line: &str) -> PlanView {
    let mut view = view(value);
    let part = &mut view.score.as_mut().unwrap().parts[0];
    (part.name, part.stderr) = (name.into(), stderr);
    view.plan = Plan::new(vec![Item::new(ItemId::new(ItemKind::Step, 1), line)]).unwrap();
    view
}

/// An incumbent and one candidate, each with the value of a part and its standard error.
fn pair(name: &str, before: (f64, Option<f64>), after: (f64, Option<f64>)) -> State {
    let mut state = state(CLEAR, before.0, &[after.0]);
    state.incumbent = Some(scored(name, before.0, before.1, "before"));
    state.candidates[0].view = Some(scored(name, after.0, after.1, "after"));
    state
}

/// Both plans are scored again in other words.
fn rescore(state: &mut State, before: &[f64], after: &[f64]) {
    let views = [state.incumbent.clone(), state.candidates[0].view.clone()];
    for (view, values) in views.into_iter().flatten().zip([before, after]) {
        let spread = session::Spread::of(values).unwrap();
        let name = view.score.unwrap().parts[0].name.clone();
        let part = session::PartSpread { name, spread: spread.clone(), values: values.to_vec() };
        let rescore = session::Rescore { plan: view.plan.hash(), total: spread, parts: vec![part] };
        let event = session::Event::Rescored { rescore };
        state.apply(&session::Record { seq: state.events, at_ms: 0, event });
    }
}

#[test]
fn clear_takes_any_gain_of_a_score_that_does_not_scatter() {
    let state = state(CLEAR, 0.5, &[0.500_1]);
    let verdict = &decide(&state)[0];
    assert_eq!(verdict.ruling, Ruling::Accept);
    assert!(verdict.reason.contains("no part of the score scatters (SE 0)"), "{}", verdict.reason);
    assert_eq!(unsettled(&state), None);
    assert_eq!(rulings(&self::state(CLEAR, 0.5, &[0.5])), [Ruling::Reject]);
}

#[test]
fn before_its_noise_is_known_a_gain_is_indecisive() {
    let state = pair("self_check", (0.5, None), (0.9, None));
    let verdict = &decide(&state)[0];
    assert_eq!(verdict.ruling, Ruling::Indecisive);
    let reason = "Clear: 0.500 → 0.900 (+0.400), but how far self_check scatters is not known yet. It is kept as \
                  alternative 1.";
    assert_eq!(verdict.reason, reason);
    assert_eq!(unsettled(&state), Some(0), "scoring both again would tell");
    let worse = pair("self_check", (0.5, None), (0.4, None));
    assert_eq!(
        (rulings(&worse), unsettled(&worse)),
        (vec![Ruling::Reject], None),
        "no noise is needed for that"
    );
}

#[test]
fn what_asking_in_other_words_shows_is_held_against_a_gain() {
    // The rows differ by 0.1 in each wording but the last, so two degrees of freedom show little noise.
    let mut quiet = pair("self_check", (0.5, None), (0.6, None));
    rescore(&mut quiet, &[0.7, 0.3], &[0.8, 0.41]);
    let verdict = &decide(&quiet)[0];
    assert_eq!(verdict.ruling, Ruling::Accept, "{}", verdict.reason);
    assert!(verdict.reason.contains("z = 1.64 at SE 0.00"), "{}", verdict.reason);
    assert!(verdict.reason.contains("self_check measured with 2 degrees of freedom"), "{}", verdict.reason);
    let mut loud = pair("self_check", (0.5, None), (0.6, None));
    rescore(&mut loud, &[0.7, 0.3], &[0.6, 0.5]);
    let verdict = &decide(&loud)[0];
    assert_eq!(verdict.ruling, Ruling::Indecisive, "{}", verdict.reason);
    assert!(verdict.reason.contains("is not above"), "{}", verdict.reason);
    assert_eq!(unsettled(&loud), None);
}

#[test]
fn a_part_that_states_its_error_needs_no_repeats() {
    let of = |after, error| rulings(&pair("agreement", (0.4, Some(error)), (after, Some(error))));
    // 1.64 · √2 · 0.1 = 0.232
    assert_eq!(of(0.63, 0.1), [Ruling::Indecisive]);
    assert_eq!(of(0.64, 0.1), [Ruling::Accept]);
    // Values held against one and the same sample: what one gains the other may lose, so errors add.
    let shared = |after| rulings(&pair("consensus", (0.4, Some(0.1)), (after, Some(0.1))));
    assert_eq!((shared(0.72), shared(0.74)), (vec![Ruling::Indecisive], vec![Ruling::Accept]));
    // Plans that reach the same value, or none at all, have the same share whatever the sample.
    for derived in [Some("75".to_owned()), None] {
        let mut state = pair("consensus", (0.4, Some(0.1)), (0.4, Some(0.1)));
        let check = session::CheckSummary { derived, ..Default::default() };
        let views = [state.incumbent.as_mut(), state.candidates[0].view.as_mut()];
        for (view, checker) in views.into_iter().flatten().zip([0.5, 0.501]) {
            view.check = Some(check.clone());
            let mut parts = view.score.take().unwrap().parts;
            parts.push(ScorePart {
                name: "checker".into(),
                value: Some(checker),
                stderr: None,
                ..parts[0].clone()
            });
            view.score = Some(Score::from_parts(parts));
        }
        assert_eq!(rulings(&state), [Ruling::Accept], "what the checker gains counts");
    }
}

#[test]
fn equal_totals_are_taken_so_often_in_a_row() {
    for gate in ["greedy 2", "clear 1.64 2"] {
        let mut state = state(gate, 0.5, &[0.5]);
        for (done, ruling) in [(0, Ruling::Accept), (1, Ruling::Accept), (2, Ruling::Reject)] {
            state.sideways = done;
            assert_eq!(rulings(&state), [ruling], "{gate} after {done}");
        }
        state.sideways = 0;
        assert!(decide(&state)[0].reason.contains("sideways step 1 of 2 in a row"));
        state.candidates[0].candidate.status = CandidateStatus::Control;
        assert_eq!(decide(&state)[0].control, Some(false), "the same plan is no step");
        assert_eq!(rulings(&self::state(gate, 0.5, &[0.4])), [Ruling::Reject]);
    }
}

#[test]
fn a_gate_of_a_later_version_decides_nothing() {
    let mut state = state("greedy", 0.5, &[0.6]);
    state.settings.gate = GateSettings::new("of_a_later_version", []);
    let verdict = &decide(&state)[0];
    assert_eq!(verdict.ruling, Ruling::Indecisive);
    assert!(verdict.reason.starts_with("This version has no gate called \"of_a_later_version\"."));
    assert_eq!((turn(&state), unsettled(&state)), (None, None));
}
