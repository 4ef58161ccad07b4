use proptest::prelude::*;

use super::*;
use crate::LoopRange;

/// A plain generator of draws.
fn draws(mut seed: u64) -> impl FnMut(DrawPurpose, usize) -> f64 {
    move |_, _| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn flat(places: usize) -> Vec<Vec<f32>> {
    vec![vec![0.25; 4]; places]
}

fn any_remasking() -> impl Strategy<Value = Remasking> {
    prop_oneof![
        Just(Remasking::None),
        (0.0..1.0).prop_map(|eta| Remasking::Cap { eta }),
        (0.0..1.0).prop_map(|eta| Remasking::Rescale { eta }),
        (0.0..1.0).prop_map(|eta| Remasking::Conf { eta }),
        (0.0..1.0).prop_map(|below| Remasking::Doubt { below }),
        (0.0..1.0, 0.1..0.5, 0.5..0.9, 0.1..0.9)
            .prop_map(|(eta, from, to, alpha)| Remasking::Loop { eta, range: LoopRange { from, to, alpha } }),
    ]
}

fn any_order() -> impl Strategy<Value = RevealOrder> {
    prop_oneof![
        Just(RevealOrder::Origin),
        Just(RevealOrder::Entropy),
        Just(RevealOrder::Margin),
        Just(RevealOrder::Confidence),
        Just(RevealOrder::Random),
    ]
}

proptest! {
    #[test]
    fn all_is_revealed_in_the_end_and_pins_stay(
        steps in 1_u32..20, places in 1_usize..40, block in 0_usize..9, seed: u64,
        order in any_order(), remasking in any_remasking(), temperature in 0.0..2.0,
    ) {
        let settings = DenoiseSettings { steps, order, temperature, block, remasking, ..DenoiseSettings::default() };
        let mut draw = draws(seed);
        let mut canvas = Canvas::masked(places);
        canvas.places[places / 2] = TokenPlace::given(3, true);
        let pinned = canvas.places[places / 2];
        for _ in 0..steps {
            let done = step(&canvas, &flat(places), &settings, &mut draw);
            for reveal in &done.revealed {
                let rewrites = matches!(remasking, Remasking::Doubt { .. }) && !canvas.places[reveal.place].pinned;
                prop_assert!(canvas.places[reveal.place].token.is_none() || rewrites, "{reveal:?}");
            }
            for place in &done.remasked {
                prop_assert!(canvas.places[*place].token.is_some(), "only what is visible is masked again");
            }
            canvas = done.canvas;
            prop_assert_eq!(canvas.places[places / 2], pinned);
        }
        // With blocks the last step fills the first one that is left; without, all.
        prop_assert!(block > 0 || canvas.masked_places().is_empty());
    }

    #[test]
    fn shares_are_probabilities_and_add_up(at in 0_u32..20, more in 1_u32..20, remasking in any_remasking()) {
        let StepSchedule { before, after, remask, reveal } = StepSchedule::of(remasking, at, at + more);
        for share in [before, after, remask, reveal] {
            prop_assert!((0.0..=1.0).contains(&share), "{share}");
        }
        // What stays visible and what becomes so is the share of the schedule.
        let visible = before * (1.0 - remask) + (1.0 - before) * reveal;
        prop_assert!((visible - after).abs() < 1e-9, "{visible} {after}");
    }
}

#[test]
fn the_surest_place_comes_first() {
    let probabilities =
        vec![vec![0.5, 0.5, 0.0], vec![0.34, 0.33, 0.33], vec![0.6, 0.2, 0.2], vec![0.55, 0.45, 0.0]];
    let first = |order| {
        let settings = DenoiseSettings { steps: 4, order, ..DenoiseSettings::default() };
        step(&Canvas::masked(4), &probabilities, &settings, &mut |_, place| place as f64 / 10.0).revealed
    };
    let places = |order| first(order).iter().map(|reveal| reveal.place).collect::<Vec<_>>();
    assert_eq!(places(RevealOrder::Confidence), [2]);
    assert_eq!(places(RevealOrder::Margin), [2]);
    assert_eq!(places(RevealOrder::Entropy), [3]);
    assert_eq!(places(RevealOrder::Random), [3]);
    assert_eq!(places(RevealOrder::Origin), [0, 1, 2], "draws below 1/4");
    assert_eq!(first(RevealOrder::Confidence), [Reveal { place: 2, token: 0, probability: 0.6 }]);
}

#[test]
fn what_is_sure_enough_is_revealed_at_once() {
    let probabilities = vec![vec![0.99, 0.01], vec![0.98, 0.02], vec![0.6, 0.4]];
    let settings = DenoiseSettings { steps: 3, threshold: 0.95, ..DenoiseSettings::default() };
    let done = step(&Canvas::masked(3), &probabilities, &settings, &mut draws(1));
    assert_eq!(done.canvas.masked_places(), [2]);
}

#[test]
fn re_masking_keeps_the_share_of_the_schedule_and_prefers_the_unsure() {
    let places = 4000;
    let settings = DenoiseSettings {
        steps: 4,
        order: RevealOrder::Origin,
        remasking: Remasking::Conf { eta: 0.5 },
        ..DenoiseSettings::default()
    };
    let mut draw = draws(7);
    let mut canvas = Canvas::masked(places);
    for at in 0..2 {
        canvas = step(&canvas, &flat(places), &settings, &mut draw).canvas;
        let visible = 1.0 - canvas.masked_places().len() as f64 / places as f64;
        let due = f64::from(at + 1) / 4.0;
        assert!((visible - due).abs() < 0.03, "{visible} after {} steps", at + 1);
    }
    for (at, place) in canvas.places.iter_mut().enumerate() {
        place.confidence = Some(if at % 2 == 0 { 1.0 } else { 0.1 });
    }
    let gone = step(&canvas, &flat(places), &settings, &mut draw).remasked;
    let unsure = gone.iter().filter(|at| *at % 2 == 1).count();
    assert!(unsure as f64 > 1.5 * (gone.len() - unsure) as f64, "{unsure} of {}", gone.len());
}

#[test]
fn noise_masks_what_is_free_and_leaves_as_many_steps() {
    let seen = |token| TokenPlace { token: Some(token), confidence: Some(0.9), pinned: token == 1 };
    let canvas =
        Canvas { places: vec![seen(0), seen(1), seen(2), TokenPlace::MASKED], done: 16, latent: None };
    let noised = canvas.noised(0.5, 16, |at| at as f64 / 4.0);
    assert_eq!(noised.masked_places(), [0, 3], "the pinned one stays, and the draw of the third is too high");
    assert_eq!(noised.done, 8);
}

#[test]
fn lines_are_shown_with_a_shade_for_each_masked_place() {
    let words = |words: &str| crate::LinePart::Words(words.into());
    let pieces = vec![words("row 1 = "), crate::LinePart::Open(2), words("!")];
    let line = crate::LineForm { kind: plan::ItemKind::Step, pieces };
    let vocabulary = ["", "7", "8"].map(str::to_owned).to_vec();
    let layout = crate::TokenLayout { vocabulary, lines: vec![crate::LineForm::step("x = "), line] };
    let mut canvas = Canvas::masked(3);
    canvas.places[2] = TokenPlace::given(2, false);
    assert_eq!((layout.places(), layout.places_of(1)), (3, 1..3));
    assert_eq!((layout.text(0, &canvas), layout.text(1, &canvas)), ("x = ▒".into(), "row 1 = ▒8!".into()));
    assert!(!layout.is_whole(1, &canvas));
    canvas.places[1] = TokenPlace::given(crate::BLANK, false);
    assert!(layout.is_whole(1, &canvas) && !layout.is_left_out(1, &canvas));
    assert_eq!(layout.text(1, &canvas), "row 1 = 8!");
}

#[test]
fn what_the_model_doubts_counts_as_masked() {
    let mut canvas = Canvas::masked(5);
    for (place, pinned) in [(0, false), (1, false), (2, true), (4, false)] {
        canvas.places[place] = TokenPlace::given(0, pinned);
    }
    let probabilities =
        vec![vec![0.9, 0.1], vec![0.2, 0.8], vec![0.1, 0.9], vec![0.35, 0.65], vec![0.4, 0.6]];
    let settings = DenoiseSettings {
        steps: 3,
        remasking: Remasking::Doubt { below: 0.5 },
        ..DenoiseSettings::default()
    };
    let tokens = |canvas: &Canvas| canvas.tokens(0..5).collect::<Vec<_>>();
    let first = step(&canvas, &probabilities, &settings, &mut draws(1));
    // 0 is probable and 2 is pinned; of 1, 3 and 4 a third is revealed: the surest.
    assert_eq!(tokens(&first.canvas), [Some(0), Some(1), Some(0), None, None]);
    assert_eq!(first.remasked, [4]);
    canvas.done = 2;
    let last = step(&canvas, &probabilities, &settings, &mut draws(1));
    assert_eq!(tokens(&last.canvas), [Some(0), Some(1), Some(0), Some(1), Some(1)], "at last all are");
    assert!(last.remasked.is_empty());
}

#[test]
fn a_complete_plan_is_reopened_where_the_model_doubts_it() {
    let places = 8;
    let mut canvas = Canvas::masked(places);
    canvas.places.fill(TokenPlace::given(0, false));
    canvas.places[7].pinned = true;
    canvas.done = 16;
    let probabilities: Vec<Vec<f32>> =
        (0..places).map(|at| if at < 2 { vec![0.1, 0.9] } else { vec![1.0, 0.0] }).collect();
    let mut counts = [0; 8];
    for seed in 0..200 {
        let reopened = reopen(&canvas, &probabilities, (0.5, 0.5, 16), &mut draws(seed));
        assert_eq!((reopened.remasked.len(), reopened.canvas.done), (4, 8));
        assert_eq!(reopened.canvas.masked_places(), reopened.remasked);
        reopened.remasked.iter().for_each(|at| counts[*at] += 1);
    }
    assert_eq!(counts[..2], [200, 200], "what it doubts is always reopened");
    assert_eq!(counts[7], 0, "what is pinned stays");
    assert!(
        counts[2..7].iter().all(|count| (40..120).contains(count)),
        "two of five others come too: {counts:?}"
    );
    let one = reopen(&canvas, &probabilities, (0.0, 0.0, 16), &mut draws(1));
    assert_eq!(one.remasked.len(), 1, "something is always reopened");
}
