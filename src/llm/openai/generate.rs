//! Writing text, streamed, several requests side by side.

use futures::{FutureExt, StreamExt};
use serde_json::Value;
use tokio::sync::mpsc;

use super::{
    Job, OpenAiBackend, Spent,
    client::packets,
    prompt,
    wire::{Choice, Packet, Usage},
};
use crate::llm::{Completion, Delta, Generation, LlmError, Output, Progress, StopReason, Token};

/// One reply that is coming in.
#[derive(Debug, Default)]
struct Arriving {
    text: String,
    tokens: Vec<Token>,
    stop: Option<StopReason>,
    usage: Option<Usage>,
    cached: Option<u32>,
}

impl OpenAiBackend {
    pub(super) async fn generate(
        &mut self,
        model: &str,
        generations: &[Generation],
        job: Job<'_>,
    ) -> Result<(Output, Spent), LlmError> {
        let outcome = self.generate_all(model, generations, job).await;
        match outcome {
            Err(LlmError::Refused { message, .. }) if self.logprobs && message.contains("logprobs") => {
                self.logprobs = false;
                self.generate_all(model, generations, job).await
            }
            outcome => outcome,
        }
    }

    async fn generate_all(
        &self,
        model: &str,
        generations: &[Generation],
        job: Job<'_>,
    ) -> Result<(Output, Spent), LlmError> {
        let each = generations.iter().enumerate();
        let work = each.map(|(index, generation)| self.generate_one(model, index, generation, job).boxed());
        let replies = self.side_by_side(work.collect()).await?;
        let mut spent = Spent::new();
        let mut completions = Vec::with_capacity(replies.len());
        for reply in replies {
            let counted = reply.tokens.len() as u64;
            spent.add(reply.usage, reply.cached, counted, counted);
            let stop = reply.stop.unwrap_or(StopReason::Cancelled);
            completions.push(Completion { text: reply.text, tokens: reply.tokens, stop, thinking: None });
        }
        Ok((Output::Generated { completions }, spent))
    }

    async fn generate_one(
        &self,
        model: &str,
        index: usize,
        generation: &Generation,
        job: Job<'_>,
    ) -> Result<Arriving, LlmError> {
        let body = prompt::generation(&self.options, model, self.options.endpoint, generation, self.logprobs);
        let mut reply = Arriving::default();
        // Whatever had arrived when the call was cancelled is kept; dropping the rest closes the connection.
        let reading = self.read(&body, index, generation, job.progress, &mut reply);
        match job.cancel.run_until_cancelled(reading).await {
            Some(outcome) => outcome?,
            None => reply.stop = Some(StopReason::Cancelled),
        }
        Ok(reply)
    }

    async fn read(
        &self,
        body: &Value,
        index: usize,
        generation: &Generation,
        progress: &mpsc::Sender<Progress>,
        reply: &mut Arriving,
    ) -> Result<(), LlmError> {
        let path = self.options.endpoint.path();
        let model = body["model"].as_str().unwrap_or_default();
        let response = self.client.send(path, Some(body)).await?;
        let mut packets = std::pin::pin!(packets(response, self.client.asked(path, model)));
        while let Some(packet) = packets.next().await {
            let added = reply.take(packet?);
            if !added.is_empty() {
                let sequence = u32::try_from(index).unwrap_or(u32::MAX);
                // A full channel means that the screen is behind; the whole text is in the reply.
                let _ = progress.try_send(Progress::Text(Delta { sequence, text: added }));
            }
            if reply.cut_at_stop(&generation.stop) {
                return Ok(());
            }
        }
        match reply.stop {
            Some(_) => Ok(()),
            None => Err(self.client.asked(path, model).cut_short()),
        }
    }
}

impl Arriving {
    /// Takes in a packet and returns the text that it added.
    fn take(&mut self, mut packet: Packet) -> String {
        self.cached = packet.cached().or(self.cached);
        self.usage = packet.usage.or(self.usage);
        let Some(mut choice) = packet.choices.drain(..).next() else { return String::new() };
        let added = choice.take_text().unwrap_or_default();
        self.text.push_str(&added);
        let mut tokens = tokens(&choice);
        if tokens.is_empty() && !added.is_empty() {
            tokens.push(Token { id: None, text: added.clone(), logprob: None });
        }
        self.tokens.append(&mut tokens);
        if let Some(reason) = &choice.finish_reason {
            self.stop = Some(match reason.as_str() {
                "length" => StopReason::MaxTokens,
                _ if choice.stopped_by_string() => StopReason::StopString,
                _ => StopReason::EndOfTurn,
            });
        }
        added
    }

    /// Ends the text before a stop string that the server let through.
    fn cut_at_stop(&mut self, stop: &[String]) -> bool {
        let found =
            stop.iter().filter(|stop| !stop.is_empty()).filter_map(|stop| self.text.find(stop.as_str()));
        let Some(at) = found.min() else { return false };
        self.text.truncate(at);
        self.stop = Some(StopReason::StopString);
        true
    }
}

/// Returns the tokens that a choice tells of, in either endpoint's form.
fn tokens(choice: &Choice) -> Vec<Token> {
    let Some(logprobs) = &choice.logprobs else { return Vec::new() };
    if let Some(content) = &logprobs.content {
        let token = |token: &super::wire::TokenLogprob| Token {
            id: token.id,
            text: token.token.clone(),
            logprob: token.logprob,
        };
        return content.iter().map(token).collect();
    }
    let texts = logprobs.tokens.iter().flatten();
    let values = logprobs.token_logprobs.iter().flatten();
    texts.zip(values).map(|(text, &logprob)| Token { id: None, text: text.clone(), logprob }).collect()
}
