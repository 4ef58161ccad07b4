//! The screen's end of a running engine.

use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};

use crate::core::model::STOP_WAIT;
use engine::{Command, Handle, Update};

/// What the screen holds of an engine.
pub(super) struct Engine {
    pub commands: mpsc::Sender<Command>,
    /// Gone once the engine has closed it.
    pub updates: Option<mpsc::Receiver<Update>>,
    done: watch::Receiver<bool>,
}

impl Engine {
    /// Takes hold of a running engine.
    pub fn of(handle: Handle) -> Self {
        let Handle { commands, updates, done } = handle;
        Self { commands, updates: Some(updates), done }
    }

    /// Waits for the next update, and forever once there are none.
    pub async fn next(&mut self) -> Option<Update> {
        match &mut self.updates {
            Some(updates) => updates.recv().await,
            None => std::future::pending().await,
        }
    }

    /// Stops the engine if it still runs, and waits until its record is complete.
    pub async fn wind_up(&mut self) {
        let _ = self.commands.try_send(Command::Stop);
        // What still comes is taken off the channel, or the engine could wait for room in it forever.
        let drain = async {
            while self.next_before_done().await.is_some() {}
            let _ = self.done.wait_for(|done| *done).await;
        };
        let _ = timeout(STOP_WAIT, drain).await;
    }

    async fn next_before_done(&mut self) -> Option<Update> {
        match &mut self.updates {
            Some(updates) => updates.recv().await,
            None => None,
        }
    }
}
