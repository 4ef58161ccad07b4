//! The sessions of the folder that this one lies in, as the tree that forks make of them, and the way from one to
//! another.

mod draw;

use std::path::{Path, PathBuf};

use crossterm::event::KeyEvent;
use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    compare::CompareView,
    overlay::{Opened, Outcome, Overlay, motion},
    question::Question,
};
use crate::{
    commands::{Action, CommandError, InOverlay, OverlayKind},
    core::{
        jobs::Job,
        model::Model,
        msg::Effect,
        session_rows::Row,
        sessions::{Sessions, whole},
    },
    panes::ctx::Ctx,
    widgets::{list::Filtered, scroll::Extent},
};
use session::find;

/// The list with its filter and cursor.
#[derive(Debug, Default)]
pub struct SessionsView {
    /// All sessions; absent until they are read, and a sentence where that did not work.
    rows: Option<Result<Vec<Row>, String>>,
    list: Filtered,
    /// Why what was asked for last could not be done.
    refusal: Option<String>,
}

impl SessionsView {
    fn rows(&self) -> &[Row] {
        self.rows.as_ref().and_then(|rows| rows.as_deref().ok()).unwrap_or_default()
    }

    fn row(&self) -> Option<&Row> {
        self.rows().get(self.list.chosen()?)
    }

    fn refilter(&mut self) {
        let rows = self.rows.as_ref().and_then(|rows| rows.as_deref().ok()).unwrap_or_default();
        self.list.refilter(rows.len(), |at, words| words.are_in(&rows[at].text()));
    }

    /// Returns the directory under the cursor, or the sentence why nothing can be done with it.
    fn chosen(&self, sessions: &Sessions) -> Result<PathBuf, String> {
        let row = self.row().ok_or("There is no session to choose here.")?;
        match &row.manifest {
            Err(error) => Err(format!("{} is broken: {error}.", row.name)),
            Ok(_) if sessions.is_here(&row.path) => {
                Err("This is the session that is shown; choose another one.".to_owned())
            }
            Ok(_) => Ok(row.path.clone()),
        }
    }

    fn compare(&mut self, sessions: &Sessions) -> Outcome {
        match (self.chosen(sessions), sessions.here.clone()) {
            (Ok(path), Some(here)) => {
                let (view, effects) = CompareView::open(here, path);
                Outcome::Open(view, effects)
            }
            (Ok(_), None) => Outcome::stay(),
            (Err(text), _) => self.say(text),
        }
    }

    fn look_at(&mut self, model: &mut Model) -> Outcome {
        match self.chosen(&model.background.sessions) {
            Ok(path) => match want(model, path) {
                Wanted::Now(effects) => Outcome::Close(effects),
                Wanted::After(question) => Outcome::Replace(question, Vec::new()),
            },
            Err(text) => self.say(text),
        }
    }

    /// Says why something cannot be done; messages may lie below the list.
    fn say(&mut self, text: String) -> Outcome {
        self.refusal = Some(text);
        Outcome::stay()
    }
}

fn not_now<T>(text: &str) -> Result<T, CommandError> {
    Err(CommandError::NotNow(text.to_owned()))
}

/// Returns the list, which fills once the folder is read.
///
/// # Errors
/// When the session that is shown lies nowhere.
pub fn open(sessions: &Sessions) -> Result<Opened, CommandError> {
    let Some(base) = sessions.base().map(Path::to_path_buf) else {
        return not_now("It is not known where this session lies.");
    };
    Ok((Box::new(SessionsView::default()), vec![Effect::Begin(Job::List(base))]))
}

/// How another session is opened.
pub enum Wanted {
    /// At once.
    Now(Vec<Effect>),
    /// After a question, since a run has to be stopped for it.
    After(Box<dyn Overlay>),
}

/// Opens another session.
pub(super) fn want(model: &mut Model, path: PathBuf) -> Wanted {
    if model.session.source_over() {
        model.background.sessions.wanted = Some(path.clone());
        return Wanted::Now(vec![Effect::Begin(Job::TryOpen(path))]);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Wanted::After(Box::new(Question {
        title: "Another session".to_owned(),
        text: format!("A run is active. Stop it and open {name}? What happened so far stays recorded."),
        answers: ["stop and look", "continue"],
        yes: Box::new(move |model| {
            model.background.sessions.wanted = Some(path.clone());
            Ok(vec![Effect::Begin(Job::TryOpen(path.clone()))])
        }),
    }))
}

/// Goes back to the session that was shown before.
///
/// # Errors
/// When there is none.
pub fn switch_back(model: &mut Model) -> Result<Wanted, CommandError> {
    match model.background.sessions.before.clone() {
        Some(path) => Ok(want(model, path)),
        None => not_now("There is no previous session; the command sessions lists them."),
    }
}

/// Compares the session that is shown with the one that a person named.
///
/// # Errors
/// When it is the same, or the session that is shown lies nowhere.
pub fn compare_with(sessions: &Sessions, named: &str) -> Result<Opened, CommandError> {
    let other = whole(&find(sessions.base(), Path::new(named)));
    match sessions.here.clone() {
        None => not_now("It is not known where this session lies."),
        Some(_) if sessions.is_here(&other) => {
            not_now("This is the session that is shown; name another one to compare it with.")
        }
        Some(here) => Ok(CompareView::open(here, other)),
    }
}

impl Overlay for SessionsView {
    fn kind(&self) -> OverlayKind {
        OverlayKind::Sessions
    }

    fn act(&mut self, model: &mut Model, action: &Action) -> Outcome {
        self.refusal = None;
        if let Some(motion) = motion(action, model.extents.overlay) {
            self.list.go(motion);
        } else if *action == Action::Open {
            return self.look_at(model);
        } else if *action == Action::InOverlay(InOverlay::CompareRow) {
            return self.compare(&model.background.sessions);
        } else if *action == Action::Back && self.list.reset() {
            self.refilter();
        } else {
            return Outcome::Pass;
        }
        Outcome::stay()
    }

    fn click(&mut self, model: &mut Model, row: usize) -> Outcome {
        self.refusal = None;
        if self.list.click(row, model.extents.overlay.offset) { self.look_at(model) } else { Outcome::stay() }
    }

    fn type_key(&mut self, _: &mut Model, key: KeyEvent) -> Option<Outcome> {
        if self.list.on_key(key)? {
            self.refusal = None;
            self.refilter();
        }
        Some(Outcome::stay())
    }

    fn paste(&mut self, _: &mut Model, text: &str) -> Outcome {
        match self.list.paste(text) {
            Ok(()) => self.refilter(),
            Err(why) => self.refusal = Some(why),
        }
        Outcome::stay()
    }

    fn follow(&mut self, model: &mut Model) -> Outcome {
        if let Some(rows) = model.background.arrived.sessions.take() {
            self.rows = Some(rows);
            self.refilter();
            let here = self.rows().iter().position(|row| model.background.sessions.is_here(&row.path));
            self.list.choose(here);
        }
        Outcome::stay()
    }

    fn draw(&self, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Extent {
        draw::draw(ctx, self, area, buf)
    }
}
