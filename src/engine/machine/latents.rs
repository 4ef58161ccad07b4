//! Plans whose latents are denoised: each iteration moves them one step from noise to a plan, and reads out the plan that is
//! expected. A plan that was changed from outside is written as latents first, with the noise of the step that is due.

use super::{Machine, denoising::NAME};
use crate::seed;
use denoise::{Canvas, LatentPoint, LatentShape, Token, TokenPlace};
use model::{LatentPlan, LatentRow, Request};
use plan::{Edit, NoiseKind, NoiseSpec};
use session::{Candidate, Denoising, Event, Purpose};

impl Machine {
    /// Returns latents that are all noise.
    pub(super) fn first_point(&self) -> LatentPoint {
        let seed = self.state.settings.seed;
        let z = (0..LatentShape::DEFAULT.numbers()).map(|at| normal(seed, "latents", 0, at)).collect();
        LatentPoint { z, expected: Vec::new(), time: 1.0 }
    }

    /// Asks which latents are expected, or, where the plan was changed, which ones are its own.
    pub(super) fn ask_for_latents(&mut self, problem: Vec<Token>) {
        let Some(now) = &self.state.denoising else {
            return self.give_up("There are no latents to denoise.");
        };
        let row = match self.point_to_move(now) {
            Some(point) => LatentRow::Expect {
                problem,
                z: point.z,
                expected: point.expected,
                time: point.time,
                guidance: self.state.settings.latent.guidance as f32,
                places: now.canvas.places.len(),
            },
            None => {
                LatentRow::Encode { plan: now.canvas.places.iter().filter_map(|place| place.token).collect() }
            }
        };
        let (family, vocabulary) = (self.problem.family.clone(), now.layout.vocabulary.clone());
        self.call(Purpose::Propose, Request::Latents { family, vocabulary, rows: vec![row] });
    }

    /// Returns where the next step starts: where the latents are, or, where no noise is left in them, with some again. None
    /// where the plan is not written as latents yet.
    fn point_to_move(&self, now: &Denoising) -> Option<LatentPoint> {
        let (settings, point) = (&self.state.settings, now.canvas.latent.as_deref()?);
        if point.time > 0.0 {
            return Some(point.clone());
        }
        let draw = |at| normal(settings.seed, "renoise", self.state.iteration, at);
        Some(point.noised(settings.renoise as f32, draw))
    }

    /// Takes the latents that were asked for.
    pub(super) fn latents_found(&mut self, plans: &[LatentPlan]) {
        let (Some(now), Some(found)) = (self.state.denoising.clone(), plans.first()) else {
            return self.give_up("The reply has no latents.");
        };
        let Some(point) = self.point_to_move(&now) else { return self.encoded(&now, found) };
        let candidates: Vec<Candidate> = (0..self.state.settings.proposals)
            .map(|index| self.moved_candidate(index, &now, &point, found))
            .collect();
        self.take_steps(candidates);
    }

    /// Continues from the latents of a plan that was changed, with the noise of the step that is due.
    fn encoded(&mut self, now: &Denoising, found: &LatentPlan) {
        if !now.canvas.tokens(0..found.tokens.len()).eq(found.tokens.iter().map(|(token, _)| Some(*token))) {
            let read = found.words(&now.layout.vocabulary);
            self.refuse(format!(
                "The latents of this plan decode to a different one, {read}; the model cannot represent it."
            ));
        }
        let settings = &self.state.settings;
        let time = settings.latent.time(now.canvas.done);
        let time = if time > 0.0 { time } else { settings.renoise as f32 };
        let own = LatentPoint { z: found.z.clone(), expected: Vec::new(), time: 0.0 };
        let point = own.noised(time, |at| normal(settings.seed, "encode", self.state.iteration, at));
        let canvas = Canvas { latent: Some(Box::new(point)), ..now.canvas.clone() };
        self.emit(Event::CanvasSet { layout: None, canvas });
        self.begin_denoising();
    }

    /// Returns a candidate one step further. The first follows the flow; others get other noise, as much as is left.
    fn moved_candidate(
        &self,
        index: u32,
        now: &Denoising,
        point: &LatentPoint,
        found: &LatentPlan,
    ) -> Candidate {
        let settings = &self.state.settings;
        let seed = seed::derive(settings.seed, NAME, self.state.iteration, index);
        let steps = settings.latent.steps;
        let done = ((1.0 - point.time) * steps as f32).round() as u32 + 1;
        let to = settings.latent.time(done);
        let mut moved = point.moved(found.z.clone(), to);
        if index > 0 {
            moved = moved.noised(to, |at| normal(seed, "fresh", 0, at));
        }
        let place = |(token, confidence): &(Token, f32)| TokenPlace {
            confidence: Some(*confidence),
            ..TokenPlace::given(*token, false)
        };
        let places: Vec<TokenPlace> = found.tokens.iter().map(place).collect();
        let changed =
            now.canvas.places.iter().zip(&places).filter(|(old, new)| old.token != new.token).count();
        let reply = format!(
            "step {done} of {steps}: noise {:.0} % to {:.0} %, moved {:.2}, {changed} tokens changed",
            100.0 * point.time,
            100.0 * to,
            point.distance(&moved),
        );
        let canvas = Canvas { places, done, latent: Some(Box::new(moved)) };
        self.candidate_of(index, seed, reply, canvas)
    }

    /// Mixes noise into the latents of the incumbent; its plan stays until the next step.
    ///
    /// # Errors
    /// A sentence that says why there can be no noise.
    pub(super) fn noise_latents(&mut self, spec: NoiseSpec, scheduled: bool) -> Result<(), String> {
        if spec.kind != NoiseKind::Gauss {
            return Err(format!("Latents get normal noise: write noise gauss, not {}.", spec.kind));
        }
        let point = self.now().and_then(|(now, _)| now.canvas.latent.as_deref());
        let point = point.ok_or("The plan is not written as latents yet; make a step first.")?;
        let time = spec.strength as f32;
        let noised = point.noised(time, |at| normal(spec.seed, "gauss", 0, at));
        let done = ((1.0 - spec.strength) * f64::from(self.state.settings.latent.steps)).floor() as u32;
        let canvas = self.state.denoising.as_ref().map(|now| now.canvas.clone()).unwrap_or_default();
        let canvas = Canvas { latent: Some(Box::new(noised)), done, ..canvas };
        self.emit(Event::Noised { spec, edit: Edit::Batch { edits: Vec::new() }, scheduled });
        self.emit(Event::CanvasSet { layout: None, canvas });
        Ok(())
    }
}

/// Draws a normal number for one place of one use.
fn normal(seed: u64, label: &str, iteration: u32, at: usize) -> f32 {
    // Box and Muller; one minus a draw from 0..1 is above 0.
    let length = (-2.0 * (1.0 - seed::draw_at(seed, label, iteration, 2 * at)).ln()).sqrt();
    (length * (std::f64::consts::TAU * seed::draw_at(seed, label, iteration, 2 * at + 1)).cos()) as f32
}
