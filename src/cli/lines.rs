//! A running session as lines of text, for logs and pipes.

use super::text::{
    Align, MISSING, count, drawn, duration, flops, or_missing, rate, score, table, things, wrap,
};
use engine::score::checker::Worth;
use model::{Cost, ModelInfo, PromptUse};
use plan::{Chaos, Edit, NoiseSpec, Plan, Style, print};
use session::{
    Answer, AnswerChoice, CallId, Candidate, CandidateStatus, CheckSummary, CoverageRow, Event, Judgement,
    Mode, Outcome, PauseCause, Phase, ProblemCard, Record, RefinementStop, Rescore, Score, Settings, Spread,
    State, Subject, Think, Verdict,
};

const INDENT: &str = "            ";

/// Prints events as they come.
#[derive(Debug, Clone, Copy)]
pub struct EventLines {
    width: usize,
    /// Whether a call reported its cache.
    cache_known: bool,
}

impl EventLines {
    /// Returns a printer for a terminal of `width` columns; `usize::MAX` where nothing is to be wrapped.
    pub const fn new(width: usize) -> Self {
        Self { width, cache_known: false }
    }

    /// Returns the text for `record`, where `state` is the state after it: one line, and indented lines below
    /// it where there is more to say. None for what is not worth a line.
    pub fn line(&mut self, state: &State, record: &Record) -> Option<String> {
        self.words(state, record).map(|lines| self.layout(record.at_ms, &lines))
    }

    /// Returns the same as plain lines, without its time and not wrapped; lines of a list or text begin with two spaces.
    pub fn words(&mut self, state: &State, record: &Record) -> Option<Vec<String>> {
        let words = match &record.event {
            Event::Started { problem, settings } => started(problem, settings),
            Event::ModelReady { model } => vec![format!("model {}", model_words(model))],
            Event::PhaseBegan { phase, iteration } => vec![phase_words(*phase, *iteration)],
            Event::Paused { paused: false, .. } => vec!["resumed".to_owned()],
            Event::Paused { paused: true, cause } => vec![pause_words(cause.as_ref())],
            Event::CallStarted { .. } => return None,
            Event::CallFinished { call, cost, prompts, batch, notes, .. } => {
                self.cache_known |= !prompts.is_empty();
                with_indented(call_words(state, *call, cost, prompts, *batch), notes)
            }
            Event::CallCancelled { call, cost, .. } => vec![cancelled_words(*call, cost.as_ref())],
            Event::CallFailed { call, error, hint, log_tail, retried, .. } => {
                with_indented(failed_words(*call, error, hint.as_deref(), *retried), log_tail)
            }
            // All of its tokens are masked: the next event says so.
            Event::Drafted { plan, .. } if plan.is_empty() => return None,
            Event::CanvasSet { .. } => canvas_words(state),
            Event::Drafted { plan, .. } => {
                vec![format!("draft of {}", things(plan.len() as u64, "item")), plan_text(plan)]
            }
            Event::Checked { subject, summary } => check_words(state, *subject, summary),
            Event::Proposed { candidates } => candidates_words(state, candidates),
            Event::Scored { subject, score } => {
                vec![format!("{} scores {}", subject_words(state, *subject), score_words(score))]
            }
            Event::Decided { verdicts } => decided(verdicts, state),
            Event::HumanEdited { edit } => vec![format!("edited by hand: {}", edit.summary())],
            Event::Undone { change, edit } => vec![format!("undone: event {change}; {}", edit.summary())],
            Event::Redone { change, edit } => vec![format!("redone: event {change}; {}", edit.summary())],
            Event::Noised { spec, edit, scheduled } => noise_words(spec, edit, *scheduled),
            Event::ChaosSet { chaos } => vec![chaos_words(chaos.as_ref())],
            Event::GateSet { gate } => vec![format!("the gate is now {gate}")],
            Event::Turned { turn } => vec![turn.reason.clone()],
            Event::ShadowSet { on } => vec![shadow_words(*on)],
            Event::Shadowed { point } => {
                vec![format!("{} (oracle): {}", point.standing().name(), point.words())]
            }
            Event::InterceptSet { on } => vec![intercept_words(*on)],
            Event::Ruled { candidate, accept } => vec![ruled_words(*candidate, *accept)],
            Event::CandidateEdited { candidate } => {
                vec![format!("candidate {} by hand: {}", candidate.index + 1, candidate_words(candidate))]
            }
            Event::Voted { .. } => vec![format!("votes of independent drafts: {}", state.votes.words())],
            Event::Rescored { rescore } => vec![rescore_words(rescore)],
            Event::SideAnswered { from, answer, judgement } => side_answer_words(*from, answer, judgement),
            Event::Forked { parent, at, settings } => vec![
                format!("forked from {parent} after event {at}"),
                format!("settings: {}", settings_words(settings)),
            ],
            Event::RefinementEnded { reason } => vec![format!("refinement ends: {}", stop_words(reason))],
            Event::Answered { answer } => answer_words(answer),
            Event::Judged { judgement } => vec![oracle_words(judgement)],
            Event::Ended { outcome } => {
                vec![outcome_words(outcome), budget_words(&state.total_cost(), self.cache_known, state.at_ms)]
            }
        };
        Some(words)
    }

