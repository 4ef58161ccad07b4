//! Reads the text of commands.

use std::{ops::Range, str::FromStr};

use winnow::{
    ModalResult, Parser,
    ascii::{dec_uint, multispace0, multispace1},
    combinator::{alt, cut_err, opt, preceded},
    token::take_while,
};

use super::{
    definition::{Definition, Incident, Place, ProbeCommand, Target, When, Which},
    error::{ProbeError, offered},
    expr::{Expr, ParserInput, Tree, quoted, read, tree, wanted},
    message::LogMessage,
};
use plan::ItemId;

/// The words that begin a command.
pub const VERBS: [&str; 10] =
    ["break", "tbreak", "catch", "watch", "log", "ignore", "enable", "disable", "delete", "condition"];

impl FromStr for ProbeCommand {
    type Err = ProbeError;

    fn from_str(text: &str) -> Result<Self, ProbeError> {
        let start = text.len() - text.trim_start().len();
        let verb = text[start..].split_whitespace().next().unwrap_or_default();
        let after = start + verb.len();
        let rest = &text[after..];
        command(verb, rest).unwrap_or_else(|| Err(unknown_verb(verb))).map_err(|error| match error.at {
            Some(_) => error.moved(after),
            None => error,
        })
    }
}

impl FromStr for Definition {
    type Err = ProbeError;

    /// Reads a command that adds a probe, or the short forms: an item's id to watch it, and a condition to stop
    /// when it becomes true.
    fn from_str(text: &str) -> Result<Self, ProbeError> {
        let first = text.split_whitespace().next().unwrap_or_default();
        if VERBS.contains(&first) {
            return match text.parse()? {
                ProbeCommand::Add(definition) => Ok(definition),
                ProbeCommand::Ignore { .. }
                | ProbeCommand::Enable(_)
                | ProbeCommand::Disable(_)
                | ProbeCommand::Delete(_)
                | ProbeCommand::Condition { .. } => {
                    Err(ProbeError::new(format!("`{first}` changes probes, and one is to be defined here")))
                }
            };
        }
        if let Ok(id) = text.trim().parse() {
            return Ok(Self::Watch { target: Target::Item(id), condition: None });
        }
        let start = text.len() - text.trim_start().len();
        let condition = text.parse::<Expr>().and_then(Expr::condition).map_err(|error| error.moved(start))?;
        Ok(Self::Break { when: When::Becomes(condition), temporary: false })
    }
}

fn unknown_verb(verb: &str) -> ProbeError {
    let error = match verb {
        "" => ProbeError::new("there is no command"),
        _ => ProbeError::new(format!("there is no command `{verb}` on probes")),
    };
    offered(error, verb, VERBS.into_iter())
}

/// Returns the command that begins with `verb`; none where there is no such verb.
fn command(verb: &str, rest: &str) -> Option<Result<ProbeCommand, ProbeError>> {
    Some(match verb {
        "break" => break_(rest, false).map(ProbeCommand::Add),
        "tbreak" => break_(rest, true).map(ProbeCommand::Add),
        "catch" => catch(rest).map(ProbeCommand::Add),
        "watch" => watch(rest).map(ProbeCommand::Add),
        "log" => log(rest).map(ProbeCommand::Add),
        "ignore" => read(rest, (number, preceded(multispace1, count)))
            .map(|(number, count)| ProbeCommand::Ignore { number, count }),
        "enable" => read(rest, which).map(ProbeCommand::Enable),
        "disable" => read(rest, which).map(ProbeCommand::Disable),
        "delete" => read(rest, which).map(ProbeCommand::Delete),
        "condition" => condition(rest),
        _ => return None,
    })
}

fn break_(text: &str, temporary: bool) -> Result<Definition, ProbeError> {
    let (place, condition) = read(text, (opt(word), opt(if_clause)))?;
    let missing = || {
        ProbeError::new("a breakpoint needs a place or a condition")
            .with_hint("as in: break accept, break if best - score > 0.2")
    };
    Ok(Definition::Break { when: when(text, place, condition)?.ok_or_else(missing)?, temporary })
}

