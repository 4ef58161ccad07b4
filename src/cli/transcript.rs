//! The request and reply of one call, to read.

use model::{Appraisal, Completion, Generation, Output, Prompt, Raw, Request, Role, StopReason};

/// Appends what was asked for.
pub fn request_text(request: &Request, out: &mut Vec<String>) {
    match request {
        Request::Generate { generations } => {
            for (index, generation) in generations.iter().enumerate() {
                out.push(format!("── request {index}: {}", sampling_words(generation)));
                prompt_text(&generation.prompt, out);
                if let Some(grammar) = &generation.grammar {
                    out.push(format!("── grammar\n{}", grammar.trim_end()));
                }
            }
        }
        Request::Score { pairs } => {
            for (index, (prompt, continuation)) in pairs.iter().enumerate() {
                out.push(format!("── request {index}: how probable is the continuation?"));
                prompt_text(prompt, out);
                out.push(format!("── continuation\n{continuation}"));
            }
        }
        Request::Contrast { prompts, continuation } => {
            for (index, prompt) in prompts.iter().enumerate() {
                out.push(format!("── request {index}: how differently is the continuation expected?"));
                prompt_text(prompt, out);
            }
            out.push(format!("── continuation\n{continuation}"));
        }
        Request::Rank { prompts, .. } => {
            for (index, prompt) in prompts.iter().enumerate() {
                out.push(format!("── request {index}: how probably is this right?"));
                prompt_text(prompt, out);
            }
        }
        Request::Appraise { command, plans } => {
            for (index, plan) in plans.iter().enumerate() {
                out.push(format!("── request {index}: what {} reads\n{plan:#}", command.path));
            }
        }
        Request::Fill { vocabulary, rows, .. } => {
            for (index, row) in rows.iter().enumerate() {
                let (problem, plan) = (row.problem_words(vocabulary), row.plan_words(vocabulary));
                out.push(format!(
                    "── request {index}: which tokens fill the plan?\nproblem: {problem}\nplan:    {plan}"
                ));
            }
        }
        Request::Latents { vocabulary, rows, .. } => {
            for (index, row) in rows.iter().enumerate() {
                out.push(format!("── request {index}: {}", row.words(vocabulary)));
            }
        }
        Request::Choose { prompts, options } => {
            for (index, prompt) in prompts.iter().enumerate() {
                out.push(format!("── request {index}: one of {options:?}"));
                prompt_text(prompt, out);
            }
        }
    }
}

fn sampling_words(generation: &Generation) -> String {
    let sampling = &generation.sampling;
    let draw = if sampling.temperature == 0.0 {
        "most probable token".to_owned()
    } else {
        let (t, k, p, seed) = (sampling.temperature, sampling.top_k, sampling.top_p, sampling.seed);
        format!("temperature {t}, top-k {k}, top-p {p}, seed {seed}")
    };
    let stop =
        if generation.stop.is_empty() { String::new() } else { format!(", stop at {:?}", generation.stop) };
    let thinking = match generation.thinking {
        0 => String::new(),
        most => format!(", at most {most} tokens of thinking"),
    };
    format!("{draw}, at most {} tokens{thinking}{stop}", generation.max_tokens)
}

fn prompt_text(prompt: &Prompt, out: &mut Vec<String>) {
    for message in &prompt.messages {
        let role = match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        out.push(format!("── {role}\n{}", message.content));
    }
    match &prompt.raw {
        None => {}
        Some(Raw::Text(text)) => out.push(format!("── no conversation; the model reads\n{text}")),
        Some(Raw::Infill { before, after }) => {
            out.push(format!("── fill in the middle, after\n{before}"));
            out.push(format!("── fill in the middle, before\n{after}"));
        }
    }
    if !prompt.prefill.is_empty() {
        out.push(format!("── the reply begins with\n{}", prompt.prefill));
    }
}

