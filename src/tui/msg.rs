//! What comes in, and what is to be done about it.

use crossterm::event::{KeyEvent, MouseEvent};

use super::notices::Level;
use crate::engine::{Command, Update};

/// Something that the screen has to take in.
#[derive(Debug, Clone)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// The terminal has another size, or came back from the shell.
    Redraw,
    /// Someone sent the program an interrupt.
    Interrupt,
    /// The program was told to end.
    Terminate,
    /// The engine tells something.
    Update(Update),
    /// The engine is done and tells nothing more.
    EngineDone,
    /// Time went on.
    Tick,
    /// The loop has something to say, such as that a theme was read.
    Note(Level, String),
    /// A command could not be handed to the engine, since it takes none any more or is behind.
    Undelivered(Command),
}

/// What the loop has to do for the screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Tell the engine something.
    Send(Command),
    /// Keep the sizes of the screen's parts for the next time.
    Remember,
    /// Read the theme of this name and draw with it.
    Theme(String),
    /// Leave to the shell until it brings the program back.
    Suspend,
    /// Leave for good.
    Quit,
}
