//! Scoring: one scorer after the other looks at all plans that wait, and then each plan has its score.

use std::collections::BTreeMap;

use super::Machine;
use crate::{
    gate,
    score::{self, Asked, Case, Draw, REGISTRY, Scatter, Scorer},
};
use model::{Cost, Output};
use plan::PlanHash;
use session::Phase;
use session::{
    CandidateStatus, Event, PartSpread, PlanView, Purpose, RefinementStop, Rescore, Score, ScorePart,
    Settings, Spread, Subject,
};

/// In how many other wordings two plans are scored to see how far scores scatter: that gives as many degrees of freedom,
/// and findings take as many. \[our own\]
const SCATTER_WORDINGS: u32 = 3;

/// A total that is lower by less than this is not lower for certain. \[our own\]
const MARGIN: f64 = 1e-9;

/// What is being scored.
#[derive(Debug)]
pub(super) struct Scoring {
    goal: Goal,
    /// Each plan and the wording in which it is asked about.
    asked: Vec<(PlanView, u32)>,
    /// What the scorers before `next` say of each of them.
    parts: Vec<Vec<ScorePart>>,
    /// Why each plan is no longer shown to scorers that cost a call; `None` where it is.
    pruned: Vec<Option<String>>,
    /// The scorer whose turn it is, in the registry.
    next: usize,
}

impl Scoring {
    /// Returns the places of the plans that `scorer` looks at.
    fn open(&self, scorer: &dyn Scorer) -> impl Iterator<Item = usize> {
        let costs = scorer.booking().is_some();
        (0..self.asked.len()).filter(move |place| !costs || self.pruned[*place].is_none())
    }
}

/// Whom it is for.
#[derive(Debug)]
enum Goal {
    /// These plans get their scores.
    Score(Vec<Subject>),
    /// A person wants to know how far scores scatter.
    Again,
    /// The best plans are compared once more before one of them is answered from.
    Final,
    /// The gate is to know how far scores scatter before it decides.
    Scatter,
}

impl Goal {
    /// What the calls are booked as: those that a person asked for stand apart.
    fn purpose(&self, scorer: &dyn Scorer) -> Option<Purpose> {
        match self {
            Self::Score(_) | Self::Final | Self::Scatter => scorer.purpose(),
            Self::Again => scorer.purpose().map(|_| Purpose::Rescore),
        }
    }

    /// Whether this scorer is asked; scoring again leaves out what would say the same again.
    fn wants(&self, scorer: &dyn Scorer, settings: &Settings) -> bool {
        let again = match self {
            Self::Score(_) => true,
            Self::Again | Self::Final => varies(scorer, settings),
            Self::Scatter => scorer.scatter() == Scatter::Asked,
        };
        again && scorer.weight(&settings.scorers) > 0.0
    }
}

fn fresh_noise(scorer: &dyn Scorer, settings: &Settings) -> bool {
    let noise = settings.score_noise.get(scorer.doc().name);
    noise.is_some_and(|noise| noise.sigma > 0.0 && !noise.frozen)
}

/// Whether the scorer can give the same plan another value.
fn varies(scorer: &dyn Scorer, settings: &Settings) -> bool {
    scorer.variants(settings) > 1 || fresh_noise(scorer, settings)
}

impl Machine {
    /// Has all scorers look at `subjects`.
    pub(super) fn begin_score(&mut self, subjects: &[Subject]) {
        for subject in subjects {
            // A fork may have cut off between a plan and the checker's word on it.
            if self.view(*subject).is_some_and(|view| view.check.is_none()) {
                self.check(*subject);
            }
        }
        let there = subjects.iter().filter_map(|subject| Some((*subject, self.view(*subject)?.clone())));
        let (subjects, asked): (Vec<_>, Vec<_>) = there.map(|(subject, view)| (subject, (view, 0))).unzip();
        self.score_all(Goal::Score(subjects), asked);
    }

