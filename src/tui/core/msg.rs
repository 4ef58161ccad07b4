//! What comes in, and what is to be done about it.

use std::{path::PathBuf, sync::Arc};

use crossterm::event::{KeyEvent, MouseEvent};

use crate::{
    core::{
        jobs::{Done, Job, JobKind},
        notices::Level,
        script::Script,
        search::Direction,
    },
    highlight::Highlighter,
};
use diagnose::runner::ExperimentReport;
use engine::{Command, Update};

/// Something that the screen has to take in.
#[derive(Debug, Clone)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// The terminal has another size, or came back from the shell.
    Redraw,
    /// Text was pasted.
    Paste(String),
    /// A text comes back from the person's own editor, or a sentence why none does.
    Edited(Result<String, String>),
    /// Someone sent the program an interrupt.
    Interrupt,
    /// The program was asked to end.
    Terminate,
    /// The engine reports something.
    Update(Update),
    /// The engine is done and reports nothing more.
    EngineDone,
    /// Time passed.
    Tick,
    /// The syntax of plans is ready to be used.
    Highlighter(Arc<Highlighter>),
    /// The loop has something to say, such as that a theme was read.
    Note(Level, String),
    /// A command could not be handed to the engine, since it takes none any more or is behind.
    Undelivered(Command),
    /// The lines of the pane that is searched.
    Lines(Direction, Vec<String>),
    /// A file of commands was read, or could not be.
    Script(Result<Script, String>),
    /// A background job ended.
    Done(Done),
    /// How an experiment is getting on.
    Examined(ExperimentReport),
    /// Something was done outside, or could not be, in a sentence.
    Told(Result<String, String>),
}

/// What the loop has to do for the screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Tell the engine something.
    Send(Command),
    /// Leave, and continue after this event as another session.
    Fork(u64),
    /// Leave, and look at the session in this directory.
    Switch(PathBuf),
    /// Do something in the background that takes time.
    Begin(Job),
    /// Give up what was begun of this kind.
    Stop(JobKind),
    /// Ask the model for this experiment on the current position.
    Examine(&'static str),
    /// Give up this experiment.
    GiveUp(&'static str),
    /// Have the person edit a text in their own editor.
    OpenEditor(String),
    /// Hand in what the editor has saved by now, though its command has ended.
    ReadSaved,
    /// Hand in the lines of the pane that is searched.
    Search(Direction),
    /// Read a file of commands.
    Read(PathBuf),
    /// Write the screen to a file.
    Screenshot(PathBuf),
    /// Change the colours.
    Theme(String),
    /// Give a text to the terminal's clipboard.
    Copy(String),
    /// Keep the sizes of the screen's parts for the next time.
    Remember,
    /// Leave to the shell until it brings the program back.
    Suspend,
    /// Leave for good.
    Quit,
}
