//! The bytes of a response, unpacked where a server packs them without being asked to.

use std::io::{self, Write};

use flate2::write::{MultiGzDecoder, ZlibDecoder};
use reqwest::{Response, header};

/// A whole reply longer than this is no reply any more.
const LONGEST: usize = 64 << 20;

/// The body of a response, read piece by piece.
#[derive(Debug)]
pub(super) struct ResponseBody {
    response: Response,
    packing: Packing,
}

#[derive(Debug)]
enum Packing {
    None,
    Gzip(MultiGzDecoder<Vec<u8>>),
    Zlib(ZlibDecoder<Vec<u8>>),
    /// A packing that cannot be undone, by its name.
    Foreign(String),
}

impl ResponseBody {
    pub fn new(response: Response) -> Self {
        let named = response.headers().get(header::CONTENT_ENCODING).and_then(|name| name.to_str().ok());
        let packing = match named.map(|name| name.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "identity") => Packing::None,
            Some("gzip" | "x-gzip") => Packing::Gzip(MultiGzDecoder::new(Vec::new())),
            Some("deflate") => Packing::Zlib(ZlibDecoder::new(Vec::new())),
            Some(other) => Packing::Foreign(other.to_owned()),
        };
        Self { response, packing }
    }

    /// Returns whether the server says that it streams events.
    pub fn says_events(&self) -> bool {
        let kind = self.response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/event-stream"))
    }

    /// Returns the next bytes, which may be none yet; nothing at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Broken> {
        let chunk = self.response.chunk().await.map_err(Broken::Connection)?;
        let unpacked = match chunk {
            Some(chunk) => self.packing.undo(&chunk).map(Some),
            None => self.packing.end().map(|()| None),
        };
        unpacked.map_err(|error| Broken::Packing(error.to_string()))
    }
}

impl Packing {
    fn undo(&mut self, chunk: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::None => Ok(chunk.to_vec()),
            Self::Gzip(decoder) => {
                decoder.write_all(chunk)?;
                decoder.flush()?;
                Ok(std::mem::take(decoder.get_mut()))
            }
            Self::Zlib(decoder) => {
                decoder.write_all(chunk)?;
                decoder.flush()?;
                Ok(std::mem::take(decoder.get_mut()))
            }
            Self::Foreign(name) => {
                Err(io::Error::other(format!("it is packed as {name}, which nobody asked for")))
            }
        }
    }

    /// Nothing follows; fails where something should.
    fn end(&mut self) -> io::Result<()> {
        match self {
            Self::None | Self::Foreign(_) => Ok(()),
            Self::Gzip(decoder) => decoder.try_finish(),
            Self::Zlib(decoder) => decoder.try_finish(),
        }
    }
}

/// Why a body could not be read to its end.
#[derive(Debug)]
pub(super) enum Broken {
    /// The connection broke.
    Connection(reqwest::Error),
    /// The bytes cannot be unpacked.
    Packing(String),
}

/// Reads a whole body as text; what lies beyond a limit is left out.
pub(super) async fn whole(response: Response) -> Result<String, Broken> {
    let mut body = ResponseBody::new(response);
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await? {
        bytes.extend(chunk);
        if bytes.len() > LONGEST {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
