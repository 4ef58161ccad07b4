//! Plans that are denoised: each iteration is one step, in which a small model reveals tokens and others are masked again.
//!
//! ```text
//! Draft (all masked) -> ( Propose: one forward pass -> Decide )* until no token is masked -> check and score
//! ```
//! A complete plan that is not right is masked again in part, and denoised further, while there are iterations left.

use std::collections::BTreeMap;

use super::Machine;
use crate::{propose, seed};
use denoise::{Canvas, DenoiseSettings, DrawPurpose, TokenLayout};
use model::{FillRow, Request};
use plan::{Edit, NoiseKind, NoiseScope, NoiseSpec, Plan};
use problem::tokens::{PlanTokens, TokenForm, plan_of};
use session::{Candidate, CandidateStatus, Denoising, Event, Mode, Outcome, Phase, Purpose, Think};

/// What candidates of this kind are called, and who makes them.
pub(super) const NAME: &str = "denoise";

impl Machine {
    /// Whether this run refines plans by denoising them.
    pub(super) fn denoises(&self) -> bool {
        let settings = &self.state.settings;
        settings.mode == Mode::Refine
            && match settings.think {
                Think::Edits => false,
                Think::Tokens | Think::Latent => true,
            }
    }

    /// Whether it denoises latents.
    pub(super) fn thinks_in_latents(&self) -> bool {
        self.state.settings.think == Think::Latent
    }

    /// Whether tokens of the incumbent are masked or not known yet, so that nothing can be said of it.
    pub(super) fn is_unfinished(&self) -> bool {
        self.denoises() && self.state.denoising.as_ref().is_none_or(|now| !now.canvas.is_whole())
    }

    pub(super) fn form(&self) -> Result<(&'static dyn PlanTokens, TokenForm), String> {
        let family = self.problem.family();
        let tokens = family.tokens().ok_or_else(|| {
            format!(
                "Plans of the family {} have no form as tokens, so they cannot be denoised",
                family.name()
            )
        })?;
        let form = tokens.form(&self.problem);
        Ok((tokens, form.map_err(|why| format!("This problem cannot be written as tokens: {why}"))?))
    }

    /// Begins with a plan of which every token is masked.
    pub(super) fn begin_canvas(&mut self) {
        match self.form() {
            Ok((tokens, form)) => {
                let layout = form.layout(tokens);
                let mut canvas = Canvas::masked(layout.places());
                if self.thinks_in_latents() {
                    canvas.latent = Some(Box::new(self.first_point()));
                }
                self.emit(Event::Drafted { plan: Plan::default(), confidence: BTreeMap::new() });
                self.emit(Event::CanvasSet { layout: Some(Box::new(layout)), canvas });
                self.steering.next = Phase::Propose;
            }
            Err(reason) => self.end(Outcome::Failed {
                reason: format!("{reason}."),
                hint: Some("refine the plan by edits: --set think=edits".into()),
            }),
        }
    }

    /// Returns the tokens of a plan that was made from the incumbent; what stays keeps its probability.
    ///
    /// # Errors
    /// What the vocabulary cannot say, as a sentence.
    pub(super) fn canvas_of(&self, plan: &Plan) -> Result<Canvas, String> {
        let (tokens, form) = self.form()?;
        let before = self.state.denoising.as_ref().map(|now| now.canvas.clone()).unwrap_or_default();
        let mut canvas = form
            .canvas(tokens, plan, &before)
            .map_err(|why| format!("This plan cannot be written as tokens: {why}."))?;
        if self.thinks_in_latents() {
            if !canvas.is_whole() {
                return Err(
                    "Only a whole plan has latents: each line must be there, with all its tokens.".into()
                );
            }
            // The next step writes it as latents.
            canvas.latent = None;
        }
        Ok(canvas)
    }

