//! The state of a run: a fold over its events, the same while it runs and when it is replayed.

mod candidates;
mod changes;
mod parts;
mod recovered;
mod recovery;
mod repeats;
mod views;
mod voting;

use std::{collections::BTreeMap, sync::Arc};

use denoise::{Canvas, TokenLayout};
use rpds::VectorSync;

use super::{
    ages::Ages,
    answer::{Answer, Judgement},
    denoising::Denoising,
    event::{
        CallId, CheckSummary, Event, Outcome, PauseCause, Phase, ProblemCard, Record, RefinementStop, Subject,
    },
    format::Parent,
    gate::GateSettings,
    population::Population,
    purpose::Purpose,
    score::{Rescore, Ruling, Score},
    settings::Settings,
    shadow::Shadow,
    votes::Votes,
};
pub use changes::{Change, ChangeKind, Changes};
use model::{Cost, ModelInfo};
pub use parts::{CallTotals, NoiseHistory, PastProposals};
use plan::{Edit, IdSource, ItemId, NoiseSpec, Origin, Plan};
pub use recovered::{Fate, Fates, RECOVERED, Recovery, RecoveryStep};
pub use recovery::{Injection, RecoveryPoint};
pub use repeats::Repeats;
pub use views::{
    Alternative, CandidateView, FailedCall, IterationPoint, PlanView, RejectedEdit, Rulings, SideAnswer,
};

/// A list that only grows. States of one run share what they have in common of it, so that many can be kept.
pub type History<T> = VectorSync<T>;

/// Everything that is known of a run at one moment. It changes only through [`State::apply`].
///
/// A copy costs about what is on the screen, however long the run: what piles up over a run is shared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// The problem, without gold; absent before the first event.
    pub problem: Option<ProblemCard>,
    /// All settings, seed included, as they are by now.
    pub settings: Settings,
    /// The model, once it is ready.
    pub model: Option<ModelInfo>,
    /// The phase that runs or comes next.
    pub phase: Phase,
    /// The iteration, from 1; 0 before the first.
    pub iteration: u32,
    /// Whether the run is paused.
    pub paused: bool,
    /// Why it does, where that is known.
    pub pause_cause: Option<PauseCause>,
    /// Whether it pauses before each decision, for a person to rule.
    pub intercept: bool,
    /// What this session is a fork of.
    pub parent: Option<Parent>,
    /// The plan that the run currently refines.
    pub incumbent: Option<PlanView>,
    /// The tokens of the incumbent, where tokens are denoised.
    pub denoising: Option<Denoising>,
    /// The plan with the highest total so far; on a tie the earlier one.
    pub best: Option<PlanView>,
    /// The plans with the highest totals so far, best first, as many as are scored again before the answer.
    pub elite: Vec<PlanView>,
    /// The plan that the candidates of the present iteration change; absent before the first proposals.
    pub base: Option<PlanView>,
    /// The candidates of the present iteration.
    pub candidates: Vec<CandidateView>,
    /// One point for the draft and each iteration that is over.
    pub timeline: History<IterationPoint>,
    /// What became of candidates so far.
    pub proposals: PastProposals,
    /// How many equal totals in a row were accepted last.
    pub sideways: u32,
    /// The votes of independent drafts.
    pub votes: Votes,
    /// What scoring plans again gave.
    pub repeats: Repeats,
    /// Hands out ids that no item of an incumbent has used. An id that only a rejected candidate
    /// had comes again, so that the same insertion is the same plan and recognised by its hash.
    pub ids: IdSource,
    /// The iteration since which each item of the incumbent has its present text.
    pub ages: Ages,
    /// How probable the model found each item of the incumbent when it wrote it, 0 to 1; items that
    /// somebody else wrote have no entry.
    pub confidence: BTreeMap<ItemId, f64>,
    /// Calls to the model, and what they cost.
    pub calls: CallTotals,
    /// Why refinement ended.
    pub refinement_stop: Option<RefinementStop>,
    /// The answer that the run ends with, once it is complete.
    pub answer: Option<Answer>,
    /// How the answer compares with gold. *Oracle*.
    pub judgement: Option<Judgement>,
    /// Answers from plans of earlier moments, in the order in which they were asked for.
    pub side_answers: History<SideAnswer>,
    /// A person's changes of the incumbent, for undo and redo.
    pub changes: Changes,
    /// Noise, scheduled and injected.
    pub noise: NoiseHistory,
    /// The plans that take turns, under a gate that refines several.
    pub population: Population,
    /// Plain decoding at the same cost, as far as it was compared. *Oracle*.
    pub shadow: Shadow,
    /// How the session ended; absent while it runs, or when its record is torn off.
    pub outcome: Option<Outcome>,
    /// The number of events applied.
    pub events: u64,
    /// Milliseconds from the start to the last event.
    pub at_ms: u64,
    human_touch: bool,
}

