//! What the engine reports to the screen.

use crate::{
    commands::pane::Pane,
    core::{
        examine,
        live::{Source, Unrecorded},
        model::Model,
        msg::Effect,
        notices::Level,
        probing,
        sentences::answer_next,
    },
    format,
};
use engine::{Command, Update};
use session::{Event, Outcome, PauseCause, Phase, Record, Ruling, Verdict, events};

/// Handles what the engine reports.
pub(super) fn on_update(model: &mut Model, update: Update) -> Vec<Effect> {
    match update {
        Update::Event(record) => return receive(model, *record),
        Update::Progress { call, progress } => model.session.stream.receive(call, progress, model.now),
        Update::Refused { reason } => {
            if let Source::Live(live) = &mut model.session.source {
                live.pausing = false;
            }
            // It may be an edit that was refused; of those still to come, each shows up with its event.
            model.session.pending.clear();
            model.background.answers.refused();
            model.fail(&reason);
        }
        // The screen does not ask the model itself.
        Update::Consulted(_) => {}
        Update::Hit(hit) => probing::tell(model, &hit),
        Update::Probes { probes, said } => probing::receive(model, *probes, said.as_deref()),
        Update::Still { taken } => {
            if let Source::Live(live) = &mut model.session.source {
                live.still = taken == live.sent;
                live.pausing &= !live.still;
            }
        }
        Update::RecordFailed { reason, hint } => {
            let advice = hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"));
            model.notices.say(Level::Error, format::sentence(&format!("{reason}{advice}")), model.now);
            if let Source::Live(live) = &mut model.session.source {
                live.unrecorded = Some(Unrecorded { reason, hint });
            }
        }
    }
    Vec::new()
}

/// Adds an event. If the view is at the end it follows; otherwise it keeps its position.
fn receive(model: &mut Model, record: Record) -> Vec<Effect> {
    let follows = model.session.replay.at_end();
    if let Source::Live(live) = &mut model.session.source {
        if let Event::PhaseBegan { .. } | Event::CallStarted { .. } = &record.event {
            live.since = model.now;
        }
        if let Event::Started { settings, .. } | Event::Forked { settings, .. } = &record.event {
            live.paused = settings.paused;
        }
        if let Event::Paused { paused, .. } = &record.event {
            live.paused = *paused;
            live.pausing &= !paused;
        }
        if let Event::Ended { outcome } = &record.event {
            live.outcome = Some(outcome.clone());
            live.pausing = false;
        }
    }
    // An edit that was sent from here was said then.
    if !settle(model, &record.event) && !model.shows(Pane::Plan) {
        say_change(model, &record.event);
    }
    if let Event::Paused { cause: Some(PauseCause::Intercept), .. } = &record.event
        && follows
    {
        // The keys to rule with hold there.
        model.look.focus = Pane::Proposal;
    }
    if stops_short(&record.event) {
        model.queue.end_count();
    }
    announce(model, &record.event);
    if let Event::PhaseBegan { phase: Phase::Propose | Phase::Answer, .. } = &record.event
        && follows
    {
        model.look.scroll[Pane::Proposal as usize] = None;
        model.look.scroll[Pane::Score as usize] = None;
        model.look.scroll[Pane::Answer as usize] = None;
    }
    model.session.overview.receive(&record);
    let look = examine::may_change(&record.event);
    model.session.replay.push(record);
    if follows {
        model.session.replay.seek(usize::MAX);
    }
    model.background.arrived.record = true;
    if !model.background.answers.asked.is_empty() {
        model.background.answers.collect(&model.session.replay, &model.session.overview);
    }
    if look { examine::follow(model) } else { Vec::new() }
}

/// A hand edit that came back is on its way no more; what was not taken by the end never will be. Returns whether the event
/// is an edit that was on its way.
fn settle(model: &mut Model, event: &Event) -> bool {
    if let Event::Ended { .. } = event
        && model.session.pending.clear() > 0
    {
        model.notices.say(Level::Warning, "The run ended before it took your last edits.", model.now);
    }
    let Event::HumanEdited { edit } = event else { return false };
    model.session.pending.settle(edit)
}

/// Says what changed the plan from outside refinement.
fn say_change(model: &mut Model, event: &Event) {
    if let events!(Change) = event
        && let Some((_, text)) = model.session.overview.marked(event)
    {
        model.inform(format::sentence(&text));
    }
}

/// Whether the run is paused before it has done what it was asked to.
fn stops_short(event: &Event) -> bool {
    let Event::Paused { paused: true, cause: Some(cause) } = event else { return false };
    match cause {
        PauseCause::Asked | PauseCause::Step => false,
        PauseCause::Interrupted | PauseCause::Intercept | PauseCause::Probe { .. } => true,
    }
}

/// What a person should not miss, in a sentence.
type Said = Option<(Level, String)>;

/// Says in a sentence what a person should not miss.
fn announce(model: &mut Model, event: &Event) {
    let said = match event {
        events!(Run) => of_run(event),
        events!(Call) => of_call(event),
        events!(Refinement) => of_refinement(event),
        events!(Setting | Person) => of_choice(event),
        Event::SideAnswered { from, .. } => {
            let key = model.setup.keymap.labels("answers").first().cloned();
            let key = key.unwrap_or_else(|| ":answers".to_owned());
            info(format!("The answer from event {from} is there; {key} shows it."))
        }
        Event::Answered { .. } | Event::Judged { .. } | Event::Shadowed { .. } | events!(Change) => None,
    };
    if let Some((level, text)) = said {
        model.notices.say(level, text, model.now);
    }
}