    /// Writes the incumbent as tokens where it is not, or was changed from outside refinement.
    pub(super) fn follow_with_canvas(&mut self) {
        let Some(plan) = self.state.incumbent.as_ref().map(|view| view.plan.clone()) else { return };
        match self.canvas_of(&plan) {
            Ok(canvas) => {
                let layout = match (&self.state.denoising, self.form()) {
                    (None, Ok((tokens, form))) => Some(Box::new(form.layout(tokens))),
                    (None, Err(_)) | (Some(_), _) => None,
                };
                self.emit(Event::CanvasSet { layout, canvas });
            }
            Err(why) => self.refuse(why),
        }
    }

    /// Masks tokens of the incumbent, or mixes noise into its latents.
    ///
    /// # Errors
    /// A sentence that says why there can be no noise.
    pub(super) fn add_noise(&mut self, spec: NoiseSpec, scheduled: bool) -> Result<(), String> {
        if self.thinks_in_latents() {
            return self.noise_latents(spec, scheduled);
        }
        if spec.kind != NoiseKind::Mask {
            return Err(format!(
                "Where tokens are denoised, noise masks them: write noise mask, not {}.",
                spec.kind
            ));
        }
        let Some((now, plan)) = self.now() else { return Err("There is no plan yet to change.".into()) };
        let steps = self.state.settings.denoise.steps;
        let in_reach = |place: usize| in_scope(&now.layout, plan, &spec.scope, place, &now.canvas);
        let draw = |place| if in_reach(place) { seed::draw_at(spec.seed, "mask", 0, place) } else { 1.0 };
        let canvas = now.canvas.clone().noised(spec.strength, steps, draw);
        if canvas.masked_places() == now.canvas.masked_places() {
            return Err("This draw masks no token; raise the strength or change the seed.".into());
        }
        let edit = self.edit_to(&canvas)?;
        self.emit(Event::Noised { spec, edit, scheduled });
        self.emit(Event::CanvasSet { layout: None, canvas });
        Ok(())
    }

    pub(super) fn now(&self) -> Option<(&Denoising, &Plan)> {
        self.state.denoising.as_ref().zip(self.state.incumbent.as_ref().map(|view| &view.plan))
    }

    /// Returns the edit that makes the plan of `canvas` of the incumbent.
    pub(super) fn edit_to(&self, canvas: &Canvas) -> Result<Edit, String> {
        let (now, plan) = self.now().ok_or("There is no plan.")?;
        let next = plan_of(&self.problem, &now.layout, canvas, plan)
            .map_err(|error| format!("The tokens make no plan: {error}."))?;
        Ok(propose::edit_between(plan, next))
    }

    /// Asks how probable each token is at each place.
    pub(super) fn begin_denoising(&mut self) {
        if self.state.denoising.is_none() {
            // A fork that refined by edits before.
            self.follow_with_canvas();
        }
        let form = self.form().map(|(_, form)| form.problem);
        let (Some(now), Ok(problem)) = (&self.state.denoising, form) else {
            return self.give_up("There are no tokens to denoise.");
        };
        if self.thinks_in_latents() {
            return self.ask_for_latents(problem);
        }
        let places = self.to_be_filled(now).places;
        let plan = places.iter().map(|place| place.token).collect();
        let request = Request::Fill {
            family: self.problem.family.clone(),
            vocabulary: now.layout.vocabulary.clone(),
            rows: vec![FillRow { problem, plan }],
            doubts: self.doubt().is_some(),
        };
        self.call(Purpose::Propose, request);
    }

    /// Returns below which probability a token is masked again, where the model's doubts decide that.
    fn doubt(&self) -> Option<f64> {
        self.state.settings.denoise.remasking.doubt()
    }

    /// Returns what the next step starts from: the tokens as they are, or, where none is masked, with a share masked again. That
    /// share waits for the model's doubts where these decide.
    fn to_be_filled(&self, now: &Denoising) -> Canvas {
        let settings = &self.state.settings;
        if !now.canvas.is_whole() || self.doubt().is_some() {
            return now.canvas.clone();
        }
        let draw = |place| seed::draw_at(settings.seed, "renoise", self.state.iteration, place);
        now.canvas.clone().noised(settings.renoise, settings.denoise.steps, draw)
    }

