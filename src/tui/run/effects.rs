//! What the loop does for the screen: commands to the engine, files, colours, background jobs.

use std::collections::VecDeque;

use tokio::sync::mpsc;

use super::{AT_ONCE, Exit, Show, TuiError};
use crate::{
    core::{
        msg::{Effect, Msg},
        notices::Level,
    },
    format::sentence,
    run::{memory::Memory, outside, update::update, visits::Place},
};
use engine::Command;

impl Show<'_> {
    /// Takes in a message and as many updates as are already there; returns whether to leave.
    pub(super) fn receive(&mut self, msg: Msg) -> Result<bool, TuiError> {
        let from_engine = matches!(msg, Msg::Update(_));
        if self.perform(msg)? {
            return Ok(true);
        }
        for _ in 0..if from_engine { AT_ONCE } else { 0 } {
            let more = self.engine.as_mut().and_then(|engine| engine.updates.as_mut()?.try_recv().ok());
            let Some(update) = more else { break };
            self.asking.hand_on(&update);
            if self.perform(Msg::Update(update))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn perform(&mut self, msg: Msg) -> Result<bool, TuiError> {
        let mut waiting = VecDeque::from(update(self.shown, msg, self.begun.elapsed()));
        while let Some(effect) = waiting.pop_front() {
            let answer = match effect {
                Effect::Quit => return Ok(true),
                Effect::Suspend => {
                    self.screen.suspend()?;
                    None
                }
                Effect::Fork(seq) => {
                    self.exit = Some(Exit::Fork(seq));
                    return Ok(true);
                }
                Effect::Switch(path) => {
                    self.exit = Some(Exit::Switch(path, Place::of(&self.shown.model)));
                    return Ok(true);
                }
                Effect::Begin(job) => {
                    self.jobs.begin(job, &self.shown.model.session.replay, &self.blobs);
                    None
                }
                Effect::Stop(kind) => {
                    self.jobs.stop(kind);
                    None
                }
                Effect::Examine(check) => {
                    self.asking.ask(check, self.shown.model.session.state()).map(Msg::Examined)
                }
                Effect::GiveUp(check) => {
                    self.asking.give_up(check);
                    None
                }
                Effect::OpenEditor(text) => {
                    self.to_edit = Some(text);
                    None
                }
                Effect::ReadSaved => self.drafts.last_mut().map(|draft| Msg::Edited(draft.read())),
                Effect::Copy(text) => {
                    self.screen.copy(&text)?;
                    None
                }
                Effect::Remember => self.remember(),
                Effect::Theme(name) => Some(self.change_theme(name)),
                Effect::Send(command) => self.send(command).map(Msg::Undelivered),
                Effect::Search(_) | Effect::Read(_) | Effect::Screenshot(_) => {
                    let area = self.screen.area()?;
                    outside::perform(&effect, self.shown, &self.theme, area)
                }
            };
            if let Some(msg) = answer {
                waiting.extend(update(self.shown, msg, self.begun.elapsed()));
            }
        }
        Ok(false)
    }

    /// Hands a command to the engine without waiting; returns it when that does not work.
    pub(super) fn send(&self, command: Command) -> Option<Command> {
        let engine = self.engine.as_ref()?;
        engine.commands.try_send(command).err().map(|error| match error {
            mpsc::error::TrySendError::Full(command) | mpsc::error::TrySendError::Closed(command) => command,
        })
    }

    /// Keeps how the person arranged the screen; what to say when that does not work.
    fn remember(&self) -> Option<Msg> {
        let file = self.appearance.memory.as_deref()?;
        let memory = Memory { sizes: self.shown.model.look.sizes.clone() };
        let error = memory.store(file).err()?;
        Some(Msg::Note(
            Level::Warning,
            format!("The sizes of the panes cannot be kept in {}: {error}.", file.display()),
        ))
    }

    /// Draws with another theme from now on; one that cannot be used leaves the present one.
    fn change_theme(&mut self, name: String) -> Msg {
        Msg::Told(match self.appearance.themes.load(&name) {
            Ok(theme) => {
                self.theme = theme;
                let reported = format!("The theme is {name}.");
                self.appearance.theme = name;
                Ok(reported)
            }
            Err(error) => Err(sentence(&error.to_string())),
        })
    }

    /// Reads the present theme once more, after a file in the user's folder changed.
    pub(super) fn read_theme_again(&mut self) -> Option<Msg> {
        match self.appearance.load_theme() {
            Ok(theme) if theme == self.theme => None,
            Ok(theme) => {
                self.theme = theme;
                Some(Msg::Note(Level::Info, format!("The theme {} was read again.", self.appearance.theme)))
            }
            Err(error) => Some(Msg::Note(
                Level::Error,
                format!("{} The last good one stays.", sentence(&error.to_string())),
            )),
        }
    }
}
