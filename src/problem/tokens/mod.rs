//! Plans as short sequences of tokens, for small models that are trained on one family.
//!
//! A family with [`PlanTokens`] says for each problem which lines a plan has and which places in them are open: in
//! `row 1 = 4 2 1 3` four digits, in `lamp = true` one value. The open places of all lines, one after the other, are the
//! sequence that a model fills; the problem is another one, which stands before it and is given.
//!
//! ```
//! use denoise::Canvas;
//!
//! let problem = planscope_problem::load("sudoku4:2#7")?;
//! let tokens = problem.family().tokens().expect("sudoku has tokens");
//! let layout = tokens.form(&problem)?.layout(tokens);
//! assert_eq!(layout.text(0, &Canvas::masked(layout.places())), "row 1 = ▒ ▒ ▒ ▒");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(test)]
mod tests;

use denoise::{BLANK, Canvas, LineForm, LinePart, Token, TokenLayout, TokenPlace};
use plan::{Item, ItemId, Origin, Plan, PlanError};

use crate::Problem;

/// How plans of one family are written as tokens.
pub trait PlanTokens: Sync {
    /// Returns all tokens in the order of their numbers, the first of them empty. At most 127.
    fn vocabulary(&self) -> &'static [&'static str];

    /// Returns the tokens of a problem and the form of its plans. It sees the public view alone.
    ///
    /// # Errors
    /// What of the problem the vocabulary cannot say, as a sentence.
    fn form(&self, problem: &Problem) -> Result<TokenForm, String>;
}

impl dyn PlanTokens + '_ {
    /// Returns the number of a token.
    pub fn number(&self, text: &str) -> Option<Token> {
        let at = self.vocabulary().iter().position(|token| *token == text)?;
        Token::try_from(at).ok()
    }

    /// Returns the tokens of a piece of text that has `places` places: one for all of it, or one for each character, after
    /// blanks where there are fewer.
    ///
    /// # Errors
    /// What it cannot say, as a sentence.
    pub fn read(&self, text: &str, places: usize) -> Result<Vec<Token>, String> {
        let unknown = |part: &str| format!("no token says \"{part}\"");
        if places == 1 {
            return Ok(vec![self.number(text).ok_or_else(|| unknown(text))?]);
        }
        let blanks = places.checked_sub(text.chars().count());
        let blanks = blanks.ok_or_else(|| format!("\"{text}\" is longer than its {places} places"))?;
        let mut tokens = vec![BLANK; blanks];
        for c in text.chars() {
            let part = c.to_string();
            tokens.push(self.number(&part).ok_or_else(|| unknown(&part))?);
        }
        Ok(tokens)
    }
}

/// The form of one problem and its plans.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenForm {
    /// The problem's tokens.
    pub problem: Vec<Token>,
    /// The lines of a plan, in order.
    pub lines: Vec<LineForm>,
}

impl TokenForm {
    /// Returns the form of its plans with the vocabulary of its family.
    pub fn layout(self, tokens: &dyn PlanTokens) -> TokenLayout {
        let vocabulary = tokens.vocabulary().iter().map(|token| (*token).to_owned()).collect();
        TokenLayout { vocabulary, lines: self.lines }
    }

    /// Returns the tokens of each line of a plan; none for a line that the plan lacks. Each item is written in the first line
    /// that it fits and that no other has.
    ///
    /// # Errors
    /// The first item that cannot be written, as a sentence.
    pub fn lines_of(&self, tokens: &dyn PlanTokens, plan: &Plan) -> Result<Vec<Option<LineTokens>>, String> {
        let mut lines: Vec<Option<LineTokens>> = vec![None; self.lines.len()];
        for item in plan.items().iter().filter(|item| !item.muted) {
            let mut why = format!("no line of such a plan says \"{}\"", item.text);
            let mut place = None;
            for (at, line) in self.lines.iter().enumerate().filter(|(at, _)| lines[*at].is_none()) {
                match read(line, tokens, item) {
                    Ok(written) => {
                        place = Some((at, written));
                        break;
                    }
                    Err(Some(fault)) => why = fault,
                    Err(None) => {}
                }
            }
            let (at, tokens) = place.ok_or_else(|| format!("{}: {why}", item.id))?;
            lines[at] = Some(LineTokens { tokens, pinned: item.pinned || item.origin == Origin::Human });
        }
        Ok(lines)
    }

    /// Returns the tokens of a whole plan, in the order of the lines; a line that it lacks is blank.
    ///
    /// # Errors
    /// As [`lines_of`](Self::lines_of).
    pub fn tokens(&self, tokens: &dyn PlanTokens, plan: &Plan) -> Result<Vec<Token>, String> {
        let lines = self.lines_of(tokens, plan)?.into_iter().zip(&self.lines);
        Ok(lines
            .flat_map(|(line, form)| line.map_or_else(|| vec![BLANK; form.places()], |line| line.tokens))
            .collect())
    }

