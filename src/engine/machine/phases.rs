//! What each phase asks of the model, and what its reply means.

use super::{
    Machine,
    voting::{IndependentDraft, mean_logprob},
};
use crate::{draft, gate, propose, seed};
use model::{Completion, Generation, Output, Reply, Request, Sampling};
use session::Purpose;
use session::{
    CandidateStatus, CandidateView, CheckSummary, Event, Mode, Outcome, Phase, PlanView, RefinementStop,
    Subject,
};

/// Proposals look only among the most probable tokens; sampling from all of a large vocabulary is slow.
const TOP_K: u32 = 64;

impl Machine {
    /// Begins a phase: emits its event, and asks the model or goes straight on. Where a probe stops at that very
    /// event, the phase does its work when the run is resumed.
    pub(super) fn begin(&mut self, phase: Phase) {
        let at_once = std::mem::take(&mut self.steering.at_once);
        if self.probing.begun.take() != Some(phase) {
            self.announce(phase);
            if self.probing.hit && !at_once {
                self.probing.begun = Some(phase);
                return;
            }
        }
        match phase {
            Phase::Draft => self.begin_draft(),
            Phase::ScoreDraft => self.begin_score(&[Subject::Incumbent]),
            Phase::Propose => self.begin_propose(),
            Phase::Score => {
                let unscored = self.unscored();
                self.begin_score(&unscored);
            }
            Phase::Decide => self.begin_decide(),
            Phase::TieBreak => self.begin_tie_break(),
            Phase::Rescore => self.begin_final_rescore(),
            Phase::Answer => self.begin_answer(),
            Phase::Load | Phase::Done => self.give_up("There is no phase to begin."),
        }
    }

    fn announce(&mut self, phase: Phase) {
        let iteration = match phase {
            // An unfinished iteration starts again.
            Phase::Propose => self.state.finished_iterations() + 1,
            Phase::Load
            | Phase::Draft
            | Phase::ScoreDraft
            | Phase::Score
            | Phase::Decide
            | Phase::TieBreak
            | Phase::Rescore
            | Phase::Answer
            | Phase::Done => self.state.iteration,
        };
        self.emit(Event::PhaseBegan { phase, iteration });
    }

    /// Takes the reply to the call that the present phase made.
    pub(super) fn finish(&mut self, purpose: Purpose, reply: &Reply) {
        match (purpose, &reply.output) {
            (Purpose::Draft, Output::Generated { completions }) => self.drafted(completions),
            (Purpose::Propose, Output::Generated { completions }) => self.proposed(completions),
            (Purpose::Propose, Output::Filled { distributions }) => self.denoised(distributions),
            (Purpose::Propose, Output::Found { plans }) => self.latents_found(plans),
            (Purpose::Critique, Output::Generated { completions }) => self.criticised(completions),
            (Purpose::Score(_) | Purpose::Rescore, output) => self.scorer_replied(output, reply.cost),
            (Purpose::Answer | Purpose::Direct, Output::Generated { completions }) => {
                self.answered(completions, reply);
            }
            (Purpose::TieBreak, Output::Generated { completions }) => self.tie_broken(completions, reply),
            (Purpose::Verify, output) => self.verified(output),
            (Purpose::SideAnswer, Output::Generated { completions }) => self.side_answered(completions),
            (Purpose::Shadow, Output::Generated { completions }) => self.shadow_written(completions),
            (Purpose::Diagnose, _) => self.consulted(Ok::<_, String>(reply)),
            (
                Purpose::Draft
                | Purpose::Propose
                | Purpose::Critique
                | Purpose::Answer
                | Purpose::Direct
                | Purpose::TieBreak
                | Purpose::SideAnswer
                | Purpose::Shadow,
                Output::Scored { .. }
                | Output::Chosen { .. }
                | Output::Contrasted { .. }
                | Output::Ranked { .. }
                | Output::Filled { .. }
                | Output::Found { .. }
                | Output::Appraised { .. },
            ) => self.give_up("The model's reply is of the wrong type for this request."),
        }
    }

    pub(super) fn give_up(&mut self, reason: &str) {
        self.end(Outcome::Failed { reason: reason.into(), hint: None });
    }

    pub(super) fn generate(&mut self, purpose: Purpose, mut generations: Vec<Generation>) {
        self.bound_thinking(purpose, &mut generations);
        self.call(purpose, Request::Generate { generations });
    }

    pub(super) fn sampling(&self, label: &str, temperature: f32) -> Sampling {
        let settings = &self.state.settings;
        Sampling {
            temperature,
            top_k: if temperature > 0.0 { TOP_K } else { 1 },
            top_p: settings.top_p,
            seed: seed::derive(settings.seed, label, self.state.iteration, 0),
        }
    }