impl State {
    /// Returns the state after all of `records`.
    pub fn replay<'a>(records: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut state = Self::default();
        for record in records {
            state.apply(record);
        }
        state
    }

    /// Returns what was spent in all.
    pub fn total_cost(&self) -> Cost {
        self.calls.cost.values().fold(Cost::default(), |sum, cost| sum + *cost)
    }

    /// Returns what the run spent of its budget: all but side requests of a person.
    pub fn run_cost(&self) -> Cost {
        let counts = self.calls.cost.iter().filter(|(purpose, _)| purpose.counts());
        counts.fold(Cost::default(), |sum, (_, cost)| sum + *cost)
    }

    /// Returns how many iterations are over.
    pub fn finished_iterations(&self) -> u32 {
        self.timeline.last().map_or(0, |point| point.iteration)
    }

    /// Returns whether candidates stand that the gate has not decided on.
    pub fn deciding(&self) -> bool {
        !self.candidates.is_empty() && self.candidates.iter().all(|view| view.verdict.is_none())
    }

    /// Returns the plan to answer from; none where there is none, or none supports the answer. It is the one on which drafts
    /// agreed, or the best one, or the incumbent where it is as good, has no score, or
    /// is as a person left it.
    pub fn answer_plan(&self) -> Option<&PlanView> {
        let incumbent = self.incumbent.as_ref()?;
        if self.no_plan_supports_the_answer() {
            return None;
        }
        if let Some(settled) = self.settled() {
            return Some(settled);
        }
        if let Some(chosen) = self.chosen()
            && !self.changes.by_hand(&incumbent.plan)
        {
            return Some(chosen);
        }
        match &self.best {
            Some(best)
                if incumbent.total() < best.total()
                    && incumbent.score.is_some()
                    && !self.changes.by_hand(&incumbent.plan) =>
            {
                Some(best)
            }
            Some(_) | None => Some(incumbent),
        }
    }

    /// Returns whether the incumbent is as a person left it.
    pub fn is_by_hand(&self) -> bool {
        self.incumbent.as_ref().is_some_and(|view| self.changes.by_hand(&view.plan))
    }

    /// Returns whether the answer is that of a chain of thought because drafts differ and none reaches what it states.
    pub fn no_plan_supports_the_answer(&self) -> bool {
        let stop = self.refinement_stop.as_ref();
        matches!(stop, Some(RefinementStop::TieBroken { value: Some(_), plan: None })) && !self.is_by_hand()
    }

    /// The plan on which independent drafts agreed, or for which a chain of thought decided.
    fn settled(&self) -> Option<&PlanView> {
        let hash = match self.refinement_stop.as_ref().filter(|_| !self.is_by_hand())? {
            RefinementStop::Agreed { plan, .. } => Some(*plan),
            RefinementStop::TieBroken { plan, .. } => *plan,
            RefinementStop::Iterations
            | RefinementStop::Budget { .. }
            | RefinementStop::Fruitless { .. }
            | RefinementStop::Exact
            | RefinementStop::Clean
            | RefinementStop::Asked => None,
        }?;
        self.votes.plans.iter().find(|view| view.plan.hash() == hash)
    }

    /// Returns the best plan by its fresh scores, once all of the best were scored again: the first scores are
    /// those by which these plans were picked, so they flatter.
    fn chosen(&self) -> Option<&PlanView> {
        if self.settings.gate.keeps_incumbent() {
            // A lead that the gate did not find clear is no reason to leave the incumbent.
            return None;
        }
        let mut chosen: Option<(&PlanView, f64)> = None;
        for view in &self.elite {
            let mean = view.rescored.as_ref()?.total.mean;
            if chosen.is_none_or(|(_, best)| mean > best) {
                chosen = Some((view, mean));
            }
        }
        chosen.filter(|_| self.elite.len() > 1).map(|(view, _)| view)
    }

    /// Returns what `call` was made for.
    pub fn purpose(&self, call: CallId) -> Option<Purpose> {
        self.calls.purposes.get(&call).copied()
    }

    /// Returns how many iterations in a row brought no better plan.
    pub fn fruitless(&self) -> u32 {
        let since = self.best.as_ref().map_or(0, |best| best.since);
        self.timeline.last().map_or(0, |point| point.iteration.saturating_sub(since))
    }

    /// Takes in the next event.
    pub fn apply(&mut self, record: &Record) {
        self.events = record.seq + 1;
        self.at_ms = record.at_ms;
        match &record.event {
            Event::Started { problem, settings } => self.start(problem, settings),
            Event::ModelReady { model } => self.model = Some((**model).clone()),
            Event::PhaseBegan { phase, iteration } => self.begin(*phase, *iteration),
            Event::Paused { paused, cause } => (self.paused, self.pause_cause) = (*paused, cause.clone()),
            Event::CallStarted { call, purpose, .. } => self.calls.begin(*call, *purpose),
            Event::CallFinished { call, cost, .. } => self.calls.close(*call, *cost),
            Event::CallCancelled { call, cost, .. } => self.calls.close(*call, cost.unwrap_or_default()),
            Event::CallFailed { call, error, hint, log_tail, cost, .. } => {
                self.calls.close(*call, cost.unwrap_or_default());
                let (error, hint, log_tail) = (error.clone(), hint.clone(), log_tail.clone());
                self.calls.failed.push_back_mut(FailedCall { call: *call, error, hint, log_tail });
            }
            Event::Drafted { plan, confidence } => self.draft(plan, confidence),
            Event::Checked { subject, summary } => self.check(*subject, summary),
            Event::CanvasSet { layout, canvas } => self.set_canvas(layout.as_deref(), canvas, record.seq),
            Event::Proposed { candidates } => self.propose(candidates),
            Event::Scored { subject, score } => self.score(*subject, score, record.seq),
            Event::Voted { votes, recounts } => self.vote(votes, recounts),
            Event::Decided { verdicts } => self.decide(verdicts, record.seq),
            Event::HumanEdited { edit } => self.change(record.seq, ChangeKind::Hand(edit.clone()), edit),
            Event::Undone { edit, .. } => {
                self.changes.undone();
                self.exchange_incumbent(edit);
            }
            Event::Redone { edit, .. } => {
                self.changes.redone();
                self.exchange_incumbent(edit);
            }
            Event::Noised { spec, edit, scheduled } => self.noise(record.seq, spec, edit, *scheduled),
            Event::ChaosSet { chaos } => (self.noise.schedule, self.noise.scheduled) = (chaos.clone(), 0),
            Event::InterceptSet { on } => self.intercept = *on,
            Event::ShadowSet { on } => self.settings.shadow = *on,
            Event::Shadowed { point } => self.shadow.receive(record.seq, point),
            Event::GateSet { gate } => self.set_gate(gate),
            Event::Turned { turn } => self.turn(turn),
            Event::Ruled { candidate, accept } => self.rule(*candidate, *accept),
            Event::CandidateEdited { candidate } => self.edit_candidate(candidate),
            Event::Rescored { rescore } => self.rescored(rescore),
            Event::SideAnswered { from, answer, judgement } => {
                let (answer, judgement) = (answer.clone(), judgement.clone());
                self.side_answers.push_back_mut(SideAnswer {
                    seq: record.seq,
                    from: *from,
                    answer,
                    judgement,
                });
            }
            Event::Forked { parent, at, settings } => self.fork(parent, *at, settings),
            Event::RefinementEnded { reason } => self.refinement_stop = Some(reason.clone()),
            Event::Answered { answer } => self.answer = Some(answer.clone()),
            Event::Judged { judgement } => self.judgement = Some(judgement.clone()),
            Event::Ended { outcome } => (self.outcome, self.calls.open) = (Some(outcome.clone()), None),
        }
    }

    fn start(&mut self, problem: &ProblemCard, settings: &Settings) {
        self.problem = Some(problem.clone());
        self.paused = settings.paused;
        self.settings = settings.clone();
    }

    fn begin(&mut self, phase: Phase, iteration: u32) {
        self.phase = phase;
        self.iteration = iteration;
        if phase == Phase::Propose {
            self.candidates.clear();
            self.calls.round_start = self.run_cost();
        }
    }

    /// Continues as another run: what the parent was about to do or had concluded is open again.
    fn fork(&mut self, parent: &str, at: u64, settings: &Settings) {
        self.parent = Some(Parent { session: parent.to_owned(), at });
        self.settings = settings.clone();
        (self.paused, self.pause_cause) = (settings.paused, None);
        self.model = None;
        self.calls.open = None;
        self.refinement_stop = None;
        (self.answer, self.judgement) = (None, None);
    }

    /// Other members of a population belong to the gate that kept them.
    fn set_gate(&mut self, gate: &GateSettings) {
        self.settings.gate = gate.clone();
        self.population = Population::default();
    }

    fn draft(&mut self, plan: &Plan, confidence: &BTreeMap<ItemId, f64>) {
        self.see(plan, 0);
        self.ids.observe_plan(plan);
        self.age(plan);
        self.incumbent = Some(PlanView { plan: plan.clone(), ..PlanView::default() });
        self.confidence.clone_from(confidence);
    }

    fn set_canvas(&mut self, layout: Option<&TokenLayout>, canvas: &Canvas, seq: u64) {
        let given = layout.map(|layout| Denoising::new(Arc::new(layout.clone())));
        let Some(mut now) = given.or_else(|| self.denoising.take()) else { return };
        now.take(canvas.clone(), seq, self.iteration);
        now.base = canvas.clone();
        self.denoising = Some(now);
        if self.timeline.is_empty() {
            self.push_point(0, seq, None);
        }
    }

    fn check(&mut self, subject: Subject, summary: &CheckSummary) {
        if let Some(view) = self.subject_mut(subject) {
            view.check = Some(summary.clone());
            let view = view.clone();
            self.note_voter(&view);
        }
        self.refresh_best();
    }

    /// Forgets how probable the lines were that `plan`, which is about to stand, has otherwise or not at all.
    fn doubt(&mut self, plan: &Plan) {
        let old = self.incumbent.as_ref().map(|view| &view.plan);
        let text = |plan: &Plan, id| plan.get(id).map(|item| item.text.clone());
        self.confidence.retain(|id, _| old.is_some_and(|old| text(old, *id) == text(plan, *id)));
    }

    /// Takes note of what `plan`, which is about to stand, says newly.
    fn age(&mut self, plan: &Plan) {
        let old = self.incumbent.as_ref().map(|view| &view.plan);
        self.ages.note(old, plan, self.iteration);
    }

    fn see(&mut self, plan: &Plan, iteration: u32) {
        let hash = plan.hash();
        if !self.proposals.seen.contains_key(&hash) {
            self.proposals.seen.insert_mut(hash, iteration);
        }
    }

    fn subject_mut(&mut self, subject: Subject) -> Option<&mut PlanView> {
        match subject {
            Subject::Incumbent => self.incumbent.as_mut(),
            Subject::Candidate(index) => self.candidates.get_mut(index as usize)?.view.as_mut(),
        }
    }

    fn score(&mut self, subject: Subject, score: &Score, seq: u64) {
        if let Some(view) = self.subject_mut(subject) {
            view.score = Some(score.clone());
            let view = view.clone();
            self.note_voter(&view);
        }
        if subject == Subject::Incumbent {
            if let Some(last) = self.noise.injections.last() {
                let last = last.clone().scored(score.total);
                self.noise.injections.set_mut(self.noise.injections.len() - 1, last);
            }
            self.refresh_best();
            if self.timeline.is_empty() {
                self.push_point(0, seq, None);
            }
        }
    }

    /// Keeps what scoring again gave, with the plan that it is about.
    fn rescored(&mut self, rescore: &Rescore) {
        let candidates = self.candidates.iter_mut().filter_map(|view| view.view.as_mut());
        let views = [&mut self.incumbent, &mut self.best].into_iter().flatten();
        let mut first = None;
        for view in views.chain(&mut self.elite).chain(candidates) {
            if view.plan.hash() == rescore.plan {
                view.rescored = Some(rescore.clone());
                first = first.or_else(|| view.score.clone());
            }
        }
        if let Some(first) = first {
            self.repeats.reworded(&first, rescore);
        }
    }

    /// Changes the incumbent from outside refinement, in a way that can be undone.
    fn change(&mut self, seq: u64, kind: ChangeKind, edit: &Edit) {
        let origin = match kind {
            ChangeKind::Hand(_) => Origin::Human,
            ChangeKind::Noise(_) => Origin::Noise,
        };
        let Some(incumbent) = &self.incumbent else { return };
        if let Ok((plan, _)) = edit.apply(&incumbent.plan, origin) {
            if matches!(kind, ChangeKind::Hand(_)) {
                // What a person changed, the answer is not to undo.
                self.elite.clear();
            }
            self.changes.push(seq, kind, incumbent.plan.clone(), plan.clone());
            self.replace_incumbent(plan);
        }
    }

    fn exchange_incumbent(&mut self, edit: &Edit) {
        let Some(incumbent) = &self.incumbent else { return };
        if let Ok((plan, _)) = edit.apply(&incumbent.plan, Origin::Human) {
            self.elite.clear();
            self.replace_incumbent(plan);
        }
    }

    fn replace_incumbent(&mut self, plan: Plan) {
        self.drop_undecided();
        self.doubt(&plan);
        self.age(&plan);
        self.see(&plan, self.iteration);
        self.ids.observe_plan(&plan);
        self.incumbent = Some(PlanView { plan, since: self.iteration, ..PlanView::default() });
        self.sideways = 0;
        self.human_touch = true;
    }

    fn noise(&mut self, seq: u64, spec: &NoiseSpec, edit: &Edit, scheduled: bool) {
        let Some(before) = self.incumbent.clone() else { return };
        let Ok((after, _)) = edit.apply(&before.plan, Origin::Noise) else { return };
        let mut injection = Injection::new((seq, self.iteration), spec.clone(), scheduled, &before, &after);
        self.noise.scheduled += u32::from(scheduled);
        if after == before.plan {
            // Nothing was hit: the plan keeps its score.
            injection = injection.scored(before.total());
        } else {
            let by_hand = self.human_touch;
            self.change(seq, ChangeKind::Noise(spec.clone()), edit);
            self.human_touch = by_hand || !scheduled;
        }
        self.noise.injections.push_back_mut(injection);
    }

    /// Keeps the best plan: strictly better only, so that on a tie the earlier one stays.
    fn refresh_best(&mut self) {
        let Some(incumbent) = self.incumbent.clone() else { return };
        self.elect(&incumbent);
        let better = match (&self.best, incumbent.total()) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(best), Some(total)) => best.total().is_none_or(|old| total > old),
        };
        if better {
            self.best = Some(incumbent);
        }
    }

    /// Keeps a scored plan among the best, where it is one of them.
    fn elect(&mut self, view: &PlanView) {
        let Some(total) = view.total() else { return };
        let hash = view.plan.hash();
        if self.elite.iter().any(|known| known.plan.hash() == hash) {
            return;
        }
        let place = self.elite.partition_point(|known| known.total() >= Some(total));
        self.elite.insert(place, view.clone());
        self.elite.truncate(self.settings.rescore.top as usize);
    }

    fn push_point(&mut self, iteration: u32, seq: u64, ruling: Option<Ruling>) {
        let total = self.incumbent.as_ref().and_then(PlanView::total);
        let best = self.best.as_ref().and_then(PlanView::total);
        let human = std::mem::take(&mut self.human_touch);
        if let (Some(incumbent), Some(last)) = (&self.incumbent, self.noise.injections.last()) {
            let last = last.clone().followed(iteration, incumbent);
            self.noise.injections.set_mut(self.noise.injections.len() - 1, last);
        }
        let masked = self.denoising.as_ref().and_then(Denoising::masked).map(|masked| masked as u32);
        let noise = self.denoising.as_ref().map(|now| now.canvas.noise());
        let point = IterationPoint { iteration, seq, total, best, ruling, human, masked, noise };
        self.timeline.push_back_mut(point);
    }
}
