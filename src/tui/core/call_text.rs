//! The exact texts of a call to the model, as the session keeps them.

use model::{Output, Reply, Request};
use session::{BlobId, Blobs, CallId};

/// What a call's blobs hold, or the sentence that says why it cannot be shown.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names of its fields say it")]
pub struct CallText {
    pub call: CallId,
    /// What was asked.
    pub request: Result<Request, String>,
    /// What came back; absent while there is no reply.
    pub reply: Option<Result<Reply, String>>,
}

impl CallText {
    /// Reads the texts of a call.
    pub fn read(blobs: &Blobs, call: CallId, request: &BlobId, reply: Option<&BlobId>) -> Self {
        Self { call, request: read(blobs, request), reply: reply.map(|id| read(blobs, id)) }
    }

    /// Returns whether the model thought before the text of this sequence.
    pub fn thinks(&self, sequence: usize) -> bool {
        let reply = self.reply.as_ref().and_then(|reply| reply.as_ref().ok());
        match reply.map(|reply| &reply.output) {
            Some(Output::Generated { completions }) => {
                completions.get(sequence).is_some_and(|completion| completion.thinking.is_some())
            }
            Some(
                Output::Scored { .. }
                | Output::Chosen { .. }
                | Output::Contrasted { .. }
                | Output::Ranked { .. }
                | Output::Filled { .. }
                | Output::Found { .. }
                | Output::Appraised { .. },
            )
            | None => false,
        }
    }

    /// Returns how many sequences the request has.
    pub fn sequences(&self) -> usize {
        match &self.request {
            Ok(request) => request.sequences(),
            Err(_) => 0,
        }
    }
}

fn read<T: serde::de::DeserializeOwned>(blobs: &Blobs, id: &BlobId) -> Result<T, String> {
    let bytes = blobs.read(id).map_err(|error| error.to_string())?;
    serde_json::from_slice(&bytes).map_err(|error| format!("the blob {} cannot be understood: {error}", id.0))
}