fn info(text: impl Into<String>) -> Said {
    Some((Level::Info, text.into()))
}

/// A hint in brackets, where there is one.
fn in_brackets(hint: Option<&String>) -> String {
    hint.map_or_else(String::new, |hint| format!(" ({hint})"))
}

fn of_run(event: &Event) -> Said {
    match event {
        Event::Paused { cause: Some(PauseCause::Intercept), .. } => {
            info("Before the gate: accept or veto candidates, edit one, or step on to let it decide.")
        }
        Event::RefinementEnded { reason } => info(answer_next(reason)),
        Event::Ended { outcome: Outcome::Failed { reason, hint } } => {
            Some((Level::Error, format!("The run failed: {reason}{}.", in_brackets(hint.as_ref()))))
        }
        Event::Ended { outcome: Outcome::Answered } => {
            info("Done. Step back with S or N to see how it came about.")
        }
        Event::Ended { outcome: Outcome::Interrupted } => info("The run was stopped."),
        Event::Started { .. }
        | Event::ModelReady { .. }
        | Event::PhaseBegan { .. }
        | Event::Paused { .. }
        | Event::Forked { .. }
        | events!(Call | Refinement | Setting | Change | Person | Answer) => None,
    }
}

fn of_call(event: &Event) -> Said {
    match event {
        Event::CallFailed { error, hint, retried, .. } => {
            let then = if *retried { "; it is tried once more" } else { "" };
            let hint = in_brackets(hint.as_ref());
            Some((Level::Error, format!("A call to the model failed: {error}{hint}{then}.")))
        }
        Event::CallFinished { notes, .. } if !notes.is_empty() => Some((Level::Warning, notes.join(" "))),
        Event::CallFinished { .. }
        | Event::CallStarted { .. }
        | Event::CallCancelled { .. }
        | events!(Run | Refinement | Setting | Change | Person | Answer) => None,
    }
}

fn of_refinement(event: &Event) -> Said {
    match event {
        Event::Decided { verdicts } => match verdicts.iter().find(|v| v.ruling == Ruling::Accept) {
            Some(verdict) => info(format!("Candidate {} is accepted.", verdict.candidate + 1)),
            None => info(plan_stays(verdicts)),
        },
        Event::Turned { turn } => info(turn.reason.clone()),
        Event::Drafted { .. }
        | Event::CanvasSet { .. }
        | Event::Checked { .. }
        | Event::Proposed { .. }
        | Event::Scored { .. }
        | Event::Voted { .. }
        | Event::Rescored { .. }
        | events!(Run | Call | Setting | Change | Person | Answer) => None,
    }
}

/// What a person chose, or a setting became.
fn of_choice(event: &Event) -> Said {
    match event {
        Event::ChaosSet { chaos: Some(chaos) } => {
            let times = format::plural(chaos.times as usize, "time", "times");
            let every = format::plural(chaos.every as usize, "iteration", "iterations");
            info(format!("Noise comes after every {every} from now on, {times}; H shows the recovery."))
        }
        Event::ChaosSet { chaos: None } => info("No more noise comes by itself."),
        Event::InterceptSet { on: true } => {
            info("The run now pauses before each decision so that you can rule.")
        }
        Event::InterceptSet { on: false } => info("The gate decides alone again."),
        Event::GateSet { gate } => info(format!("From now on the gate is {gate}.")),
        Event::ShadowSet { on: true } => info(
            "From now on plain decoding at the same cost runs after each iteration; the run does not pay for it.",
        ),
        Event::ShadowSet { on: false } => info("Plain decoding no longer runs next to refinement."),
        Event::Ruled { candidate, accept } => {
            let what = if *accept { "accept" } else { "veto" };
            info(format!("You {what} candidate {}; the next step decides.", candidate + 1))
        }
        Event::CandidateEdited { .. } | events!(Run | Call | Refinement | Change | Answer) => None,
    }
}

/// Says that no candidate is accepted, and which one is kept as an alternative.
fn plan_stays(verdicts: &[Verdict]) -> String {
    match verdicts.iter().find(|verdict| verdict.ruling == Ruling::Indecisive) {
        Some(verdict) => format!(
            "No candidate is accepted; the plan stays, and candidate {} is kept as an alternative.",
            verdict.candidate + 1
        ),
        None => "No candidate is accepted; the plan stays.".to_owned(),
    }
}

/// Handles the end of the engine's reports.
pub(super) fn engine_done(model: &mut Model) -> Vec<Effect> {
    let Source::Live(live) = &mut model.session.source else { return Vec::new() };
    live.done = true;
    if live.stopping.is_some() {
        return vec![Effect::Quit];
    }
    if live.outcome.is_none() && live.unrecorded.is_none() {
        model.notices.say(
            Level::Error,
            "The engine ended without a last event; the record may be torn off.",
            model.now,
        );
    }
    Vec::new()
}

/// Takes in that a command did not reach the engine.
pub(super) fn undelivered(model: &mut Model, command: &Command) -> Vec<Effect> {
    if let Command::Edit(edit) = command {
        model.change_pending(|pending| {
            pending.settle(edit);
        });
    }
    model.background.answers.undelivered(command);
    let Source::Live(live) = &mut model.session.source else { return Vec::new() };
    live.pausing = false;
    live.sent = live.sent.saturating_sub(1);
    if *command == Command::Stop {
        return vec![Effect::Quit];
    }
    model.notices.say(Level::Warning, "The engine did not take that; try again in a moment.", model.now);
    Vec::new()
}
