//! The texts of a call: the reply, token by token, then the prompt as messages, then the grammar.

use ratatui::text::{Line, Span};

use super::CallView;
use crate::{
    core::call_text::CallText,
    panes::ctx::Ctx,
    theme::Role,
    widgets::{
        heat::{self, COLDEST, HEAT},
        text::sanitise,
        wrap::{wrap, wrap_text},
    },
};
use model::{
    Appraisal, Completion, Contrast, LatentPlan, Output, Prompt, Raw, Request, StopReason, Thinking,
};
use session::folds::{Call, CallEnd};

/// Columns of the two numbers before a line.
const PRESSURES: usize = 16;
/// Tokens that are shown of a place.
const SHOWN_TOKENS: usize = 3;

/// Returns what is to be read of one sequence of a call.
pub fn lines(
    ctx: &Ctx<'_>,
    call: &Call,
    text: &CallText,
    view: &CallView,
    columns: usize,
) -> Vec<Line<'static>> {
    let sequence = view.sequence;
    let mut page = Page { ctx, columns, unfolded: view.unfolded, lines: Vec::new() };
    match &text.reply {
        Some(Ok(reply)) => page.output(&reply.output, &text.request, sequence),
        Some(Err(error)) => page.fault(error),
        None => page.no_reply(&call.end),
    }
    match &text.request {
        Ok(request) => page.request(request, sequence),
        Err(error) => page.fault(error),
    }
    page.lines
}

struct Page<'a> {
    ctx: &'a Ctx<'a>,
    columns: usize,
    /// Whether all of what the model thought is shown.
    unfolded: bool,
    lines: Vec<Line<'static>>,
}