fn log(text: &str) -> Result<Definition, ProbeError> {
    let place = preceded((multispace1, "at", multispace1), cut_err(word.context(wanted("a place"))));
    let quoted = cut_err(quoted.context(wanted("a message in double quotes")));
    let (message, place, condition) = read(text, (quoted, opt(place), opt(if_clause)))?;
    let missing = || {
        ProbeError::new("a log-point needs a place or a condition")
            .with_hint("as in: log \"best {best}\" at accept, log \"…\" if iteration > 3")
    };
    let when = when(text, place, condition)?.ok_or_else(missing)?;
    Ok(Definition::Log { message: LogMessage::new(message)?, when })
}

fn when(
    text: &str,
    place: Option<WordText<'_>>,
    condition: Option<Tree>,
) -> Result<Option<When>, ProbeError> {
    let condition = checked_condition(text, condition)?;
    Ok(match (place, condition) {
        (Some(place), condition) => {
            Some(When::At(one_of(&place, "place", Place::ALL, Place::name)?, condition))
        }
        (None, Some(condition)) => Some(When::Becomes(condition)),
        (None, None) => None,
    })
}

fn catch(text: &str) -> Result<Definition, ProbeError> {
    let incident = cut_err(word.context(wanted("what to catch")));
    let (incident, condition) = read(text, (incident, opt(if_clause)))?;
    Ok(Definition::Catch {
        incident: one_of(&incident, "incident", Incident::ALL, Incident::name)?,
        condition: checked_condition(text, condition)?,
    })
}

fn watch(text: &str) -> Result<Definition, ProbeError> {
    enum Seen {
        Item(ItemId),
        Value(Tree),
    }
    let item = word.verify_map(|(word, _)| word.parse().ok()).map(Seen::Item);
    let (seen, condition) = read(text, (alt((item, tree.map(Seen::Value))), opt(if_clause)))?;
    let target = match seen {
        Seen::Item(id) => Target::Item(id),
        Seen::Value(tree) => Target::Value(Expr::checked(text, &tree)?),
    };
    Ok(Definition::Watch { target, condition: checked_condition(text, condition)? })
}

fn condition(text: &str) -> Result<ProbeCommand, ProbeError> {
    let (number, condition) = read(text, (number, opt(preceded(multispace1, tree))))?;
    Ok(ProbeCommand::Condition { number, condition: checked_condition(text, condition)? })
}

fn checked_condition(text: &str, tree: Option<Tree>) -> Result<Option<Expr>, ProbeError> {
    let checked = |tree: Tree| {
        let start = tree.start();
        Expr::checked(text, &tree)?.condition().map_err(|error| error.moved(start))
    };
    tree.map(checked).transpose()
}

type WordText<'a> = (&'a str, Range<usize>);

/// A word that is not `if`.
fn word<'a>(input: &mut ParserInput<'a>) -> ModalResult<WordText<'a>> {
    take_while(1.., |c: char| c.is_alphanumeric() || c == '-' || c == '_')
        .verify(|word: &str| word != "if")
        .with_span()
        .parse_next(input)
}

fn if_clause(input: &mut ParserInput<'_>) -> ModalResult<Tree> {
    let space = cut_err(multispace1.context(wanted("a condition")));
    preceded((multispace0, "if", space), tree).parse_next(input)
}

fn number(input: &mut ParserInput<'_>) -> ModalResult<u32> {
    cut_err(dec_uint.context(wanted("the number of a probe"))).parse_next(input)
}

fn count(input: &mut ParserInput<'_>) -> ModalResult<u64> {
    cut_err(dec_uint.context(wanted("how many hits to ignore"))).parse_next(input)
}

fn which(input: &mut ParserInput<'_>) -> ModalResult<Which> {
    let which = alt(("all".value(Which::All), dec_uint.map(Which::One)));
    cut_err(which.context(wanted("the number of a probe, or `all`"))).parse_next(input)
}

/// Returns the one of `all` that is called `word`.
fn one_of<T: Copy>(
    (word, at): &WordText<'_>,
    what: &str,
    all: &[T],
    name: fn(T) -> &'static str,
) -> Result<T, ProbeError> {
    if let Some(found) = all.iter().find(|one| name(**one) == *word) {
        return Ok(*found);
    }
    let error = ProbeError::at(at.clone(), format!("there is no {what} `{word}`"));
    Err(offered(error, word, all.iter().map(|one| name(*one))))
}
