//! Which fields of a request a refusal rejects, in the wordings of many servers.
//!
//! A field counts only where the refusal says that the *field* is not taken. A wrong value is a mistake of ours and
//! has to be heard of. No wording is known by heart: a refusal is read as words, and a few phrases around a name
//! decide. So Python's lists, JSON and plain sentences all read alike.

/// Words that reject the noun, or the name, that follows them.
const REJECTING: [&str; 12] = [
    "unknown",
    "unrecognized",
    "unrecognised",
    "unsupported",
    "unexpected",
    "unpermitted",
    "additional",
    "extra",
    "extraneous",
    "invalid",
    "disallowed",
    "forbidden",
];
/// What fields are called.
const NOUNS: [&str; 20] = [
    "argument",
    "arguments",
    "attribute",
    "attributes",
    "field",
    "fields",
    "input",
    "inputs",
    "key",
    "keys",
    "keyword",
    "name",
    "option",
    "options",
    "param",
    "parameter",
    "parameters",
    "params",
    "properties",
    "property",
];
/// What a field is not, where a server does not take it.
const TAKEN: [&str; 14] = [
    "accepted",
    "allowed",
    "available",
    "compatible",
    "enabled",
    "implemented",
    "known",
    "permitted",
    "recognised",
    "recognized",
    "understood",
    "accept",
    "support",
    "supported",
];
/// Behind these, names are those that the server does take, or the circumstances.
const ALTERNATIVES: [&str; 13] = [
    "at",
    "by",
    "expected",
    "for",
    "ignorable",
    "instead",
    "known",
    "must",
    "try",
    "use",
    "valid",
    "when",
    "with",
];
/// Words that speak of a value.
const OF_VALUES: [&str; 14] = [
    "between", "exceeds", "greater", "large", "least", "less", "maximum", "minimum", "most", "must", "range",
    "should", "small", "than",
];
/// How many words may lie between a phrase and its name.
const REACH: usize = 8;

/// Returns the fields among `sent` that the refusal rejects, in the order of `sent`.
pub(super) fn rejected<'a>(refusal: &str, sent: &[&'a str]) -> Vec<&'a str> {
    let words = words(refusal);
    let named = |name: &str| {
        let at = words.iter().enumerate().filter(|(_, word)| is_name(word, name));
        at.map(|(at, _)| at).any(|at| is_rejected(&words, at))
    };
    sent.iter().copied().filter(|name| named(name)).collect()
}

/// Takes a refusal apart into words in lower case; a full stop or semicolon before a gap is a word of its own.
fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace("n't", " not").replace("cannot", "can not");
    let mut words = Vec::new();
    for piece in text.split(|c: char| c.is_whitespace() || "\"'`()[]{}:,=<>\\".contains(c)) {
        let word = piece.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
        if !word.is_empty() {
            words.push(word.to_owned());
        }
        if piece.ends_with(['.', ';', '!']) {
            words.push(".".to_owned());
        }
    }
    words
}

/// Whether a word names a field, or a part of it such as `stream_options.include_usage`.
fn is_name(word: &str, name: &str) -> bool {
    let whole = word.strip_prefix("body.").unwrap_or(word);
    whole == name
        || whole.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
        || (name == "stream" && whole == "streaming")
}

/// Whether what stands around the name at `at` rejects it.
fn is_rejected(words: &[String], at: usize) -> bool {
    let start = words[..at].iter().rposition(|word| word == ".").map_or(0, |stop| stop + 1);
    let before: Vec<&str> = words[start..at].iter().map(String::as_str).collect();
    let after: Vec<&str> =
        words[at + 1..].iter().take_while(|word| *word != ".").map(String::as_str).collect();
    let of_value = after.iter().take(REACH).any(|word| OF_VALUES.contains(word));
    !of_value && (rejected_before(&before) || rejected_after(&after))
}

/// `unknown field NAME`, `unsupported NAME`, `extra inputs are not permitted: NAME`, `does not support NAME`,
/// `not supported: NAME`, `no NAME`.
fn rejected_before(before: &[&str]) -> bool {
    let near = &before[before.len().saturating_sub(REACH)..];
    let since = near.iter().rposition(|word| ALTERNATIVES.contains(word)).map_or(0, |at| at + 1);
    let near = &near[since..];
    let kind = near.iter().enumerate().any(|(at, word)| {
        // `unrecognized request argument`: the noun may have a word of its own before it.
        let nouns = near[at + 1..].iter().take(2);
        REJECTING.contains(word) && nouns.into_iter().any(|noun| NOUNS.contains(noun))
    });
    let direct = near.last().is_some_and(|word| ["no", "unsupported", "unknown"].contains(word));
    let verb = |reach: usize| near[near.len().saturating_sub(reach)..].windows(2);
    kind || direct
        || verb(4).any(|pair| pair == ["not", "support"] || pair == ["not", "accept"])
        || verb(2).any(|pair| pair[0] == "not" && TAKEN.contains(&pair[1]))
}