    /// Returns the canvas of `plan`, where `before` was that of the plan that it was made from: what it says otherwise takes the
    /// place of what was there, and the places of an item that it lacks are masked.
    ///
    /// # Errors
    /// As [`lines_of`](Self::lines_of).
    pub fn canvas(&self, tokens: &dyn PlanTokens, plan: &Plan, before: &Canvas) -> Result<Canvas, String> {
        let mut canvas = before.clone();
        canvas.places.resize(self.lines.iter().map(LineForm::places).sum(), TokenPlace::MASKED);
        let mut start = 0;
        for (line, form) in self.lines_of(tokens, plan)?.into_iter().zip(&self.lines) {
            let places = &mut canvas.places[start..start + form.places()];
            start += form.places();
            let was_whole = places.iter().all(|place| place.token.is_some());
            let was_left_out = places.iter().all(|place| place.token == Some(BLANK));
            match line {
                Some(line) => rewrite(places, &line),
                None if was_whole && !was_left_out => places.fill(TokenPlace::MASKED),
                None => {}
            }
        }
        Ok(canvas)
    }
}

/// A line of a plan as tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTokens {
    /// One token per place.
    pub tokens: Vec<Token>,
    /// Whether a person wrote or pinned it.
    pub pinned: bool,
}

/// Keeps how probable a token was that stays.
fn rewrite(places: &mut [TokenPlace], line: &LineTokens) {
    for (place, token) in places.iter_mut().zip(&line.tokens) {
        let stays = place.token == Some(*token);
        let confidence = place.confidence.filter(|_| stays);
        *place = TokenPlace { confidence, ..TokenPlace::given(*token, line.pinned) };
    }
}

/// Returns the tokens of an item; no reason where it is about something else.
fn read(line: &LineForm, tokens: &dyn PlanTokens, item: &Item) -> Result<Vec<Token>, Option<String>> {
    let mut rest = item.text.as_str();
    let mut written = Vec::new();
    let mut pieces = line.pieces.iter().peekable();
    while let Some(piece) = pieces.next() {
        match (piece, pieces.peek()) {
            (LinePart::Words(words), _) => rest = rest.strip_prefix(words.as_str()).ok_or(None)?,
            (LinePart::Open(places), Some(LinePart::Words(words))) => {
                let end = rest.find(words.as_str()).ok_or(None)?;
                written.extend(tokens.read(&rest[..end], *places).map_err(Some)?);
                rest = &rest[end..];
            }
            (LinePart::Open(places), Some(LinePart::Open(_)) | None) => {
                written.extend(tokens.read(rest, *places).map_err(Some)?);
                rest = "";
            }
        }
    }
    if rest.is_empty() && item.id.kind == line.kind { Ok(written) } else { Err(None) }
}

/// Returns the plan of the lines that are whole and not left out, with the links of its family. An item of `before` that says the
/// same stays as it is; others are called by the number of their line, so that a line has its id back after it was masked.
///
/// # Errors
/// When the lines make no plan.
pub fn plan_of(
    problem: &Problem,
    layout: &TokenLayout,
    canvas: &Canvas,
    before: &Plan,
) -> Result<Plan, PlanError> {
    let mut kept: Vec<&Item> = Vec::new();
    let mut lines: Vec<(usize, String, Option<&Item>)> = Vec::new();
    for line in 0..layout.lines.len() {
        let text = layout.text(line, canvas).trim().to_owned();
        if layout.is_whole(line, canvas) && !layout.is_left_out(line, canvas) && !text.is_empty() {
            let says_so = |item: &&Item| item.text == text && item.id.kind == layout.lines[line].kind;
            let same = before
                .items()
                .iter()
                .find(|item| says_so(item) && !kept.iter().any(|other| other.id == item.id));
            kept.extend(same);
            lines.push((line, text, same));
        }
    }
    let mut taken: Vec<ItemId> = kept.iter().map(|item| item.id).collect();
    let mut items: Vec<Item> = Vec::new();
    for (line, text, same) in lines {
        items.push(match same {
            Some(item) => item.clone(),
            None => Item::new(free_id(layout.id(line), &mut taken), text),
        });
    }
    let links = problem.family().links(problem, &items);
    for (item, deps) in items.iter_mut().zip(links) {
        item.deps = deps;
    }
    Plan::new(items)
}

/// Returns `id`, or the first one after it that is not taken, and takes it.
fn free_id(mut id: ItemId, taken: &mut Vec<ItemId>) -> ItemId {
    while taken.contains(&id) {
        id.number += 1;
    }
    taken.push(id);
    id
}