/// Appends what came back. What the model thought before a text is folded to its first line, unless `unfolded`.
pub fn output_text(output: &Output, unfolded: bool, out: &mut Vec<String>) {
    match output {
        Output::Generated { completions } => completions_text(completions, unfolded, out),
        Output::Scored { logprobs } => {
            for (index, logprobs) in logprobs.iter().enumerate() {
                let sum: f32 = logprobs.iter().sum();
                out.push(format!("── reply {index}: log-probability {sum:.4} = {}", numbers(logprobs)));
            }
        }
        Output::Contrasted { contrasts } => {
            for (index, contrasts) in contrasts.iter().enumerate() {
                let kl: f32 = contrasts.iter().map(|contrast| contrast.kl).sum();
                let flips = contrasts.iter().filter(|contrast| contrast.flips).count();
                out.push(format!(
                    "── reply {index}: KL {kl:.4} nats, {flips} of {} tokens flip",
                    contrasts.len()
                ));
            }
        }
        Output::Filled { distributions } => {
            for (index, places) in distributions.iter().enumerate() {
                let sure =
                    places.iter().map(|place| place.iter().copied().fold(0.0, f32::max)).collect::<Vec<_>>();
                out.push(format!(
                    "── reply {index}: the most probable token of each place: {}",
                    numbers(&sure)
                ));
            }
        }
        Output::Found { plans } => {
            for (index, plan) in plans.iter().enumerate() {
                let sure: Vec<f32> = plan.tokens.iter().map(|(_, probability)| *probability).collect();
                out.push(format!(
                    "── reply {index}: latents {}\ntokens: {}",
                    numbers(&plan.z),
                    numbers(&sure)
                ));
            }
        }
        Output::Ranked { probabilities } => {
            out.push(format!("── replies: probabilities {}", numbers(probabilities)));
        }
        Output::Appraised { appraisals } => {
            for (index, appraisal) in appraisals.iter().enumerate() {
                out.push(format!("── reply {index}: {}", appraisal_words(appraisal)));
            }
        }
        Output::Chosen { logprobs } => {
            for (index, logprobs) in logprobs.iter().enumerate() {
                out.push(format!("── reply {index}: log-probabilities {}", numbers(logprobs)));
            }
        }
    }
}

fn completions_text(completions: &[Completion], unfolded: bool, out: &mut Vec<String>) {
    for (index, completion) in completions.iter().enumerate() {
        if let Some(thinking) = &completion.thinking {
            let (tokens, stop) = (thinking.tokens, thinking.stop.words());
            out.push(format!("── thinking {index}: {tokens} tokens, {stop}"));
            out.push(if unfolded { thinking.text.clone() } else { folded(&thinking.text) });
        }
        let (tokens, stop) = (completion.tokens.len(), stop_words(completion.stop));
        out.push(format!("── reply {index}: {tokens} tokens, {stop}\n{}", completion.text));
    }
}

/// Appends the grammar pressure on each text that was written under a grammar, line by line.
pub fn pressure_text(request: &Request, output: &Output, out: &mut Vec<String>) {
    let (Request::Generate { generations }, Output::Generated { completions }) = (request, output) else {
        return;
    };
    let texts = generations.iter().zip(completions).enumerate();
    for (index, (_, completion)) in texts.filter(|(_, (generation, _))| generation.grammar.is_some()) {
        out.extend(pressed_lines(index, completion));
    }
    if let Some(whole) = output.pressure().filter(|_| completions.len() > 1) {
        out.push(format!("── grammar pressure of the call: {}", whole.words()));
    }
}

fn pressed_lines(index: usize, completion: &Completion) -> Vec<String> {
    let Some((pressure, lines)) = completion.pressure().zip(completion.pressed_lines()) else {
        return vec![format!(
            "── grammar pressure {index}: not known; servers and older versions do not record it"
        )];
    };
    let head = format!("── grammar pressure {index}: {}", pressure.words());
    let names = format!("{:>8}{:>8}  line", "choice", "fixed");
    let rows = lines.iter().map(|line| format!("{:>8.2}{:>8.2}  {}", line.choice, line.fixed, line.text));
    [head, names].into_iter().chain(rows).collect()
}

