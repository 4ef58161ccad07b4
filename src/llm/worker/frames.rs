//! What client and worker exchange: a length (32 bits, little endian), then that many bytes of JSON.

use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::LlamaOptions;
use model::{LlmError, ModelInfo, Progress, Reply, Request};

/// No frame is longer; a longer length means that the stream is out of step.
pub const MAX_FRAME: usize = 256 << 20;

/// From the client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum WorkerCommand {
    /// Load a model; comes first and once.
    Load {
        /// The model file, and how it is loaded.
        options: LlamaOptions,
    },
    /// Do a piece of work.
    Call {
        /// Numbers the call; rising.
        id: u64,
        /// In which stream; a stream has one call at a time.
        stream: u32,
        /// The work.
        request: Request,
    },
    /// Forget what is cached in a stream, after the calls before.
    Forget {
        /// As in [`Self::Call`].
        stream: u32,
    },
    /// Cancel that call.
    Cancel {
        /// The call's number.
        id: u64,
    },
}

/// From the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum WorkerReport {
    /// How loading gets on (call 0) or how a call does.
    Progress {
        /// The call's number.
        id: u64,
        /// How far.
        progress: Progress,
    },
    /// Loading ended.
    Loaded {
        /// The model or why not.
        result: Result<ModelInfo, WorkerFailure>,
    },
    /// A call ended.
    Done {
        /// The call's number.
        id: u64,
        /// The reply, or why there is none.
        result: Result<Reply, WorkerFailure>,
    },
}

/// The errors that a worker can report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "failure", rename_all = "snake_case")]
pub enum WorkerFailure {
    /// See [`LlmError::Unavailable`].
    Unavailable {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
    /// See [`LlmError::TooLong`].
    TooLong {
        /// The prompt's length.
        tokens: u32,
        /// What a sequence holds.
        limit: u32,
        /// Set aside for the reply.
        reserve: u32,
    },
    /// See [`LlmError::Refused`].
    Refused {
        /// Why.
        message: String,
        /// What to do.
        hint: String,
    },
    /// See [`LlmError::Cancelled`].
    Cancelled,
}

impl From<WorkerFailure> for LlmError {
    fn from(failure: WorkerFailure) -> Self {
        match failure {
            WorkerFailure::Unavailable { message, hint } => Self::Unavailable { message, hint },
            WorkerFailure::TooLong { tokens, limit, reserve } => Self::TooLong { tokens, limit, reserve },
            WorkerFailure::Refused { message, hint } => Self::Refused { message, hint },
            WorkerFailure::Cancelled => Self::Cancelled,
        }
    }
}

impl From<LlmError> for WorkerFailure {
    fn from(error: LlmError) -> Self {
        let hint = error.hint().unwrap_or_default().to_string();
        match error {
            LlmError::Unavailable { message, hint } => Self::Unavailable { message, hint },
            LlmError::TooLong { tokens, limit, reserve } => Self::TooLong { tokens, limit, reserve },
            LlmError::Refused { message, hint } => Self::Refused { message, hint },
            LlmError::Cancelled => Self::Cancelled,
            LlmError::WorkerDied { .. } | LlmError::TimedOut(_) | LlmError::BrokenOff { .. } => {
                Self::Unavailable { message: error.to_string(), hint }
            }
        }
    }
}

/// Returns `message` as a frame.
///
/// # Errors
/// When it cannot be written as JSON, or is too long.
pub fn encode(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; 4];
    serde_json::to_writer(&mut frame, message)?;
    let length = frame.len() - 4;
    let prefix = u32::try_from(length).ok().filter(|_| length <= MAX_FRAME).ok_or_else(too_long)?;
    frame[..4].copy_from_slice(&prefix.to_le_bytes());
    Ok(frame)
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a frame is longer than any can be")
}

fn body_length(prefix: [u8; 4]) -> io::Result<usize> {
    usize::try_from(u32::from_le_bytes(prefix)).ok().filter(|n| *n <= MAX_FRAME).ok_or_else(too_long)
}

/// Writes `message` as a frame and flushes.
///
/// # Errors
/// When the other side is gone.
pub fn write(target: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    target.write_all(&encode(message)?)?;
    target.flush()
}

/// Reads a frame. `None` means that the other side closed the stream between frames.
///
/// # Errors
/// When the stream ends within a frame or is out of step.
pub fn read<T: DeserializeOwned>(source: &mut impl Read) -> io::Result<Option<T>> {
    let mut prefix = [0; 4];
    match source.read_exact(&mut prefix) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut body = vec![0; body_length(prefix)?];
    source.read_exact(&mut body)?;
    Ok(Some(serde_json::from_slice(&body)?))
}

/// Reads a frame as [`read`] does, without blocking. Not safe to cancel: run it in a task of its own.
///
/// # Errors
/// When the stream ends within a frame or is out of step.
pub async fn read_async<T: DeserializeOwned>(source: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<T>> {
    let mut prefix = [0; 4];
    match source.read_exact(&mut prefix).await {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut body = vec![0; body_length(prefix)?];
    source.read_exact(&mut body).await?;
    Ok(Some(serde_json::from_slice(&body)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_as_they_were() {
        let commands = [WorkerCommand::Cancel { id: 7 }, WorkerCommand::Cancel { id: u64::MAX }];
        let mut stream = Vec::new();
        for command in &commands {
            write(&mut stream, command).unwrap();
        }
        let mut source = stream.as_slice();
        for command in commands {
            assert_eq!(read::<WorkerCommand>(&mut source).unwrap(), Some(command));
        }
        assert_eq!(read::<WorkerCommand>(&mut source).unwrap(), None);
    }

    #[test]
    fn a_stream_out_of_step_is_an_error() {
        let huge = u32::MAX.to_le_bytes();
        assert!(read::<WorkerCommand>(&mut huge.as_slice()).is_err());
        let mut cut = encode(&WorkerCommand::Cancel { id: 1 }).unwrap();
        cut.pop();
        assert!(read::<WorkerCommand>(&mut cut.as_slice()).is_err());
    }
}