    /// Scores the incumbent `times` times more, each time in another wording: at temperature 0 the same prompt
    /// would give the same number, and repeating it would say nothing.
    pub(super) fn begin_rescore(&mut self, times: u32) -> Result<(), String> {
        if self.state.model.is_none() {
            return Err("The model is not ready yet.".into());
        }
        let scored = self.state.incumbent.as_ref().filter(|view| view.score.is_some());
        let incumbent = scored.ok_or("There is no scored plan to score again.")?.clone();
        let most = self.other_wordings().ok_or(
            "Every scorer of this run gives the same plan the same value, so scoring again would say nothing; \
             self_check and agreement can ask in other words, and their weight is 0.",
        )?;
        if times == 0 || times > most {
            return Err(format!("There are {most} other ways to ask, so score again 1 to {most} times."));
        }
        self.score_all(Goal::Again, (1..=times).map(|variant| (incumbent.clone(), variant)).collect());
        Ok(())
    }

    /// How often a plan can be scored again in other words; `None` where nothing would change.
    fn other_wordings(&self) -> Option<u32> {
        let settings = &self.state.settings;
        let varying = score::active(settings).filter(|scorer| varies(*scorer, settings));
        let others = |scorer: &'static dyn Scorer| match scorer.variants(settings) {
            0 | 1 => 1000,
            variants => variants - 1,
        };
        varying.map(others).min()
    }

    /// The phase after refinement: comparing the best plans once more where that can tell anything.
    pub(super) fn after_refinement(&self, reason: &RefinementStop) -> Phase {
        let wanted = match reason {
            RefinementStop::Iterations | RefinementStop::Fruitless { .. } => true,
            // No more may be spent, no more is needed, or somebody waits for the answer.
            RefinementStop::Budget { .. }
            | RefinementStop::Exact
            | RefinementStop::Clean
            | RefinementStop::Agreed { .. }
            | RefinementStop::TieBroken { .. }
            | RefinementStop::Asked => false,
        };
        // Under that gate the incumbent is answered from, whatever others score.
        let may_choose = !self.state.settings.gate.keeps_incumbent();
        let several = may_choose && self.state.elite.len() > 1 && self.state.settings.rescore.times > 0;
        if wanted && several && self.other_wordings().is_some() { Phase::Rescore } else { Phase::Answer }
    }

    pub(super) fn begin_final_rescore(&mut self) {
        let times = self.state.settings.rescore.times.min(self.other_wordings().unwrap_or(0));
        let elite = self.state.elite.iter();
        let asked = elite.flat_map(|view| (1..=times).map(|variant| (view.clone(), variant))).collect();
        self.score_all(Goal::Final, asked);
    }

    /// Decides, once it is known how far scores scatter where the gate needs that. Where it is not, the candidate that
    /// gains and the incumbent are scored again in other wordings first, as far as the budget allows that.
    pub(super) fn begin_decide(&mut self) {
        let times = self.other_wordings().unwrap_or(0).min(SCATTER_WORDINGS);
        let gaining = gate::unsettled(&self.state).map(Subject::Candidate);
        let pair = gaining.filter(|_| times > 0 && self.budget_ends().is_none());
        let plans = pair.into_iter().flat_map(|candidate| [Subject::Incumbent, candidate]);
        let views: Vec<PlanView> = plans.filter_map(|subject| self.view(subject).cloned()).collect();
        if views.is_empty() {
            return self.decide();
        }
        let again = views.iter().flat_map(|view| (1..=times).map(|variant| (view.clone(), variant)));
        self.score_all(Goal::Scatter, again.collect());
    }

    fn score_all(&mut self, goal: Goal, asked: Vec<(PlanView, u32)>) {
        let (parts, pruned) = (vec![Vec::new(); asked.len()], vec![None; asked.len()]);
        self.scoring = Some(Scoring { goal, asked, parts, pruned, next: 0 });
        self.score_on();
    }

    /// Goes from scorer to scorer until one of them asks the model.
    fn score_on(&mut self) {
        while let Some(scoring) = &mut self.scoring {
            let Some(&scorer) = REGISTRY.get(scoring.next) else { return self.all_scored() };
            if scoring.asked.is_empty() || !scoring.goal.wants(scorer, &self.state.settings) {
                scoring.next += 1;
                continue;
            }
            let purpose = scoring.goal.purpose(scorer);
            if purpose.is_some() {
                self.prune();
            }
            let request = self.with_case(|case, machine| scorer.ask(case, &machine.memory)).flatten();
            match purpose.zip(request) {
                Some((purpose, request)) => return self.call(purpose, request),
                None => self.take_readings(None, Cost::default()),
            }
        }
    }

    /// Takes what the model said to the scorer whose turn it is.
    pub(super) fn scorer_replied(&mut self, output: &Output, cost: Cost) {
        self.take_readings(Some(output), cost);
        self.score_on();
    }

    /// Finds candidates that the gate cannot accept, even with 1 from every scorer that has not scored them yet.
    fn prune(&mut self) {
        let settings = &self.state.settings;
        let may_return = !settings.gate.keeps_incumbent() && settings.rescore.top > 1;
        let strict = gate::find(&settings.gate).is_some_and(|gate| gate.accepts_no_loss(&settings.gate));
        if settings.score_all || may_return || !strict || self.state.phase != Phase::Score {
            return;
        }
        let Some((scoring, before)) =
            self.scoring.as_mut().zip(self.state.incumbent.as_ref().and_then(PlanView::total))
        else {
            return;
        };
        let Goal::Score(subjects) = &scoring.goal else { return };
        let candidates = self.state.candidates.iter();
        let controls: Vec<Subject> = candidates
            .filter(|view| view.candidate.status == CandidateStatus::Control)
            .map(|view| Subject::Candidate(view.candidate.index))
            .collect();
        let later = REGISTRY.iter().skip(scoring.next).map(|scorer| scorer.weight(&settings.scorers));
        let later: Vec<(f64, f64)> = later.map(|weight| (1.0, weight)).collect();
        for (place, parts) in scoring.parts.iter().enumerate() {
            let known = parts.iter().filter_map(|part| Some((part.value?, part.weight)));
            let best = session::weighted_mean(known.chain(later.iter().copied()));
            let is_control = subjects.get(place).is_some_and(|subject| controls.contains(subject));
            if let Some(best) = best.filter(|best| !is_control && *best < before - MARGIN) {
                let why =
                    format!("Skipped: even with 1 here the total would be {best:.3}, below {before:.3}.");
                scoring.pruned[place].get_or_insert(why);
            }
        }
    }

    /// Lets `look` see the plans that the scorer whose turn it is looks at; `None` where there is none.
    fn with_case<T>(&self, look: impl FnOnce(&Case<'_>, &Self) -> T) -> Option<T> {
        let scoring = self.scoring.as_ref()?;
        let scorer = REGISTRY.get(scoring.next)?;
        let seen = scoring.open(*scorer).map(|place| &scoring.asked[place]);
        let asked: Vec<Asked<'_>> = seen.map(|(view, variant)| Asked { view, variant: *variant }).collect();
        if asked.is_empty() {
            return None;
        }
        let (family, settings, votes) = (self.problem.family(), &self.state.settings, &self.state.votes);
        Some(look(&Case { prompter: &self.prompter, family, settings, votes, asked: &asked }, self))
    }

    /// Lets the scorer whose turn it is read, and passes the turn on.
    fn take_readings(&mut self, output: Option<&Output>, cost: Cost) {
        let Some(scorer) = self.scoring.as_ref().and_then(|scoring| REGISTRY.get(scoring.next)) else {
            return;
        };
        let mut memory = std::mem::take(&mut self.memory);
        let readings = self.with_case(|case, _| scorer.read(case, output, &mut memory));
        self.memory = memory;
        let (settings, events) = (&self.state.settings, self.state.events);
        let Some(scoring) = &mut self.scoring else { return };
        let noise = settings.score_noise.get(scorer.doc().name).copied().unwrap_or_default();
        let open: Vec<usize> = scoring.open(*scorer).collect();
        for (parts, why) in scoring.parts.iter_mut().zip(&scoring.pruned) {
            if let Some(why) = why.as_ref().filter(|_| scorer.booking().is_some()) {
                parts.push(score::skipped(*scorer, &settings.scorers, why.clone()));
            }
        }
        let share = cost.share(open.len());
        for (place, reading) in open.into_iter().zip(readings.unwrap_or_default()) {
            let draw = Draw {
                seed: settings.seed,
                scorer: scorer.doc().name,
                plan: scoring.asked[place].0.plan.hash(),
                time: (events << 16) + place as u64,
            };
            let reading = score::with_noise(noise, draw, reading);
            scoring.parts[place].push(score::part(*scorer, &settings.scorers, reading, share));
        }
        scoring.next += 1;
    }

    fn all_scored(&mut self) {
        let Some(Scoring { goal, asked, parts, .. }) = self.scoring.take() else { return };
        match goal {
            Goal::Score(subjects) => {
                for (subject, parts) in subjects.into_iter().zip(parts) {
                    self.emit(Event::Scored { subject, score: Score::from_parts(parts) });
                }
                if self.state.phase == Phase::ScoreDraft {
                    self.after_iteration()
                } else {
                    self.steering.next = Phase::Decide
                }
            }
            Goal::Again => {
                if !self.emit_rescores(&asked, parts) {
                    self.refuse("The model's reply contains nothing to compute a score from.");
                }
            }
            Goal::Final => {
                self.emit_rescores(&asked, parts);
                self.steering.next = Phase::Answer;
            }
            Goal::Scatter => {
                self.emit_rescores(&asked, parts);
                self.decide();
            }
        }
    }

    /// Records what scoring again gave, a plan at a time; returns whether there was anything.
    fn emit_rescores(&mut self, asked: &[(PlanView, u32)], parts: Vec<Vec<ScorePart>>) -> bool {
        let mut plans: Vec<PlanHash> = Vec::new();
        let mut by_plan: BTreeMap<PlanHash, (&PlanView, Vec<Vec<ScorePart>>)> = BTreeMap::new();
        for ((view, _), parts) in asked.iter().zip(parts) {
            let hash = view.plan.hash();
            if !plans.contains(&hash) {
                plans.push(hash);
            }
            by_plan.entry(hash).or_insert_with(|| (view, Vec::new())).1.push(parts);
        }
        let rescores: Vec<Rescore> = plans
            .iter()
            .filter_map(|plan| by_plan.get(plan))
            .filter_map(|(view, again)| rescore(view, again))
            .collect();
        let any = !rescores.is_empty();
        rescores.into_iter().for_each(|rescore| self.emit(Event::Rescored { rescore }));
        any
    }
}

/// Sums up what scoring `view` again gave. A total takes the new values where there are some, and the first
/// ones of the parts that were not asked again; a repetition in which a part has no value does not count.
fn rescore(view: &PlanView, again: &[Vec<ScorePart>]) -> Option<Rescore> {
    let first = &view.score.as_ref()?.parts;
    let new =
        |repetition: &[ScorePart], name: &str| repetition.iter().find(|part| part.name == name).cloned();
    let whole: Vec<&Vec<ScorePart>> =
        again.iter().filter(|parts| parts.iter().all(|part| part.value.is_some())).collect();
    let total = |repetition: &&Vec<ScorePart>| {
        let parts = first.iter().map(|part| new(repetition, &part.name).unwrap_or_else(|| part.clone()));
        Score::from_parts(parts.collect()).total
    };
    let totals: Vec<f64> = whole.iter().filter_map(total).collect();
    let parts = first.iter().filter_map(|part| {
        let values: Vec<f64> =
            whole.iter().filter_map(|repetition| new(repetition, &part.name)?.value).collect();
        Some(PartSpread { name: part.name.clone(), spread: Spread::of(&values)?, values })
    });
    Some(Rescore { plan: view.plan.hash(), total: Spread::of(&totals)?, parts: parts.collect() })
}
