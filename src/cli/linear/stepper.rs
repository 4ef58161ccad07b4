//! Stepping through moments between two terminals, live or recorded.

use std::{io, ops::ControlFlow, thread};

use tokio::sync::mpsc;

use super::{
    commands::{HELP, LinearCommand, parse},
    last_words, moments,
};
use crate::{app::Interrupts, failure::Failure};
use engine::{Command, Handle, Update};
use output::{exit::End, say};
use session::{Event, Outcome, Replay};

/// A session, the moment that was said last, and the run that adds to it, if any.
#[derive(Debug)]
pub struct Stepper {
    replay: Replay,
    run: Option<Handle>,
    width: usize,
    /// Moments up to the one that was said last.
    said: usize,
    /// Whether moments are said as they happen, until the run is paused.
    follows: bool,
    /// Why the run failed.
    failed: Option<Failure>,
}

impl Stepper {
    /// Returns a stepper before the first moment, with lines of at most `width` columns.
    pub fn new(replay: Replay, run: Option<Handle>, width: usize) -> Self {
        Self { replay, run, width, said: 0, follows: false, failed: None }
    }

    /// Does what the person types, until they leave.
    ///
    /// # Errors
    /// When the run fails, a record cannot be read or written, or standard output cannot be written to.
    pub async fn run(mut self) -> Result<End, Failure> {
        let mut lines = typed_lines();
        let mut interrupts = Interrupts::listen()?;
        say(&format!("{HELP}\n\n"))?;
        match &self.run {
            // It is paused once the model is loaded.
            Some(_) => self.follows = true,
            None => self.next()?,
        }
        let end = loop {
            tokio::select! {
                line = lines.recv() => {
                    let Some(line) = line else { break End::Done };
                    if self.obey(&line)?.is_break() {
                        break End::Done;
                    }
                }
                update = next_update(&mut self.run) => {
                    self.take(update)?;
                    if self.run.is_none() && self.failed.is_some() {
                        break End::Done;
                    }
                }
                signal = interrupts.next() => break End::Signal(signal),
            }
        };
        self.stop().await;
        match self.failed {
            Some(failure) => Err(failure),
            None => Ok(end),
        }
    }

    fn obey(&mut self, line: &str) -> Result<ControlFlow<()>, Failure> {
        match parse(line) {
            Ok(LinearCommand::Quit) => return Ok(ControlFlow::Break(())),
            Ok(LinearCommand::Next) => self.next()?,
            Ok(LinearCommand::Back) => self.go_to(self.said.saturating_sub(1))?,
            Ok(LinearCommand::GoTo(number)) => self.go_to(number)?,
            Ok(LinearCommand::Continue) => self.say_rest()?,
            Ok(LinearCommand::Help) => self.prompt(HELP)?,
            Err(why) => self.prompt(&why)?,
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Says the next moment, or has the run make it.
    fn next(&mut self) -> Result<(), Failure> {
        if self.said < moments::count(&self.replay) {
            self.go_to(self.said + 1)
        } else if self.run.is_some() {
            self.command(Command::StepPhase)
        } else {
            self.prompt("This is the last moment.")
        }
    }

    /// Says all moments that follow.
    fn say_rest(&mut self) -> Result<(), Failure> {
        if self.run.is_some() {
            return self.command(Command::Continue);
        }
        self.say_up_to(moments::count(&self.replay))?;
        self.prompt("This is the last moment.")
    }

    fn command(&mut self, command: Command) -> Result<(), Failure> {
        self.follows = true;
        if let Some(run) = &self.run
            && run.commands.try_send(command).is_err()
        {
            return self.prompt("The run is busy; try again.");
        }
        Ok(())
    }

    /// Says the moment with this number, from 1.
    fn go_to(&mut self, number: usize) -> Result<(), Failure> {
        let count = moments::count(&self.replay);
        if !(1..=count).contains(&number) {
            return self.prompt(&format!("There is no moment {number}; the last one so far is {count}."));
        }
        self.said = number - 1;
        self.say_up_to(number)?;
        self.prompt("")
    }

    fn say_up_to(&mut self, number: usize) -> Result<(), Failure> {
        while self.said < number {
            say(&format!("{}\n\n", moments::text(&self.replay, self.said, self.width)?))?;
            self.said += 1;
        }
        if self.run.is_none() && self.said == moments::count(&self.replay) {
            say(&format!("{}\n\n", last_words(&self.replay, self.width)?))?;
        }
        Ok(())
    }

    /// Says a sentence, if any, and waits for the next line.
    fn prompt(&self, sentence: &str) -> Result<(), Failure> {
        let gap = if sentence.is_empty() { "" } else { "\n" };
        Ok(say(&format!("{sentence}{gap}{} of {}> ", self.said, moments::count(&self.replay)))?)
    }

    /// Takes a report of the run; none when it is over.
    fn take(&mut self, update: Option<Update>) -> Result<(), Failure> {
        match update {
            Some(Update::Event(record)) => self.happened(*record)?,
            Some(Update::Still { .. }) => self.rest()?,
            Some(Update::Refused { reason }) => self.prompt(&reason)?,
            Some(Update::Hit(hit)) => output::note(&hit.text),
            Some(Update::RecordFailed { reason, hint }) => {
                self.failed = Some(Failure { message: reason, hint });
            }
            Some(Update::Progress { .. } | Update::Probes { .. } | Update::Consulted(_)) => {}
            None => {
                self.run = None;
                self.rest()?;
            }
        }
        Ok(())
    }

    fn happened(&mut self, record: session::Record) -> Result<(), Failure> {
        if let Event::Ended { outcome: Outcome::Failed { reason, hint } } = &record.event {
            self.failed = Some(Failure { message: reason.clone(), hint: hint.clone() });
        }
        let calls = matches!(record.event, Event::CallStarted { .. });
        self.replay.push(record);
        if self.follows {
            // The newest moment is not over yet.
            self.say_up_to(moments::count(&self.replay) - 1)?;
            if calls {
                say("Waiting for the model.\n")?;
            }
        }
        Ok(())
    }

    /// Says what happened since the person asked for it, now that nothing more will.
    fn rest(&mut self) -> Result<(), Failure> {
        if std::mem::take(&mut self.follows) {
            self.say_up_to(moments::count(&self.replay))?;
            self.prompt("")?;
        }
        Ok(())
    }

    /// Ends a run that is not over, and waits until its record is complete.
    async fn stop(&mut self) {
        let Some(mut run) = self.run.take() else { return };
        // A full channel means that the engine has enough to do; dropping the handle stops it too.
        let _ = run.commands.try_send(Command::Stop);
        while run.updates.recv().await.is_some() {}
        // The sender may be gone with the engine.
        let _ = run.done.wait_for(|done| *done).await;
    }
}

async fn next_update(run: &mut Option<Handle>) -> Option<Update> {
    match run {
        Some(run) => run.updates.recv().await,
        None => std::future::pending().await,
    }
}

/// Returns the lines of standard input. A thread waits for them, since reading them cannot be cancelled.
fn typed_lines() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(1);
    thread::spawn(move || {
        let typed = io::stdin().lines().map_while(Result::ok);
        // Sending fails once nobody waits for lines any more.
        typed.map(|line| sender.blocking_send(line)).take_while(Result::is_ok).for_each(drop);
    });
    lines
}