/// Returns what a command says of a plan.
pub fn appraisal_words(appraisal: &Appraisal) -> String {
    match appraisal {
        Appraisal::Value { score, parts, stderr, detail } => {
            let error = stderr.map_or_else(String::new, |error| format!(" ± {error:.4}"));
            let parts: String = parts.iter().map(|(name, value)| format!(", {name} {value:.4}")).collect();
            let detail = detail.as_ref().map_or_else(String::new, |detail| format!("\n{detail}"));
            format!("value {score:.4}{error}{parts}{detail}")
        }
        Appraisal::Nothing { why } => format!("no value: {why}"),
    }
}

fn numbers(values: &[f32]) -> String {
    values.iter().map(|value| format!("{value:.4}")).collect::<Vec<_>>().join(" ")
}

fn folded(thought: &str) -> String {
    let mut lines = thought.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    match lines.count() {
        0 => first,
        more => format!("{first}\n… {more} more lines (--thinking prints them)"),
    }
}

const fn stop_words(stop: StopReason) -> &'static str {
    match stop {
        StopReason::EndOfTurn => "the model ended its turn",
        StopReason::GrammarComplete => "the grammar was complete",
        StopReason::StopString => "a stop string came",
        StopReason::MaxTokens => "the token limit was reached",
        StopReason::Cancelled => "cancelled",
        StopReason::Exhausted => "nothing new was left to write",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Mask, Prompt, Sampling, Thinking, ThinkingStop, Token};

    #[test]
    fn a_thought_is_folded_unless_it_is_asked_for() {
        let thought = "First the boxes.\nThen the pens.";
        let thinking = Thinking { text: thought.into(), tokens: 8, stop: ThinkingStop::Closed };
        let completion = Completion {
            text: "S1: a = 1".into(),
            tokens: Vec::new(),
            stop: StopReason::EndOfTurn,
            thinking: Some(thinking),
        };
        let output = Output::Generated { completions: vec![completion] };
        let printed = |unfolded| {
            let mut out = Vec::new();
            output_text(&output, unfolded, &mut out);
            out.join("\n")
        };
        let folded = printed(false);
        assert!(
            folded.starts_with("── thinking 0: 8 tokens, closed by the model\nFirst the boxes.\n… 1 more")
        );
        assert!(!folded.contains("Then the pens") && folded.contains("S1: a = 1"), "{folded}");
        assert!(printed(true).contains(thought));
    }

    #[test]
    fn grammar_pressure_is_given_line_by_line_or_said_to_be_missing() {
        let generation = |grammar: Option<&str>| Generation {
            prompt: Prompt::default(),
            sampling: Sampling::GREEDY,
            grammar: grammar.map(str::to_owned),
            max_tokens: 9,
            thinking: 0,
            stop: Vec::new(),
            distinct_from: None,
        };
        let completion = |masks: [Option<Mask>; 2]| {
            let token = |(text, mask): (&str, Option<Mask>)| Token {
                id: None,
                text: text.into(),
                logprob: None,
                mask,
                share: None,
            };
            let tokens = ["S1: a\n", "S2: b"].into_iter().zip(masks).map(token).collect();
            let (text, stop) = ("S1: a\nS2: b".to_owned(), StopReason::EndOfTurn);
            Completion { text, tokens, stop, thinking: None }
        };
        let measured = completion([Some(Mask::new(-0.25, true)), Some(Mask::new(-7.5, false))]);
        let unknown = completion([None, None]);
        let generations = vec![generation(Some("g")), generation(Some("g")), generation(None)];
        let mut out = Vec::new();
        let output = Output::Generated { completions: vec![measured, unknown.clone(), unknown] };
        pressure_text(&Request::Generate { generations }, &output, &mut out);
        assert_eq!(
            out,
            [
                "── grammar pressure 0: 7.50 nats where there was a choice, 0.25 where one text was left",
                "  choice   fixed  line",
                "    0.00    0.25  S1: a",
                "    7.50    0.00  S2: b",
                "── grammar pressure 1: not known; servers and older versions do not record it",
                "── grammar pressure of the call: 7.50 nats where there was a choice, 0.25 where one text was left",
            ]
        );
    }
}
