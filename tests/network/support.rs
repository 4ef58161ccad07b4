//! A small HTTP server on this machine, whose every byte a test decides.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use model::{Completion, Output, Reply};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A request as it came in.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub method: String,
    pub path: String,
    /// The head in lower case.
    pub head: String,
    pub body: String,
}

/// What the server does with a connection, one step after the other; then it closes it.
#[derive(Debug, Clone)]
pub enum Step {
    Send(Vec<u8>),
    Wait(Duration),
}

pub fn send(bytes: impl AsRef<[u8]>) -> Step {
    Step::Send(bytes.as_ref().to_vec())
}

/// A whole response.
pub fn response(status: &str, kind: &str, body: impl AsRef<[u8]>) -> Vec<Step> {
    let body = body.as_ref();
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    vec![send(head), send(body)]
}

pub fn json(body: serde_json::Value) -> Vec<Step> {
    response("200 OK", "application/json", body.to_string())
}

/// The head of a streamed response; its body ends when the connection does.
pub fn stream_head() -> Step {
    send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
}

pub struct Server {
    pub url: String,
    requests: Arc<Mutex<Vec<Recorded>>>,
    hung_up: Arc<Mutex<usize>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts a server; `answer` gets each request and how many came before it.
    pub async fn start(answer: impl Fn(&Recorded, usize) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests: Arc<Mutex<Vec<Recorded>>> = Arc::default();
        let hung_up: Arc<Mutex<usize>> = Arc::default();
        let (seen, left, answer) = (requests.clone(), hung_up.clone(), Arc::new(answer));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, left, answer) = (seen.clone(), left.clone(), answer.clone());
                tokio::spawn(async move {
                    let finished = serve(stream, seen, answer.as_ref()).await;
                    if finished.is_none() {
                        *left.lock().unwrap_or_else(PoisonError::into_inner) += 1;
                    }
                });
            }
        });
        Self { url, requests, hung_up, task }
    }

    pub fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many clients closed the connection before the response was over.
    pub fn hung_up(&self) -> usize {
        *self.hung_up.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    seen: Arc<Mutex<Vec<Recorded>>>,
    answer: &(impl Fn(&Recorded, usize) -> Vec<Step> + Send + Sync),
) -> Option<()> {
    let request = read_request(&mut stream).await?;
    let steps = {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push(request.clone());
        answer(&request, seen.len() - 1)
    };
    let (mut reader, mut writer) = stream.into_split();
    for step in steps {
        match step {
            Step::Send(bytes) => writer.write_all(&bytes).await.ok()?,
            Step::Wait(time) => {
                let mut byte = [0];
                // A client that hangs up shows as the end of its side.
                tokio::select! {
                    () = tokio::time::sleep(time) => {}
                    read = reader.read(&mut byte) => if read.unwrap_or(0) == 0 { return None },
                }
            }
        }
    }
    writer.shutdown().await.ok()
}

async fn read_request(stream: &mut TcpStream) -> Option<Recorded> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let lower = head.to_ascii_lowercase();
    let length =
        lower.split("content-length:").nth(1).and_then(|rest| rest.lines().next()?.trim().parse().ok());
    while bytes.len() < head_end + length.unwrap_or(0) {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let mut words = head.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    Some(Recorded {
        method,
        path,
        head: lower,
        body: String::from_utf8_lossy(&bytes[head_end..]).into_owned(),
    })
}

/// What a reply to a generation wrote.
#[cfg(feature = "http")]
pub fn completions(reply: Reply) -> Vec<Completion> {
    match reply.output {
        Output::Generated { completions } => completions,
        other @ (Output::Scored { .. }
        | Output::Chosen { .. }
        | Output::Contrasted { .. }
        | Output::Ranked { .. }
        | Output::Filled { .. }
        | Output::Found { .. }
        | Output::Appraised { .. }) => {
            panic!("not generated: {other:?}")
        }
    }
}