    fn layout(&self, at_ms: u64, lines: &[String]) -> String {
        let stamp = format!("{:>9.1} s ", at_ms as f64 / 1e3);
        let mut out = Vec::with_capacity(lines.len());
        for (index, line) in lines.iter().enumerate() {
            let first = if index == 0 { stamp.as_str() } else { INDENT };
            out.push(wrap(line, self.width, first, INDENT));
        }
        out.join("\n")
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

/// Returns a line, and below it texts that belong to it.
fn with_indented<'a>(line: String, below: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let mut lines = vec![line];
    lines.extend(below.into_iter().map(|text| indented(text)));
    lines
}

fn plan_text(plan: &Plan) -> String {
    indented(&print(plan, Style::Full))
}

/// The lines with masked tokens, below how much noise is left.
fn canvas_words(state: &State) -> Vec<String> {
    let Some(now) = &state.denoising else { return Vec::new() };
    let lines = now
        .masked_lines()
        .map(|line| format!("  {}: {}", now.layout.id(line), now.layout.text(line, &now.canvas)));
    std::iter::once(now.canvas.words()).chain(lines).collect()
}

fn started(problem: &ProblemCard, settings: &Settings) -> Vec<String> {
    vec![
        format!("problem {} – {} ({})", problem.reference, problem.title, problem.family),
        indented(&problem.text),
        format!("settings: {}", settings_words(settings)),
    ]
}

/// Returns the settings that shape a run, in words.
pub fn settings_words(settings: &Settings) -> String {
    let (seed, answers) = (settings.seed, several_words(settings));
    match settings.mode {
        Mode::Direct => format!("answer without a plan{answers}, seed {seed}"),
        Mode::Draft => format!("draft and answer, no refinement{answers}, seed {seed}"),
        Mode::Refine => {
            let iterations = things(settings.iterations.into(), "iteration");
            let denoised = |what: &str, steps: u32| {
                format!("denoise {what} in {}, up to {iterations}", things(steps.into(), "step"))
            };
            let refined = match settings.think {
                Think::Tokens => denoised("tokens", settings.denoise.steps),
                Think::Latent => denoised("latents", settings.latent.steps),
                Think::Edits => {
                    let proposals = things(settings.proposals.into(), "proposal");
                    let shared = if settings.allocation.is_fixed() { "" } else { " shared by gain" };
                    format!("up to {iterations} of {proposals}{shared}")
                }
            };
            format!("{refined}, {} gate{answers}, seed {seed}", settings.gate)
        }
    }
}

/// How the answer is more than one text written in one go; empty where it is not.
fn several_words(settings: &Settings) -> String {
    let n = settings.answers.n;
    match settings.answers.choice {
        AnswerChoice::Majority if n > 1 => format!(", the majority of up to {n} answers"),
        AnswerChoice::Best if n > 1 => format!(", the best of up to {n} answers"),
        AnswerChoice::Majority | AnswerChoice::Best if settings.chain.extend > 0 => {
            format!(", extended up to {}", things(settings.chain.extend.into(), "time"))
        }
        AnswerChoice::Majority | AnswerChoice::Best => String::new(),
    }
}

/// Returns what matters of a model, in one line.
pub fn model_words(model: &ModelInfo) -> String {
    let mut words = vec![model.name.clone()];
    words.extend(model.quantization.clone());
    words.push(model.backend.clone());
    words.extend(model.device.clone());
    words.extend(model.context.map(|context| format!("context {}", count(context.into()))));
    words.extend(model.exact.map(|exact| if exact { "exact" } else { "fast, not exact" }.to_owned()));
    words.join(", ")
}

fn phase_words(phase: Phase, iteration: u32) -> String {
    if phase.is_of_iteration() {
        format!("── iteration {iteration}: {phase}")
    } else {
        format!("── {phase}")
    }
}

fn call_words(state: &State, call: CallId, cost: &Cost, prompts: &[PromptUse], batch: u32) -> String {
    // A server that does not report prompt lengths does not report its cache either.
    let cached = if prompts.is_empty() { MISSING.to_owned() } else { count(cost.cached) };
    let purpose = state.purpose(call).map_or(MISSING, |purpose| purpose.name());
    format!(
        "call {}, {purpose}, {}: {} generated, {} evaluated, {cached} cached, {}, {} ({} tok/s)",
        call.0,
        things(batch.into(), "sequence"),
        drawn(cost),
        count(cost.fresh),
        flops(cost),
        duration(cost.wall_ms),
        rate(cost),
    )
}

fn failed_words(call: CallId, error: &str, hint: Option<&str>, retried: bool) -> String {
    let mut text = format!("call {} failed: {error}", call.0);
    if let Some(hint) = hint {
        text += &format!("; hint: {hint}");
    }
    if retried {
        text += "; retrying once";
    }
    text
}

/// Returns why a run is paused.
pub fn pause_words(cause: Option<&PauseCause>) -> String {
    match cause {
        None | Some(PauseCause::Asked) => "paused".to_owned(),
        Some(PauseCause::Step) => "paused: step done".to_owned(),
        Some(PauseCause::Interrupted) => "paused: interrupted; the phase will start again".to_owned(),
        Some(PauseCause::Intercept) => "paused: the gate is waiting for rulings".to_owned(),
        Some(PauseCause::Probe { number, text }) => format!("paused: probe {number}: {text}"),
    }
}

fn cancelled_words(call: CallId, cost: Option<&Cost>) -> String {
    let generated = or_missing(cost.map(drawn));
    format!("call {} cancelled: {generated} generated", call.0)
}

fn noise_words(spec: &NoiseSpec, edit: &Edit, scheduled: bool) -> Vec<String> {
    let by = if scheduled { "chaos" } else { "noise" };
    vec![format!("{by}: {spec}"), format!("  {}", edit.summary())]
}

fn chaos_words(chaos: Option<&Chaos>) -> String {
    match chaos {
        None => "chaos ends".to_owned(),
        Some(Chaos { noise, every, times }) => {
            let iterations = things((*every).into(), "iteration");
            format!("chaos: {noise} every {iterations}, at most {}", things((*times).into(), "time"))
        }
    }
}

fn shadow_words(on: bool) -> String {
    let word = if on { "runs" } else { "no longer runs" };
    format!("plain decoding at the same cost {word} next to refinement")
}

fn intercept_words(on: bool) -> String {
    format!("the gate {} for rulings", if on { "waits" } else { "no longer waits" })
}

fn ruled_words(candidate: u32, accept: bool) -> String {
    format!("candidate {candidate} {} by hand", if accept { "accepted" } else { "vetoed" })
}

fn rescore_words(rescore: &Rescore) -> String {
    let spread = |spread: &Spread| {
        let stderr = or_missing(spread.stderr.map(|stderr| format!("{stderr:.3}")));
        format!("{:.3} ± {stderr} (n = {})", spread.mean, spread.n)
    };
    let parts: Vec<String> =
        rescore.parts.iter().map(|part| format!("{} {}", part.name, spread(&part.spread))).collect();
    format!("scored again: {} = {}", spread(&rescore.total), parts.join(", "))
}

fn subject_words(state: &State, subject: Subject) -> String {
    match subject {
        Subject::Incumbent if state.iteration == 0 => "draft".to_owned(),
        Subject::Incumbent => "incumbent".to_owned(),
        Subject::Candidate(index) => format!("candidate {}", index + 1),
    }
}

fn check_words(state: &State, subject: Subject, summary: &CheckSummary) -> Vec<String> {
    let exact = summary.exact.map(|exact| if exact { "passes" } else { "does not pass" });
    let mut lines = vec![format!(
        "check of {}: {}; exact check {}; the plan gives {}",
        subject_words(state, subject),
        or_missing(Worth::of(summary)),
        or_missing(exact),
        or_missing(summary.derived.as_deref()),
    )];
    for finding in &summary.findings {
        let item = finding.item.map_or_else(|| "plan".to_owned(), |item| item.to_string());
        lines.push(format!("  {item} {}: {}", finding.code, finding.message));
    }
    lines
}

fn candidates_words(state: &State, candidates: &[Candidate]) -> Vec<String> {
    let usable = candidates.iter().filter(|candidate| candidate.status == CandidateStatus::Ready).count();
    let mut lines = vec![format!("{}, {usable} usable", things(candidates.len() as u64, "candidate"))];
    for candidate in candidates {
        lines.push(format!("  [{}] {}", candidate.index + 1, candidate_words(candidate)));
        if let (Some(now), Some(canvas)) = (&state.denoising, &candidate.canvas) {
            let changed = now.changed_lines(canvas).map(|line| now.layout.text(line, canvas));
            lines.extend(changed.map(|line| format!("      {line}")));
        }
    }
    lines
}

/// Returns a candidate's edit, or what the model wrote in its place, and what became of it.
pub fn candidate_words(candidate: &Candidate) -> String {
    let edit = match candidate.edit {
        None => format!("\"{}\"", candidate.reply.trim()),
        Some(_) => candidate.summary(),
    };
    let status = match &candidate.status {
        CandidateStatus::Ready => return edit,
        CandidateStatus::Control => return "the incumbent, as a control".to_owned(),
        CandidateStatus::NoOp => "changes nothing".to_owned(),
        CandidateStatus::Duplicate { first_seen: 0 } => "is identical to the draft".to_owned(),
        CandidateStatus::Duplicate { first_seen } => format!("was already seen in iteration {first_seen}"),
        CandidateStatus::Invalid { reason } => reason.clone(),
    };
    format!("{} – {status}", edit.replace('\n', " "))
}

/// Returns a score with its parts; a part that was not evaluated has no number.
pub fn score_words(value: &Score) -> String {
    let parts = value.parts.iter().map(|part| {
        let stderr = part.stderr.map(|stderr| format!(" ± {stderr:.3}")).unwrap_or_default();
        let said = if part.skipped { "skipped".to_owned() } else { score(part.value) };
        let share =
            if part.breaks_ties() { "breaks ties".to_owned() } else { format!("weight {}", part.weight) };
        format!("{} {said}{stderr} ({share})", part.name)
    });
    let parts: Vec<String> = parts.collect();
    let total = value.upper_bound().map_or_else(|| score(value.total), |best| format!("at most {best:.3}"));
    format!("{total}: {}", if parts.is_empty() { MISSING.to_owned() } else { parts.join(", ") })
}

fn decided(verdicts: &[Verdict], state: &State) -> Vec<String> {
    let best = state.best.as_ref().and_then(|best| best.total());
    let mut lines = vec![format!("decision; best {}", score(best))];
    lines.extend(verdicts.iter().map(|verdict| format!("  {}", verdict_words(verdict))));
    lines
}

/// Returns a verdict with its numbers and reason.
pub fn verdict_words(verdict: &Verdict) -> String {
    format!(
        "[{}] {} {} → {}: {}",
        verdict.candidate + 1,
        verdict.ruling.name(),
        score(verdict.before),
        score(verdict.after),
        verdict.reason
    )
}

/// Returns why refinement ended.
pub fn stop_words(stop: &RefinementStop) -> String {
    match stop {
        RefinementStop::Iterations => "all iterations are used up".to_owned(),
        RefinementStop::Budget { meter } => format!("the budget is used up: {meter}"),
        RefinementStop::Fruitless { iterations: 0 } => "no proposer has a change for this plan".to_owned(),
        RefinementStop::Fruitless { iterations } => {
            format!("no better plan in {}", things((*iterations).into(), "iteration"))
        }
        RefinementStop::Exact => "an exact check passes".to_owned(),
        RefinementStop::Clean => "the plan passes every check".to_owned(),
        RefinementStop::Agreed { value, voters, drafts, .. } => {
            format!("{voters} of {} reach {value}", things((*drafts).into(), "independent draft"))
        }
        RefinementStop::TieBroken { value, plan } => tie_words(value.as_deref(), plan.is_some()),
        RefinementStop::Asked => "the answer was requested".to_owned(),
    }
}

fn tie_words(value: Option<&str>, is_supported: bool) -> String {
    let decided = match (value, is_supported) {
        (None, _) => "no value can be read from the deciding chain of thought".to_owned(),
        (Some(value), true) => format!("a chain of thought decides for {value}"),
        (Some(value), false) => format!("a chain of thought says {value}, which no plan supports"),
    };
    format!("independent drafts differ; {decided}")
}

fn answer_words(answer: &Answer) -> Vec<String> {
    let cut = if answer.truncated { " (cut off at the token limit)" } else { "" };
    let mut lines = vec![format!("answer: {}{}{cut}", or_missing(answer.value.as_deref()), computed(answer))];
    lines.extend(how_taken(answer));
    lines.push(indented(answer.shown()));
    if !answer.coverage.is_empty() {
        lines.push("coverage".to_owned());
        lines.extend(coverage_table(&answer.coverage, usize::MAX).iter().map(|line| format!("  {line}")));
    }
    lines
}

fn side_answer_words(from: u64, answer: &Answer, judgement: &Judgement) -> Vec<String> {
    let mut lines = vec![format!("from the plan of event {from}")];
    lines.extend(answer_words(answer));
    lines.push(oracle_words(judgement));
    lines
}

fn oracle_words(judgement: &Judgement) -> String {
    format!("judgement (oracle): {}", judgement_words(judgement))
}

/// Returns who worked out an answer's value, in parentheses, where it was not the model.
pub fn computed(answer: &Answer) -> String {
    answer.computed().map_or_else(String::new, |who| format!(" ({who})"))
}

/// Returns how one of several answers was taken, or how a chain of thought was made longer; empty for a plain answer.
pub fn how_taken(answer: &Answer) -> Vec<String> {
    let mut lines: Vec<String> = answer.poll.iter().map(|poll| format!("taken: {}", poll.words())).collect();
    let tally = answer.poll.iter().flat_map(|poll| poll.tally());
    let votes: Vec<String> = tally.map(|(value, votes)| format!("{value} ×{votes}")).collect();
    if !votes.is_empty() {
        lines.push(format!("votes: {}", votes.join(", ")));
    }
    if answer.extended > 0 {
        lines.push(format!("extended {}", things(answer.extended.into(), "time")));
    }
    lines
}

/// Returns which items the answer cites and which of them hold, as aligned lines.
pub fn coverage_table(coverage: &[CoverageRow], width: usize) -> Vec<String> {
    let mut rows = vec![["item", "cited", "holds"].map(str::to_owned).to_vec()];
    for row in coverage {
        let holds = or_missing(row.satisfied.map(|holds| if holds { "yes" } else { "no" }));
        let cited = if row.cited == 0 { "never".to_owned() } else { format!("{}×", row.cited) };
        rows.push(vec![row.item.to_string(), cited, holds]);
    }
    table(&[Align::Left, Align::Right, Align::Left], &rows, width)
}

/// Returns how an answer compares with gold.
pub fn judgement_words(judgement: &Judgement) -> String {
    match judgement {
        Judgement::Correct => "correct".to_owned(),
        Judgement::Wrong => "wrong".to_owned(),
        Judgement::Unreadable => "no answer can be read from the text".to_owned(),
        Judgement::NoGold => "no gold answer to compare with".to_owned(),
        Judgement::NotJudged { reason: Some(reason) } => format!("not judged: {reason}"),
        Judgement::NotJudged { reason: None } => "not judged".to_owned(),
    }
}

/// Returns how a session ended.
pub fn outcome_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Answered => "ended: answered".to_owned(),
        Outcome::Interrupted => "ended: interrupted".to_owned(),
        Outcome::Failed { reason, hint: None } => format!("ended: failed: {reason}"),
        Outcome::Failed { reason, hint: Some(hint) } => {
            format!("ended: failed: {}; hint: {hint}", reason.trim_end_matches('.'))
        }
    }
}

/// Returns what was spent, in one line.
pub fn budget_words(cost: &Cost, cache_known: bool, wall_ms: u64) -> String {
    let cached = or_missing(cache_known.then(|| count(cost.cached)));
    format!(
        "spent: {} generated, {} evaluated, {cached} cached tokens, {}, {}, {} in the model of {} ({} tok/s)",
        drawn(cost),
        count(cost.fresh),
        things(cost.calls, "call"),
        flops(cost),
        duration(cost.wall_ms),
        duration(wall_ms as f64),
        rate(cost),
    )
}
