//! What a person changes: the incumbent, candidates, noise.

use super::Machine;
use crate::{propose, seed};
use model::Request;
use plan::{Chaos, Edit, Item, ItemId, NoiseKind, NoiseSpec, Origin, Plan, exchange};
use session::{Candidate, CandidateStatus, Event, Mode, Phase, Subject};

/// A command that waits until no call is running.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Edit(Edit),
    Undo,
    Redo,
    Noise(NoiseSpec),
    Rule { candidate: u32, accept: bool },
    Candidate { candidate: u32, edit: Edit },
    Adopt(u32),
    Rescore { times: u32 },
    Answer { seq: u64, plan: Box<Plan> },
    Consult(Box<Request>),
}

impl Machine {
    /// Does what a person wants, or says why that cannot be done.
    pub(super) fn take_change(&mut self, change: Change) {
        let done = match change {
            Change::Edit(edit) => self.edit(edit),
            Change::Undo => self.undo(),
            Change::Redo => self.redo(),
            Change::Noise(spec) => self.noise(spec),
            Change::Rule { candidate, accept } => self.rule(candidate, accept),
            Change::Candidate { candidate, edit } => self.edit_candidate(candidate, &edit),
            Change::Adopt(number) => self.take_up(number),
            Change::Rescore { times } => self.begin_rescore(times),
            Change::Answer { seq, plan } => self.begin_side_answer(seq, *plan),
            Change::Consult(request) => {
                self.begin_consulting(*request);
                Ok(())
            }
        };
        if let Err(reason) = done {
            self.refuse(reason);
        }
    }

    fn incumbent(&self) -> Result<&Plan, String> {
        let incumbent = self.state.incumbent.as_ref().map(|view| &view.plan);
        incumbent.ok_or_else(|| "There is no plan yet to change.".into())
    }

    fn edit(&mut self, edit: Edit) -> Result<(), String> {
        let plan = self.incumbent()?;
        let (changed, _) = edit
            .apply(plan, Origin::Human)
            .map_err(|error| format!("The edit \"{}\" cannot be applied: {error}.", edit.summary()))?;
        if changed.hash() == plan.hash() {
            return Err(format!("The edit \"{}\" changes nothing.", edit.summary()));
        }
        if self.denoises() {
            self.canvas_of(&changed)?;
        }
        if let Some(id) = self.used_before(plan, &changed) {
            let next = self.state.ids.peek(id.kind);
            return Err(format!("{id} was used before in this session; a new item here is {next}."));
        }
        self.emit(Event::HumanEdited { edit });
        self.incumbent_changed();
        Ok(())
    }

    /// An id that `new` has and `old` has not, though an item of this session had it.
    fn used_before(&self, old: &Plan, new: &Plan) -> Option<ItemId> {
        let fresh = |item: &&Item| {
            item.id.number <= self.state.ids.highest(item.id.kind) && old.get(item.id).is_none()
        };
        new.items().iter().find(fresh).map(|item| item.id)
    }

    /// Makes a candidate on which the gate could not decide the incumbent.
    fn take_up(&mut self, number: u32) -> Result<(), String> {
        let alternatives = &self.state.proposals.alternatives;
        let chosen = (number as usize).checked_sub(1).and_then(|at| alternatives.get(at));
        let Some(chosen) = chosen else {
            return Err(match alternatives.len() {
                0 => "There is no alternative: the gate could decide on every candidate so far.".into(),
                known => format!("There is no alternative {number}; they are numbered from 1 to {known}."),
            });
        };
        let edit = exchange(self.incumbent()?, &chosen.plan);
        if self.denoises() {
            self.canvas_of(&chosen.plan)?;
        }
        if edit.is_noop(self.incumbent()?) {
            return Err(format!("Alternative {number} is already the incumbent."));
        }
        self.emit(Event::HumanEdited { edit });
        self.incumbent_changed();
        Ok(())
    }

    fn undo(&mut self) -> Result<(), String> {
        let (change, edit) = self.state.changes.undo(self.incumbent()?)?;
        self.emit(Event::Undone { change, edit });
        self.incumbent_changed();
        Ok(())
    }

    fn redo(&mut self) -> Result<(), String> {
        let (change, edit) = self.state.changes.redo(self.incumbent()?)?;
        self.emit(Event::Redone { change, edit });
        self.incumbent_changed();
        Ok(())
    }

    fn noise(&mut self, spec: NoiseSpec) -> Result<(), String> {
        let plan = self.incumbent()?;
        if !(0.0..=1.0).contains(&spec.strength) {
            return Err(format!("The strength of noise is between 0 and 1, not {}.", spec.strength));
        }
        if self.denoises() {
            self.add_noise(spec, false)?;
            self.steering.next = Phase::Propose;
            return Ok(());
        }
        if spec.kind == NoiseKind::Gauss {
            return Err("Items have no latents: gauss is for runs with think=latent.".into());
        }
        let reach = plan::reach(plan, &spec).len();
        if reach == 0 {
            return Err(format!(
                "There is no item that {} could hit: it leaves pinned and muted ones alone.",
                spec.kind
            ));
        }
        let edit = plan::noise(plan, &self.state.ids, &spec);
        if edit.is_noop(plan) {
            let items = if reach == 1 { "1 item is".to_owned() } else { format!("{reach} items are") };
            let raise = if spec.strength < 1.0 { "raise the strength or " } else { "" };
            return Err(format!(
                "This draw changes nothing, though {items} in reach; {raise}change the seed."
            ));
        }
        self.emit(Event::Noised { spec, edit, scheduled: false });
        self.incumbent_changed();
        Ok(())
    }

