//! The grammar of answers whose sentences state only numbers that their cited items have.
//!
//! A citation follows its sentence, so what it must name depends on numbers that came before it. All sets of items would
//! be too many. A sentence is about one item, about an item and what it depends on, or about all that leads to the last
//! item where that is little. Each such group is one alternative: it may use the numbers of the group, and it ends by
//! citing the whole group. A sentence without numbers cites what it likes.
//!
//! Numbers are digits: a number spelled as a word is no word of a sentence, and neither is one in another script. Words
//! such as *half* and *twice* name a relation and may stand. What stands next to a number is limited to signs that do
//! not make another number of it: no letter, no stroke, no comma before a digit, and no minus that could be a sign.

use std::collections::BTreeSet;

use super::answer::MAX_SENTENCES;
use plan::{Item, ItemId, Plan};
use problem::{Evaluation, TENS, UNITS, family::RESULT};

/// The most items that one sentence cites.
const MOST_CITED: usize = 8;

/// Words that are numbers, besides those for 0 to 99; people also write *fourty*.
const NUMBER_WORDS: [&str; 10] = [
    "hundred",
    "hundreds",
    "thousand",
    "thousands",
    "million",
    "millions",
    "billion",
    "dozen",
    "dozens",
    "fourty",
];

/// Characters of a sentence that are no letters: no digit of any script, no power, no dash, no line break.
const OTHER: &str = r"[^\[\]\n.!?A-Za-z\p{N}\\^{}\-−–—〇零一二三四五六七八九十百千万萬億亿两兩]";
/// The same without a space.
const VISIBLE: &str = r"[^\[\]\s.!?A-Za-z\p{N}\\^{}\-−–—〇零一二三四五六七八九十百千万萬億亿两兩]";
/// What may stand right before a number.
const BEFORE: &str = r#"[ (=*+×÷·<>≤≥≈~"“]"#;
/// What may stand right before a number that begins a sentence.
const BEFORE_FIRST: &str = r#"[(=*+<>≤≥≈~"“]"#;
/// What may stand right after a number.
const AFTER: &str = r#"[ )=*+×÷·<>≤≥,;:%"”'’°$€£]"#;
/// A single character between two numbers.
const BETWEEN: &str = r"[ =*+×÷·<>]";
/// A difference or a quotient of two numbers.
const OPERATOR: &str = r"\)* [-−/] \(*";

/// Returns the grammar of an answer from `plan`: of the result in one line where it is `short`, and else of sentences.
pub(crate) fn grammar(plan: &Plan, evaluation: &Evaluation, short: bool) -> String {
    let visible: Vec<&Item> = plan.items().iter().filter(|item| !item.muted).collect();
    let mut numbers: Vec<String> = Vec::new();
    let mut groups = String::new();
    let mut names = Vec::new();
    for (at, group) in groups_of(&visible).iter().enumerate() {
        let own: BTreeSet<usize> = group
            .iter()
            .flat_map(|item| evaluation.numbers(item))
            .map(|pattern| place(&mut numbers, pattern))
            .collect();
        if own.is_empty() {
            continue;
        }
        let own: Vec<String> = own.iter().map(|number| format!("N{number}")).collect();
        let ids: Vec<String> = group.iter().map(|item| item.id.to_string()).collect();
        let cited = regex(&format!(r"[.!?]? \[{}\][.!?]?", ids.join(",? ")));
        groups += &format!("A{at}: {}\nG{at}: A{at} (MID A{at})* TAIL? {cited}\n", own.join(" | "));
        names.push(format!("G{at}"));
    }
    for (at, number) in numbers.iter().enumerate() {
        groups += &format!("N{at}: {}\n", regex(number));
    }
    let ids: Vec<String> = visible.iter().map(|item| item.id.to_string()).collect();
    let id = format!("({})", ids.join("|"));
    let any = regex(&format!(r"[.!?]? \[{id}(,? {id}){{0,3}}\][.!?]?"));
    let numbered = if names.is_empty() { String::new() } else { format!(" | LEAD? ({})", names.join(" | ")) };
    let (start, begin) = if short {
        ("SENTENCE".to_owned(), format!("\"{RESULT}\" "))
    } else {
        (format!("SENTENCE (GAP SENTENCE){{0,{}}}", MAX_SENTENCES - 1), String::new())
    };
    format!(
        "start: {start}\nGAP: /[ \\n]/\nSENTENCE: {begin}(PLAIN {any}{numbered})\n{}{groups}",
        text_terminals()
    )
}

