//! What a run learns of its server: the fields that it rejects, and what was said of it.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use reqwest::StatusCode;
use serde_json::{Map, Value};

use super::rejected::rejected;

/// Fields without which there is nothing to ask.
const ESSENTIAL: [&str; 3] = ["model", "messages", "prompt"];
/// Fields that mean nothing without another: they go together.
const TOGETHER: [(&str, &str); 4] = [
    ("logprobs", "top_logprobs"),
    ("stream", "stream_options"),
    ("continue_final_message", "add_generation_prompt"),
    ("add_generation_prompt", "continue_final_message"),
];
/// The two names of the limit on tokens.
const LIMITS: [&str; 2] = ["max_tokens", "max_completion_tokens"];

/// What a run has learned of its server; all clones are one.
#[derive(Debug, Clone, Default)]
pub(super) struct Learned(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    /// Fields that the server rejected.
    dropped: BTreeSet<String>,
    /// Whether the limit on tokens goes by its newer name.
    renamed: bool,
    /// Whether the server has answered anything with success.
    met: bool,
    /// All sentences, in the order in which they were said first.
    said: Vec<String>,
    /// How many of them were handed to a reply.
    handed: usize,
}

impl Learned {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the body as this server takes it.
    pub fn fit(&self, body: &Map<String, Value>) -> Map<String, Value> {
        let known = self.known();
        let mut fitting = body.clone();
        if known.renamed
            && let Some(limit) = fitting.remove(LIMITS[0])
        {
            fitting.insert(LIMITS[1].into(), limit);
        }
        fitting.retain(|name, _| !known.dropped.contains(name));
        fitting
    }

    /// Learns from a refusal of `sent`; returns whether it named fields that can be left out. `needed` cannot.
    pub fn learn(
        &self,
        sent: &Map<String, Value>,
        needed: &[&str],
        status: StatusCode,
        refusal: &str,
        quote: &str,
    ) -> bool {
        let spare = |name: &&str| !needed.contains(name) && !ESSENTIAL.contains(name);
        let names: Vec<&str> = sent.keys().map(String::as_str).filter(spare).collect();
        let fields = rejected(refusal, &names);
        for field in &fields {
            self.drop_field(field, refusal.contains(LIMITS[1]), &format!("{status}{quote}"));
        }
        !fields.is_empty()
    }

    fn drop_field(&self, field: &str, newer_limit: bool, reason: &str) {
        if field == LIMITS[0] && newer_limit {
            self.known().renamed = true;
            self.say(&format!("The server wants max_completion_tokens instead of max_tokens ({reason})."));
            return;
        }
        {
            let mut known = self.known();
            let together = TOGETHER.iter().filter(|(first, _)| *first == field).map(|(_, second)| *second);
            for name in std::iter::once(field).chain(together) {
                known.dropped.insert(name.to_owned());
            }
        }
        self.say(&format!(
            "The server rejects the field {field} ({reason}); the run leaves it out: {}.",
            without(field)
        ));
    }

    /// Notes a sentence that holds for the whole run, unless it was said. Two that differ in what the server quotes
    /// are one.
    pub fn say(&self, sentence: &str) {
        let start = |text: &str| text.split('(').next().unwrap_or_default().to_owned();
        let mut known = self.known();
        if known.said.iter().all(|said| start(said) != start(sentence)) {
            known.said.push(sentence.to_owned());
        }
    }

    /// Returns the sentences that no reply has brought yet.
    pub fn news(&self) -> Vec<String> {
        let mut known = self.known();
        let news = known.said[known.handed..].to_vec();
        known.handed = known.said.len();
        news
    }

    /// Returns every sentence that was said.
    pub fn said(&self) -> Vec<String> {
        self.known().said.clone()
    }

    /// Notes that the server has answered with success.
    pub fn meet(&self) {
        self.known().met = true;
    }

    /// Returns whether the server has ever answered with success.
    pub fn met(&self) -> bool {
        self.known().met
    }
}

/// Returns what it means to go without a field.
fn without(field: &str) -> &'static str {
    match field {
        "stream" => "replies come whole",
        "stream_options" => "numbers of tokens may be estimates",
        "logprobs" | "top_logprobs" => "there are no log-probabilities",
        "seed" => "the same seed may give another text",
        "temperature" | "top_p" | "top_k" => "the server draws tokens by its own rule",
        "max_tokens" | "max_completion_tokens" => "longer replies are cut here",
        "stop" => "replies are cut here at their stop strings",
        "grammar" | "guided_grammar" | "structured_outputs" => {
            "nothing holds the model to the language of plans"
        }
        "continue_final_message" | "add_generation_prompt" => "the model may start its turn over",
        _ => "it has no effect",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body() -> Map<String, Value> {
        let body = json!({ "model": "m", "messages": [], "max_tokens": 5, "seed": 1, "stream": true,
            "stream_options": {}, "logprobs": true, "top_logprobs": 1 });
        body.as_object().expect("an object").clone()
    }

    fn learn(learned: &Learned, needed: &[&str], refusal: &str) -> bool {
        learned.learn(&body(), needed, StatusCode::BAD_REQUEST, refusal, ": no")
    }

    fn left(learned: &Learned) -> Vec<String> {
        let mut names: Vec<String> = learned.fit(&body()).keys().cloned().collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_rejected_is_left_out_from_then_on_and_said_once() {
        let learned = Learned::default();
        assert!(learn(&learned, &[], "Unknown field: seed"));
        assert!(learn(&learned, &[], "unknown field `seed`"), "a second request was already sent");
        assert!(!left(&learned).contains(&"seed".to_owned()));
        assert_eq!(learned.news().len(), 1);
        assert!(learned.news().is_empty() && learned.said().len() == 1);
    }

    #[test]
    fn what_belongs_together_goes_together() {
        let learned = Learned::default();
        assert!(learn(&learned, &[], "stream is not supported") && learn(&learned, &[], "no logprobs here"));
        assert_eq!(left(&learned), ["max_tokens", "messages", "model", "seed"]);
    }

    #[test]
    fn the_limit_gets_its_newer_name_where_that_is_wanted() {
        let learned = Learned::default();
        let refusal = "Unsupported parameter: 'max_tokens' is not supported with this model. Use \
                       'max_completion_tokens' instead.";
        assert!(learn(&learned, &[], refusal));
        assert_eq!(learned.fit(&body())["max_completion_tokens"], json!(5));
        assert!(!learned.fit(&body()).contains_key("max_tokens"));
    }

    #[test]
    fn what_is_needed_stays() {
        let learned = Learned::default();
        assert!(!learn(&learned, &["logprobs"], "logprobs is not supported"));
        assert!(!learn(&learned, &[], "unknown field `messages`"));
        assert_eq!(learned.fit(&body()), body());
    }
}