impl Page<'_> {
    fn head(&mut self, title: &str, note: &str) {
        self.lines.push(Line::default());
        let spans = [self.ctx.span(Role::Accent, title), self.ctx.span(Role::Dim, format!("  {note}"))];
        self.lines.extend(wrap(&spans, self.columns, 2));
    }

    fn body(&mut self, text: &str, role: Role) {
        self.lines.extend(wrap_text(text, self.ctx.style(role), self.columns, 0));
    }

    fn fault(&mut self, error: &str) {
        self.lines.push(Line::default());
        self.body(&format!("This cannot be shown: {error}."), Role::Bad);
    }

    fn no_reply(&mut self, end: &CallEnd) {
        let (why, role) = match end {
            CallEnd::Open => ("There is no reply yet.", Role::Dim),
            CallEnd::Failed { .. } => ("The call failed, so there is no reply.", Role::Care),
            CallEnd::Cancelled { reply: None, .. } => {
                ("The call was cancelled before anything had come.", Role::Dim)
            }
            CallEnd::Cancelled { reply: Some(_), .. } | CallEnd::Done { .. } => {
                ("The reply is being read.", Role::Dim)
            }
        };
        self.head("Reply", "");
        self.body(why, role);
    }

    fn output(&mut self, output: &Output, request: &Result<Request, String>, sequence: usize) {
        match output {
            Output::Generated { completions } => {
                if let Some(completion) = completions.get(sequence) {
                    self.completion(completion);
                }
            }
            Output::Contrasted { contrasts } => {
                if let Some(own) = contrasts.get(sequence) {
                    self.contrasted(own);
                }
            }
            Output::Filled { distributions } => {
                if let Some(own) = distributions.get(sequence) {
                    self.filled(own, request, sequence);
                }
            }
            Output::Found { plans } => {
                if let Some(own) = plans.get(sequence) {
                    self.found(own, request);
                }
            }
            Output::Ranked { probabilities } => {
                if let Some(own) = probabilities.get(sequence) {
                    self.head("Ranked", &format!("right with probability {own:.4}"));
                }
            }
            Output::Appraised { appraisals } => {
                if let Some(own) = appraisals.get(sequence) {
                    self.appraised(own);
                }
            }
            Output::Scored { logprobs } => {
                if let Some(own) = logprobs.get(sequence) {
                    self.scored(own);
                }
            }
            Output::Chosen { logprobs } => {
                if let Some(own) = logprobs.get(sequence) {
                    self.chosen(own, request);
                }
            }
        }
    }

    /// The probability of each token of a given text.
    fn scored(&mut self, own: &[f32]) {
        let sum: f64 = own.iter().map(|logprob| f64::from(*logprob)).sum();
        self.head("Scored", &format!("log-probability {sum:.3} over {} tokens", own.len()));
        self.legend();
        let spans: Vec<Span<'static>> = own
            .iter()
            .map(|logprob| Span::styled(format!("{logprob:.2} "), self.ctx.style(heat_of(*logprob))))
            .collect();
        self.lines.extend(wrap(&spans, self.columns, 0));
    }

    /// The probability of each of the given answers.
    fn chosen(&mut self, own: &[f32], request: &Result<Request, String>) {
        self.head("Chosen", "probability of each answer's first token");
        let options = match request {
            Ok(Request::Choose { options, .. }) => &options[..],
            Ok(
                Request::Generate { .. }
                | Request::Score { .. }
                | Request::Contrast { .. }
                | Request::Rank { .. }
                | Request::Fill { .. }
                | Request::Latents { .. }
                | Request::Appraise { .. },
            )
            | Err(_) => &[],
        };
        for (at, logprob) in own.iter().enumerate() {
            let option = options.get(at).map_or("?", String::as_str);
            let value = f64::from(*logprob).exp();
            let spans = [
                self.ctx.span(Role::Text, format!("{} ", sanitise(option).replace('\n', "⏎"))),
                Span::styled(format!("{:.1} %", 100.0 * value), self.ctx.style(heat_of(*logprob))),
                self.ctx.span(Role::Dim, format!("  log-probability {logprob:.4}")),
            ];
            self.lines.extend(wrap(&spans, self.columns, 2));
        }
    }

    fn appraised(&mut self, own: &Appraisal) {
        match own {
            Appraisal::Value { score, parts, stderr, detail } => {
                let error = stderr.map_or_else(String::new, |error| format!(", standard error {error:.4}"));
                self.head("Value", &format!("{score:.4}{error}"));
                let parts: Vec<String> =
                    parts.iter().map(|(name, value)| format!("{name} {value:.4}")).collect();
                self.body(&parts.join("\n"), Role::Text);
                self.body(detail.as_deref().unwrap_or_default(), Role::Dim);
            }
            Appraisal::Nothing { why } => {
                self.head("No value", "");
                self.body(why, Role::Care);
            }
        }
    }

    fn contrasted(&mut self, own: &[Contrast]) {
        let kl: f64 = own.iter().map(|contrast| f64::from(contrast.kl)).sum();
        let flips = own.iter().filter(|contrast| contrast.flips).count();
        let words = format!("KL {kl:.3} nats, {flips} of {} tokens flip; probability of each", own.len());
        self.head("Against the first", &words);
        self.legend();
        let spans: Vec<Span<'static>> = own
            .iter()
            .map(|contrast| {
                Span::styled(format!("{:.2} ", contrast.logprob), self.ctx.style(heat_of(contrast.logprob)))
            })
            .collect();
        self.lines.extend(wrap(&spans, self.columns, 0));
    }

    /// What the model thought; folded, its first line alone.
    fn thinking(&mut self, thinking: &Thinking) {
        self.head("Thinking", &thinking_words(thinking));
        if self.unfolded {
            return self.body(&thinking.text, Role::Dim);
        }
        let mut lines = thinking.text.lines();
        let first = lines.next().unwrap_or_default();
        let more = match lines.count() {
            0 => String::new(),
            count => format!(" … {count} more lines; enter shows them"),
        };
        self.body(&format!("{first}{more}"), Role::Dim);
    }

    fn completion(&mut self, completion: &Completion) {
        if let Some(thinking) = &completion.thinking {
            self.thinking(thinking);
        }
        let count = completion.tokens.len();
        self.head("Reply", &format!("{count} tokens, {}", stop_words(completion.stop)));
        let known = completion.tokens.iter().any(|token| token.logprob.is_some());
        if !known {
            if count > 0 {
                self.body("How probable the tokens were is not known.", Role::Dim);
            }
            self.body(&completion.text, Role::Text);
            return self.pressure(completion);
        }
        self.legend();
        let spans: Vec<Span<'static>> = completion
            .tokens
            .iter()
            .map(|token| {
                let role = token.logprob.map_or(Role::Dim, heat_of);
                self.ctx.span(role, token.text.clone())
            })
            .collect();
        self.lines.extend(wrap(&spans, self.columns, 0));
        self.pressure(completion);
    }

    /// How much of what the model wanted to write the grammar took away, line by line.
    fn pressure(&mut self, completion: &Completion) {
        let Some(lines) = completion.pressed_lines() else { return };
        self.head("Grammar pressure", "nats where there was a choice, and where one text was left");
        for line in lines {
            let spans = [
                self.ctx.span(Role::Dim, format!("{:>7.2}{:>7.2}  ", line.choice, line.fixed)),
                self.ctx.span(Role::Text, line.text),
            ];
            self.lines.extend(wrap(&spans, self.columns, PRESSURES));
        }
    }

    /// The most probable tokens of each masked place.
    fn filled(&mut self, places: &[Vec<f32>], request: &Result<Request, String>, sequence: usize) {
        let Ok(Request::Fill { vocabulary, rows, .. }) = request else { return };
        let Some(row) = rows.get(sequence) else { return };
        self.head("Filled", "the most probable tokens of each masked place");
        for (place, (distribution, token)) in places.iter().zip(&row.plan).enumerate() {
            if token.is_none() {
                let most = distribution.iter().copied().fold(0.0_f32, f32::max);
                let words = model::likeliest(distribution, vocabulary, SHOWN_TOKENS);
                let spans = [
                    self.ctx.span(Role::Dim, format!("place {:>2}  ", place + 1)),
                    Span::styled(words, self.ctx.style(heat::role(most))),
                ];
                self.lines.extend(wrap(&spans, self.columns, 2));
            }
        }
    }

    /// The plan that is read out of latents.
    fn found(&mut self, plan: &LatentPlan, request: &Result<Request, String>) {
        let Ok(Request::Latents { vocabulary, .. }) = request else { return };
        self.head("Found", "the plan that is read out of the latents");
        self.body(&plan.words(vocabulary), Role::Text);
        self.head("Latents", "their numbers, without noise");
        let numbers: Vec<String> = plan.z.iter().map(|number| format!("{number:.2}")).collect();
        self.body(&numbers.join(" "), Role::Dim);
    }

    fn legend(&mut self) {
        let mut spans = vec![self.ctx.span(Role::Dim, "probability ")];
        let all = HEAT.iter().map(|(_, role, words)| (*role, *words)).chain([COLDEST]);
        for (role, words) in all {
            spans.push(self.ctx.span(role, words));
            spans.push(Span::raw("  "));
        }
        self.lines.extend(wrap(&spans, self.columns, 2));
    }

    fn request(&mut self, request: &Request, sequence: usize) {
        match request {
            Request::Generate { generations } => {
                let Some(generation) = generations.get(sequence) else { return };
                self.prompt(&generation.prompt);
                if let Some(grammar) = &generation.grammar {
                    self.head("Grammar", "what the reply must follow");
                    self.body(grammar.trim_end(), Role::Dim);
                }
            }
            Request::Score { pairs } => {
                let Some((prompt, continuation)) = pairs.get(sequence) else { return };
                self.prompt(prompt);
                self.head("Continuation", "how probable is it?");
                self.body(continuation, Role::Text);
            }
            Request::Fill { vocabulary, rows, .. } => {
                let Some(row) = rows.get(sequence) else { return };
                self.head("Problem", "its tokens");
                self.body(&row.problem_words(vocabulary), Role::Text);
                self.head("Plan", "which tokens fill the masked places?");
                self.body(&row.plan_words(vocabulary), Role::Text);
            }
            Request::Latents { vocabulary, rows, .. } => {
                if let Some(row) = rows.get(sequence) {
                    self.head("Latents", "which ones?");
                    self.body(&row.words(vocabulary), Role::Text);
                }
            }
            Request::Appraise { command, plans } => {
                if let Some(plan) = plans.get(sequence) {
                    self.head("Command", &format!("{}, at most {} ms", command.path, command.timeout_ms));
                    self.body(&format!("{plan:#}"), Role::Text);
                }
            }
            Request::Choose { prompts, .. } | Request::Rank { prompts, .. } => {
                if let Some(prompt) = prompts.get(sequence) {
                    self.prompt(prompt);
                }
            }
            Request::Contrast { prompts, continuation } => {
                let Some(prompt) = prompts.get(sequence) else { return };
                self.prompt(prompt);
                self.head(
                    "Continuation",
                    "how differently is it expected after the first prompt and this one?",
                );
                self.body(continuation, Role::Text);
            }
        }
    }

    fn prompt(&mut self, prompt: &Prompt) {
        for message in &prompt.messages {
            let role = match message.role {
                model::Role::System => "system",
                model::Role::User => "user",
                model::Role::Assistant => "assistant",
            };
            self.head(role, "");
            self.body(&message.content, Role::Text);
        }
        match &prompt.raw {
            None => {}
            Some(Raw::Text(text)) => {
                self.head("text", "no conversation; the model reads this");
                self.body(text, Role::Text);
            }
            Some(Raw::Infill { before, after }) => {
                for (text, place) in [(before, "the reply comes after this"), (after, "and before this")] {
                    self.head("fill in the middle", place);
                    self.body(text, Role::Text);
                }
            }
        }
        if !prompt.prefill.is_empty() {
            self.head("assistant", "the reply begins with this");
            self.body(&prompt.prefill, Role::Text);
        }
    }
}

/// Returns the role of a token with this log-probability.
fn heat_of(logprob: f32) -> Role {
    heat::role(f64::from(logprob).exp() as f32)
}

fn thinking_words(thinking: &Thinking) -> String {
    match thinking.tokens {
        0 => thinking.stop.words().to_owned(),
        tokens => format!("{tokens} tokens, {}", thinking.stop.words()),
    }
}

const fn stop_words(stop: StopReason) -> &'static str {
    match stop {
        StopReason::EndOfTurn => "the model ended its turn",
        StopReason::GrammarComplete => "the grammar was complete",
        StopReason::StopString => "a stop string came",
        StopReason::MaxTokens => "the limit of tokens was reached",
        StopReason::Cancelled => "cancelled",
        StopReason::Exhausted => "nothing new was left to write",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_less_probable_the_hotter() {
        let roles = [0.0, -0.2, -1.0, -2.0, -9.0].map(heat_of);
        assert_eq!(roles, [Role::Heat0, Role::Heat1, Role::Heat2, Role::Heat3, Role::Heat4]);
    }
}