/// The terminals of text around numbers.
fn text_terminals() -> String {
    let (other, visible) = (regex(OTHER), regex(VISIBLE));
    let (before, before_first, after) = (regex(BEFORE), regex(BEFORE_FIRST), regex(AFTER));
    format!(
        "WORD: {}\nWORDS: WORD ({} WORD)*\nOTHER: {other}\nTEXT: (WORDS? OTHER)* WORDS?\n\
         PLAIN: WORDS (OTHER TEXT)? | {visible} TEXT\n\
         LEAD: WORDS (OTHER TEXT)? {before} | {visible} TEXT {before} | {before_first}\n\
         MID: {after} TEXT {before} | {} | {}\nTAIL: {after} TEXT\n",
        regex(&words_except(&[&UNITS[..], &TENS, &NUMBER_WORDS].concat())),
        regex("[-'’/]"),
        regex(BETWEEN),
        regex(OPERATOR),
    )
}

fn regex(pattern: &str) -> String {
    format!("/{}/", pattern.replace('/', "\\/"))
}

/// Returns the place of `pattern` in `numbers`, where it is added if it is new.
fn place(numbers: &mut Vec<String>, pattern: String) -> usize {
    numbers.iter().position(|known| *known == pattern).unwrap_or_else(|| {
        numbers.push(pattern);
        numbers.len() - 1
    })
}

/// What a sentence may be about: each item, each with what it depends on, and the last with all that leads to it, as long
/// as a citation can name them. Each group is in the order of the plan.
fn groups_of<'p>(items: &[&'p Item]) -> Vec<Vec<&'p Item>> {
    let mut groups: Vec<Vec<&'p Item>> = Vec::new();
    let mut add = |ids: &BTreeSet<ItemId>| {
        let group: Vec<&Item> = items.iter().filter(|item| ids.contains(&item.id)).copied().collect();
        if group.len() <= MOST_CITED && !groups.contains(&group) {
            groups.push(group);
        }
    };
    for item in items {
        let mut ids = BTreeSet::from([item.id]);
        add(&ids);
        ids.extend(&item.deps);
        add(&ids);
    }
    if let Some(last) = items.last() {
        add(&leading_to(last, items));
    }
    groups
}

/// Returns an item with all that it builds on, directly or not.
fn leading_to(last: &Item, items: &[&Item]) -> BTreeSet<ItemId> {
    let mut ids = BTreeSet::from([last.id]);
    // Dependencies stand before what builds on them.
    for item in items.iter().rev() {
        if ids.contains(&item.id) {
            ids.extend(&item.deps);
        }
    }
    ids
}

/// Returns a regular expression for the words of Latin letters that are none of `words`, whatever their case.
fn words_except(words: &[&str]) -> String {
    let mut choices = Vec::new();
    let firsts: BTreeSet<char> = words.iter().filter_map(|word| word.chars().next()).collect();
    let others: String = ('a'..='z').filter(|letter| !firsts.contains(letter)).collect();
    if !others.is_empty() {
        choices.push(format!("[{others}{}][A-Za-z]*", others.to_uppercase()));
    }
    for first in firsts {
        let rest: Vec<&str> = words.iter().filter_map(|word| word.strip_prefix(first)).collect();
        // A word may end here unless it would be one of those; it may always continue as another word does.
        let optional = if rest.contains(&"") { "" } else { "?" };
        choices.push(format!("[{first}{}]({}){optional}", first.to_uppercase(), words_except(&rest)));
    }
    choices.join("|")
}