/// `NAME is not supported`, `NAME: extra inputs are not permitted`, `NAME is unsupported`, `NAME is not a valid field`.
fn rejected_after(after: &[&str]) -> bool {
    let near = &after[..after.len().min(REACH)];
    let plain = ["unsupported", "unknown", "unrecognized", "unrecognised", "disallowed", "forbidden"];
    let first = near.iter().take(3).any(|word| plain.contains(word) || *word == "extra_forbidden")
        || near.starts_with(&["unexpected", "field"])
        || near.starts_with(&["unexpected", "property"]);
    let not = near.windows(2).any(|pair| pair[0] == "not" && TAKEN.contains(&pair[1]));
    let no_field = near.windows(4).any(|four| {
        four[..3] == ["not", "a", "valid"] && NOUNS.contains(&four[3])
            || four[..3] == ["not", "a", "known"] && NOUNS.contains(&four[3])
    });
    first || not || no_field
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: [&str; 12] = [
        "max_tokens",
        "temperature",
        "top_p",
        "top_k",
        "seed",
        "stop",
        "stream",
        "stream_options",
        "logprobs",
        "top_logprobs",
        "grammar",
        "continue_final_message",
    ];

    #[test]
    fn refusals_of_many_servers_name_their_fields() {
        let cases: &[(&str, &[&str])] = &[
            (r#"{"error":{"message":"Unrecognized request argument supplied: top_k"}}"#, &["top_k"]),
            (r#"{"error":{"message":"Unknown parameter: 'top_k'.","param":"top_k"}}"#, &["top_k"]),
            (
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                &["max_tokens"],
            ),
            (
                "Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is supported.",
                &["temperature"],
            ),
            (
                r#"{"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'continue_final_message'), 'msg': 'Extra inputs are not permitted', 'input': True}, {'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'Extra inputs are not permitted', 'input': 3}]","code":400}"#,
                &["seed", "continue_final_message"],
            ),
            (
                r#"{"detail":[{"type":"extra_forbidden","loc":["body","logprobs"],"msg":"Extra inputs are not permitted","input":true}]}"#,
                &["logprobs"],
            ),
            (
                r#"{"detail":[{"loc":["body","seed"],"msg":"extra fields not permitted","type":"value_error.extra"}]}"#,
                &["seed"],
            ),
            ("Extra inputs are not permitted, field: 'top_k', value: 40", &["top_k"]),
            ("top_k: Extra inputs are not permitted", &["top_k"]),
            (
                "Failed to deserialize the JSON body into the target type: unknown field `stream_options`, expected one of `model`, `messages`, `seed` at line 1 column 20",
                &["stream_options"],
            ),
            (r#"json: unknown field "top_k""#, &["top_k"]),
            (r#"Unrecognized key(s) in object: 'stream_options', 'seed'"#, &["seed", "stream_options"]),
            (
                r#"Unrecognized field "top_k" (class Request), not marked as ignorable (2 known properties: "model", "seed")"#,
                &["top_k"],
            ),
            (r#"Invalid JSON payload received. Unknown name "seed": Cannot find field."#, &["seed"]),
            ("Additional properties are not allowed ('seed', 'top_k' were unexpected)", &["top_k", "seed"]),
            ("property 'logprobs' is unsupported", &["logprobs"]),
            ("Unknown field: stream_options", &["stream_options"]),
            ("stream_options.include_usage is not supported", &["stream_options"]),
            ("The model doesn't support logprobs.", &["logprobs"]),
            ("no logprobs here", &["logprobs"]),
            ("Streaming is not supported for this model", &["stream"]),
            ("Unsupported param: grammar", &["grammar"]),
            ("parameter 'top_logprobs' is not a valid field", &["top_logprobs"]),
            ("create() got an unexpected keyword argument 'stop'", &["stop"]),
            ("Not supported: seed", &["seed"]),
            ("seed: unexpected property", &["seed"]),
            ("Unsupported parameter(s): seed, top_k", &["top_k", "seed"]),
            ("seed is not supported when temperature is 0", &["seed"]),
        ];
        for (refusal, fields) in cases {
            assert_eq!(rejected(refusal, &SENT), *fields, "{refusal}");
        }
    }

    #[test]
    fn a_wrong_value_is_no_rejected_field() {
        for refusal in [
            "This model's maximum context length is 2048 tokens. However, you requested 3000 tokens (2488 in the messages, 512 in max_tokens).",
            "max_tokens is too large: 100000. This model supports at most 4096 completion tokens.",
            "Invalid grammar: unexpected token at line 3",
            "failed to parse grammar",
            "Invalid 'temperature': decimal above maximum value.",
            "temperature must be between 0 and 2",
            "Invalid parameter: 'temperature' must be between 0 and 2",
            "Invalid argument: max_tokens should be at least 1",
            r#"{"detail":[{"type":"less_than_equal","loc":["body","top_p"],"msg":"Input should be less than or equal to 1","input":2}]}"#,
            "The model `tiny` does not exist",
            "Invalid value for 'stop': expected an array",
            "bad seed",
            "",
        ] {
            assert_eq!(rejected(refusal, &SENT), [""; 0], "{refusal}");
        }
    }
}