    /// Makes a candidate of each sample of the step, all from the same distributions.
    pub(super) fn denoised(&mut self, distributions: &[Vec<Vec<f32>>]) {
        let (Some(now), Some(probabilities)) = (self.state.denoising.clone(), distributions.first()) else {
            return self.give_up("The reply has no distributions.");
        };
        let start = self.to_be_filled(&now);
        let candidates: Vec<Candidate> = (0..self.state.settings.proposals)
            .map(|index| self.step_candidate(index, &now, &start, probabilities))
            .collect();
        self.take_steps(candidates);
    }

    /// Has the candidates of a step checked, and scored where they are whole.
    pub(super) fn take_steps(&mut self, candidates: Vec<Candidate>) {
        self.emit(Event::Proposed { candidates });
        for subject in self.unscored() {
            self.check(subject);
        }
        self.steering.next = if self.unscored().is_empty() { Phase::Decide } else { Phase::Score };
    }

    fn step_candidate(
        &self,
        index: u32,
        now: &Denoising,
        start: &Canvas,
        probabilities: &[Vec<f32>],
    ) -> Candidate {
        let settings = &self.state.settings;
        let DenoiseSettings { steps, .. } = settings.denoise;
        let seed = seed::derive(settings.seed, NAME, self.state.iteration, index);
        let mut draw = |purpose: DrawPurpose, place| seed::draw_at(seed, purpose.name(), 0, place);
        let step = match self.doubt().filter(|_| start.is_whole()) {
            Some(below) => denoise::reopen(start, probabilities, (below, settings.renoise, steps), &mut draw),
            None => denoise::step(start, probabilities, &settings.denoise, &mut draw),
        };
        let reply = step_words(&now.canvas, &step.canvas, steps);
        self.candidate_of(index, seed, reply, step.canvas)
    }

    /// Returns the candidate that has the tokens of `canvas`.
    pub(super) fn candidate_of(&self, index: u32, seed: u64, reply: String, canvas: Canvas) -> Candidate {
        let plan = self.state.incumbent.as_ref().map(|view| &view.plan);
        let (edit, status) = match self.edit_to(&canvas) {
            Ok(edit) => (Some(edit), CandidateStatus::Ready),
            Err(reason) => (None, CandidateStatus::Invalid { reason }),
        };
        let next =
            edit.as_ref().zip(plan).and_then(|(edit, plan)| edit.apply(plan, plan::Origin::Refined).ok());
        Candidate {
            index,
            kind: NAME.into(),
            proposer: Some(NAME.into()),
            reply,
            seed,
            edit,
            hash: next.map(|(plan, _)| plan.hash()),
            confidence: BTreeMap::new(),
            pressure: None,
            tokens: Some(0),
            drawn: None,
            canvas: Some(canvas),
            status,
        }
    }
}

/// Says what a step did with the places of a canvas.
fn step_words(before: &Canvas, after: &Canvas, steps: u32) -> String {
    let (mut revealed, mut rewritten, mut masked_again) = (0, 0, 0);
    for (before, after) in before.places.iter().zip(&after.places) {
        match (before.token, after.token) {
            (None, Some(_)) => revealed += 1,
            (Some(_), None) => masked_again += 1,
            (Some(before), Some(after)) if before != after => rewritten += 1,
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    let rewritten = if rewritten == 0 { String::new() } else { format!("{rewritten} rewritten, ") };
    let left = after.masked_places().len();
    let done = after.done;
    format!(
        "step {done} of {steps}: {revealed} revealed, {rewritten}{masked_again} masked again, {left} masked"
    )
}

/// Whether noise may mask a place: one of an item that it may hit.
fn in_scope(layout: &TokenLayout, plan: &Plan, scope: &NoiseScope, place: usize, canvas: &Canvas) -> bool {
    let NoiseScope::Items(ids) = scope else { return true };
    let line = (0..layout.lines.len()).find(|line| layout.places_of(*line).contains(&place));
    let text = line.map(|line| layout.text(line, canvas));
    let text = text.as_deref().map(str::trim);
    plan.items().iter().any(|item| ids.contains(&item.id) && Some(item.text.as_str()) == text)
}
