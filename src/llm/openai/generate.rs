//! Writing text, streamed, several requests side by side.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::{
    OpenAiBackend, RequestContext,
    arriving::Arriving,
    client::HttpRequest,
    prompt,
    reply::{ReplyPiece, pieces},
    spent::TokenUsage,
};
use model::{Completion, Delta, Generation, LlmError, Output, Progress, StopReason};

/// Behind the end of a text only its cost is still to come, and not for long.
const AFTER_THE_END: Duration = Duration::from_secs(5);

impl OpenAiBackend {
    pub(super) async fn generate(
        &self,
        model: &str,
        generations: &[Generation],
        job: RequestContext<'_>,
    ) -> Result<(Output, TokenUsage), LlmError> {
        let mut replies: Vec<Arriving> = generations.iter().map(|_| Arriving::default()).collect();
        let each = generations.iter().zip(&mut replies).enumerate();
        let work = each.map(|(index, (generation, reply))| {
            self.generate_one(model, index, generation, job, reply).boxed()
        });
        let outcome = self.side_by_side(work.collect()).await;
        if let Err(error) = outcome {
            return Err(with_cost(error, replies.iter().map(|reply| reply.count.drawn).sum()));
        }
        let mut spent = TokenUsage::new();
        for reply in &replies {
            spent.add(reply.usage, reply.count.drawn, reply.tokens.len() as u64);
            self.remark(reply);
        }
        spent.notes = blanks(&replies);
        let completions: Vec<Completion> = replies.into_iter().map(Arriving::into_completion).collect();
        spent.cost.thinking = completions.iter().filter_map(|one| Some(one.thinking.as_ref()?.tokens)).sum();
        Ok((Output::Generated { completions }, spent))
    }

    /// Notes what a reply shows of the server.
    fn remark(&self, reply: &Arriving) {
        let learned = &self.client.learned;
        if reply.overran {
            learned.say("The server ignores the limit of tokens; replies that are longer are cut here.");
        }
        // Of what was broken off here the server could not say anything.
        let broken_off =
            reply.overran || matches!(reply.stop, Some(StopReason::Cancelled | StopReason::StopString));
        let silent = reply.usage.is_none_or(|usage| usage.completion == 0);
        if silent && reply.count.estimated && !broken_off {
            learned.say(
                "The server does not say how many tokens it wrote; they are counted by what came, which is an estimate.",
            );
        }
    }

    async fn generate_one(
        &self,
        model: &str,
        index: usize,
        generation: &Generation,
        job: RequestContext<'_>,
        reply: &mut Arriving,
    ) -> Result<(), LlmError> {
        let body = prompt::generation(&self.options, model, self.options.endpoint, generation);
        // Whatever had arrived when the call was cancelled is kept; dropping the rest closes the connection.
        let reading = self.read(&body, index, generation, job.progress, reply);
        if let Some(outcome) = job.cancel.run_until_cancelled(reading).await {
            return outcome;
        }
        reply.stop = Some(StopReason::Cancelled);
        Ok(())
    }

    async fn read(
        &self,
        body: &Map<String, Value>,
        index: usize,
        generation: &Generation,
        progress: &mpsc::Sender<Progress>,
        reply: &mut Arriving,
    ) -> Result<(), LlmError> {
        let limit = generation.most_tokens();
        let ask = HttpRequest { path: self.options.endpoint.path(), body: Some(body), needed: &[], progress };
        let response = self.client.send(ask).await?;
        let asked = self.client.asked_of(&ask);
        let mut pieces = std::pin::pin!(pieces(response, asked.clone()));
        loop {
            let next = match reply.stop {
                None => pieces.next().await,
                Some(_) => tokio::time::timeout(AFTER_THE_END, pieces.next()).await.unwrap_or(None),
            };
            let (packet, last) = match next {
                Some(Ok(ReplyPiece::Packet(packet))) => (packet, false),
                Some(Ok(ReplyPiece::Whole(packet))) => (packet, true),
                Some(Ok(ReplyPiece::Done)) => {
                    reply.complete(limit);
                    return Ok(());
                }
                // The text is whole; what went wrong behind it changes nothing.
                None | Some(Err(_)) if reply.stop.is_some() => return Ok(()),
                Some(Err(error)) => return Err(error),
                None => return Err(asked.cut_short(reply.count.drawn)),
            };
            if let Some(reason) = packet.gave_up() {
                return Err(asked.gave_up(reason, reply.count.drawn));
            }
            let added = reply.take(packet);
            if !added.is_empty() {
                let sequence = u32::try_from(index).unwrap_or(u32::MAX);
                // A full channel means that the screen is behind; the whole text is in the reply.
                let _ = progress.try_send(Progress::Text(Delta { sequence, text: added }));
            }
            if reply.cut_at_stop(&generation.stop) || reply.cut_at_limit(limit) {
                return Ok(());
            }
            if last {
                reply.complete(limit);
                return Ok(());
            }
        }
    }
}

/// Returns the error with what had been paid for until it came.
fn with_cost(error: LlmError, generated: u64) -> LlmError {
    let (message, hint) = (error.to_string(), error.hint().unwrap_or_default().to_owned());
    match error {
        LlmError::Unavailable { .. } | LlmError::TimedOut(_) if generated > 0 => {
            LlmError::BrokenOff { message, hint, generated }
        }
        error @ (LlmError::Unavailable { .. }
        | LlmError::TimedOut(_)
        | LlmError::TooLong { .. }
        | LlmError::Refused { .. }
        | LlmError::WorkerDied { .. }
        | LlmError::BrokenOff { .. }
        | LlmError::Cancelled) => error,
    }
}

/// Says which kinds of replies without a text there are, a sentence for each.
fn blanks(replies: &[Arriving]) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for blank in replies.iter().filter_map(Arriving::blank) {
        let words = blank.words();
        if !notes.contains(&words) {
            notes.push(words);
        }
    }
    notes
}