    fn begin_draft(&mut self) {
        if self.denoises() {
            return self.begin_canvas();
        }
        let surface = self.prompter.surface();
        if let Some(reason) = surface.fault(self.prompter.form()) {
            let hint =
                Some("choose another with --set surface=items, or leave the choice to the family".into());
            return self.end(Outcome::Failed { reason, hint });
        }
        let items = draft::most_items(&self.state.settings, self.prompter.framing());
        let generation = Generation {
            prompt: self.prompter.draft(),
            sampling: self.sampling("draft", self.state.settings.draft_temperature),
            grammar: Some(self.prompter.draft_grammar(items)),
            max_tokens: self.within_budget(draft::tokens(items), 1),
            stop: surface.stop(),
            thinking: self.state.settings.thinking.tokens,
            distinct_from: None,
        };
        self.generate(Purpose::Draft, vec![generation]);
    }

    fn drafted(&mut self, completions: &[Completion]) {
        let Some(completion) = completions.first() else {
            return self.give_up("The model wrote no plan.");
        };
        match draft::read_completion(&self.prompter, completion) {
            Ok(read) => {
                let confidence = propose::restore::draft_confidence(&read, completion);
                let draft = IndependentDraft {
                    plan: Some(read.plan.clone()),
                    surface: self.prompter.surface().name(),
                    logprob: mean_logprob(completion),
                };
                self.emit(Event::Drafted { plan: read.plan, confidence });
                self.check(Subject::Incumbent);
                self.cast(&[draft]);
                self.steering.next = match self.state.settings.mode {
                    Mode::Refine => Phase::ScoreDraft,
                    Mode::Draft | Mode::Direct => Phase::Answer,
                };
            }
            Err(reason) => self.end(Outcome::Failed {
                reason: format!("The draft is not a valid plan: {reason}."),
                hint: Some(self.no_plan_hint().into()),
            }),
        }
    }

    fn no_plan_hint(&self) -> &'static str {
        match self.state.model.as_ref().map(|model| model.backend.as_str()) {
            Some("openai") => {
                "say how the server takes grammars, such as --set llm.server_grammar=llguidance, or use a larger model"
            }
            Some(_) | None => "use a larger model, or another seed with --set draft_temperature=0.7",
        }
    }

    /// The candidates that wait for a score.
    pub(super) fn unscored(&self) -> Vec<Subject> {
        let waits = |view: &&CandidateView| {
            matches!(view.candidate.status, CandidateStatus::Ready | CandidateStatus::Control)
                && view.view.as_ref().is_some_and(|plan| plan.score.is_none())
                && view.candidate.canvas.as_ref().is_none_or(|canvas| canvas.is_whole())
        };
        let waiting = self.state.candidates.iter().filter(waits);
        waiting.map(|view| Subject::Candidate(view.candidate.index)).collect()
    }

    pub(super) fn view(&self, subject: Subject) -> Option<&PlanView> {
        match subject {
            Subject::Incumbent => self.state.incumbent.as_ref(),
            Subject::Candidate(index) => self.state.candidates.get(index as usize)?.view.as_ref(),
        }
    }

    pub(super) fn decide(&mut self) {
        self.emit(Event::Decided { verdicts: gate::decide(&self.state) });
        self.after_iteration();
    }

    /// Chooses between another iteration and the answer.
    pub(super) fn after_iteration(&mut self) {
        let state = &self.state;
        let settings = &state.settings;
        let check = state.incumbent.as_ref().and_then(|view| view.check.as_ref());
        let exact = check.and_then(|check| check.exact) == Some(true);
        let fruitless = state.fruitless();
        if state.refinement_stop.is_some() {
            self.steering.next = Phase::Answer;
        } else if exact {
            self.end_refinement(RefinementStop::Exact);
        } else if settings.until_clean && check.is_some_and(is_clean) {
            self.end_refinement(RefinementStop::Clean);
        } else if let Some(agreed) = self.agreed() {
            self.end_refinement(agreed);
        } else if self.has_a_tie_to_break() {
            self.steering.next = Phase::TieBreak;
        } else if state.finished_iterations() >= settings.iterations {
            self.end_refinement(RefinementStop::Iterations);
        } else if settings.fruitless > 0
            && fruitless >= settings.fruitless
            && !self.gathers_drafts()
            && !self.is_unfinished()
        {
            self.end_refinement(RefinementStop::Fruitless { iterations: fruitless });
        } else if let Some(meter) = self.budget_ends() {
            self.end_refinement(RefinementStop::Budget { meter });
        } else {
            self.steering.next = Phase::Propose;
            if let Some(turn) = gate::turn(&self.state) {
                self.emit(Event::Turned { turn });
            }
            self.inject_if_due();
        }
    }
}

/// Whether a plan passes every check that there is, and no exact one fails it.
fn is_clean(check: &CheckSummary) -> bool {
    check.score.is_some_and(|score| score > 1.0 - 1e-9)
        && check.exact != Some(false)
        && check.findings.is_empty()
}