    /// Has the incumbent checked and scored at once, whatever phase was next. Candidates that were not decided
    /// on fell away with the plan that they were made for.
    fn incumbent_changed(&mut self) {
        let shown = self.incumbent().ok().map(|plan| self.prompter.shown(plan));
        if let Some(Err(why)) = shown {
            self.refuse(format!("Prompts show this plan as items: {why}."));
        }
        if self.denoises() {
            self.follow_with_canvas();
            if self.is_unfinished() {
                self.steering.next = Phase::Propose;
                return;
            }
        }
        self.check(Subject::Incumbent);
        match self.state.settings.mode {
            Mode::Refine => {
                self.steering.next = Phase::ScoreDraft;
                self.steering.at_once = true;
            }
            Mode::Draft | Mode::Direct => self.steering.next = Phase::Answer,
        }
    }

    pub(super) fn set_chaos(&mut self, chaos: Option<Chaos>) {
        match &chaos {
            None if self.state.noise.schedule.is_none() => return self.refuse("There is no chaos to end."),
            Some(chaos) if chaos.every == 0 || chaos.times == 0 => {
                return self.refuse("Chaos needs an interval and a number of times of at least 1.");
            }
            Some(chaos) if !(0.0..=1.0).contains(&chaos.noise.strength) => {
                return self.refuse("The strength of noise is between 0 and 1.");
            }
            Some(_) | None => {}
        }
        self.emit(Event::ChaosSet { chaos });
    }

    /// Injects noise between two iterations when the schedule says so. Each time has a seed of its own.
    pub(super) fn inject_if_due(&mut self) {
        let state = &self.state;
        let (Some(chaos), Some(incumbent)) = (&state.noise.schedule, &state.incumbent) else { return };
        let finished = state.finished_iterations();
        let done = state.noise.injections.iter().any(|one| one.scheduled && one.iteration == finished);
        let due = finished > 0 && finished.is_multiple_of(chaos.every) && state.noise.scheduled < chaos.times;
        if !due || done {
            return;
        }
        let seed = seed::derive(chaos.noise.seed, "chaos", finished, 0);
        let spec = NoiseSpec { seed, ..chaos.noise.clone() };
        if self.denoises() {
            if let Err(why) = self.add_noise(spec, true) {
                self.refuse(why);
            }
            return;
        }
        let edit = plan::noise(&incumbent.plan, &state.ids, &spec);
        let changes = !edit.is_noop(&incumbent.plan);
        self.emit(Event::Noised { spec, edit, scheduled: true });
        if changes {
            self.incumbent_changed();
        }
    }

    fn rule(&mut self, candidate: u32, accept: bool) -> Result<(), String> {
        let view = self.undecided(candidate)?;
        let why = match &view.candidate.status {
            CandidateStatus::Ready => None,
            CandidateStatus::Control => Some("it is a control".to_owned()),
            CandidateStatus::NoOp => Some("it changes nothing".to_owned()),
            CandidateStatus::Duplicate { .. } => Some("its plan was seen before".to_owned()),
            CandidateStatus::Invalid { reason } => Some(reason.trim_end_matches('.').to_owned()),
        };
        if let Some(why) = why {
            return Err(format!("Candidate {} never meets the gate: {why}.", candidate + 1));
        }
        self.emit(Event::Ruled { candidate, accept });
        Ok(())
    }

    /// The candidate, while it can still be ruled on.
    fn undecided(&self, candidate: u32) -> Result<&session::CandidateView, String> {
        if !self.state.deciding() {
            return Err("There are no candidates that wait for a decision.".into());
        }
        let view = self.state.candidates.get(candidate as usize);
        view.ok_or_else(|| format!("There is no candidate {}.", candidate + 1))
    }

    /// Writes the plan of an edited candidate as tokens, where tokens are denoised.
    fn with_canvas(&self, candidate: Candidate, base: &Plan) -> Result<Candidate, String> {
        if !self.denoises() {
            return Ok(candidate);
        }
        let plan = candidate.edit.as_ref().and_then(|edit| edit.apply(base, Origin::Human).ok());
        let canvas = plan.map(|(plan, _)| self.canvas_of(&plan)).transpose()?;
        Ok(Candidate { canvas, ..candidate })
    }

    fn edit_candidate(&mut self, candidate: u32, edit: &Edit) -> Result<(), String> {
        self.undecided(candidate)?;
        let base = self.state.base.as_ref().ok_or("There is no plan to change.")?;
        let exchanged = propose::exchanged(&self.state, &base.plan, candidate as usize, edit)
            .ok_or_else(|| format!("There is no candidate {}.", candidate + 1))?;
        let exchanged = self.with_canvas(exchanged, &base.plan)?;
        let ready = exchanged.status == CandidateStatus::Ready;
        self.emit(Event::CandidateEdited { candidate: Box::new(exchanged) });
        if ready {
            self.check(Subject::Candidate(candidate));
            if self.steering.next == Phase::Decide {
                self.steering.next = Phase::Score;
                self.steering.at_once = true;
            }
        }
        Ok(())
    }
}
