//! Downloads from hubs that break off, count wrongly, send elsewhere or refuse: what the hub's own client would cope with.

use std::{
    fs,
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use llm::models::{CatalogEntry, HuggingFace, ModelError, ModelStore, Puller, catalog};
use tokio::{io::AsyncWriteExt, net::TcpListener, process::Command};

use crate::{
    model_pull::{Notes, entry, model, sha},
    support::{Recorded, Server, Step, response, send},
};

/// A model of a hub that has `bytes`.
fn of_hub(bytes: &[u8]) -> CatalogEntry {
    let (repo, file) = ("maker/toy".into(), "toy-q4.gguf".into());
    CatalogEntry { hugging_face: Some(HuggingFace { repo, file, revision: "main".into() }), ..entry(bytes) }
}

fn puller(server: &Server, cache: &Path) -> Puller {
    let hub = Some(server.url.clone());
    Puller { hub, pause: Duration::from_millis(1), ..Puller::new(ModelStore::new(cache)) }
}

fn head(status: &str, fields: &[(&str, &str)]) -> Step {
    let fields: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    send(format!("HTTP/1.1 {status}\r\n{fields}connection: close\r\n\r\n"))
}

/// What a hub says of a file of this size and ETag.
fn about(size: usize, etag: &str) -> Vec<Step> {
    vec![head("200 OK", &[("content-length", &size.to_string()), ("etag", &format!("\"{etag}\""))])]
}

fn redirect(to: &str, fields: &[(&str, &str)]) -> Vec<Step> {
    vec![head("302 Found", &[&[("location", to), ("content-length", "0")], fields].concat())]
}

/// All bytes, of which the first `sent` arrive.
fn whole(bytes: &[u8], sent: usize, etag: &str) -> Vec<Step> {
    let length = bytes.len().to_string();
    vec![head("200 OK", &[("content-length", &length), ("etag", etag)]), send(&bytes[..sent])]
}

/// The bytes from `from` on, of which those up to `to` arrive.
fn partial(bytes: &[u8], from: usize, to: usize) -> Vec<Step> {
    let range = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
    let length = (bytes.len() - from).to_string();
    let fields = [("content-range", range.as_str()), ("content-length", &length)];
    vec![head("206 Partial Content", &fields), send(&bytes[from..to])]
}

/// A hub with one file in large-file storage; `download` gets each request for its bytes, and how many came before it.
async fn hub(
    bytes: &[u8],
    download: impl Fn(&Recorded, usize) -> Vec<Step> + Send + Sync + 'static,
) -> Server {
    let (size, sha) = (bytes.len(), sha(bytes));
    Server::start(move |request, earlier| match request.method.as_str() {
        "HEAD" => about(size, &sha),
        // The first request asks about the file.
        _ => download(request, earlier - 1),
    })
    .await
}

/// Returns what was asked for, download by download.
fn ranges(server: &Server) -> Vec<Option<String>> {
    let range =
        |request: &Recorded| Some(request.head.split("\r\nrange: ").nth(1)?.lines().next()?.to_owned());
    server.requests().iter().filter(|request| request.method == "GET").map(range).collect()
}

#[tokio::test]
async fn a_download_that_breaks_goes_on_by_itself() {
    let (bytes, cache) = (model(), tempfile::tempdir().expect("a folder"));
    let copy = bytes.clone();
    let server = hub(&bytes, move |_, earlier| match earlier {
        0 => whole(&copy, 100_000, "\"e\""),
        1 => partial(&copy, 100_000, 200_000),
        2 => response("503 Service Unavailable", "text/plain", ""),
        _ => partial(&copy, 200_000, copy.len()),
    })
    .await;
    let notes = Notes::default();
    let path = puller(&server, cache.path()).pull(&of_hub(&bytes), &notes).await.expect("fetched");
    assert_eq!(fs::read(path).expect("there"), bytes);
    let rest = |from: usize| Some(format!("bytes={from}-"));
    assert_eq!(ranges(&server), [None, rest(100_000), rest(200_000), rest(200_000)]);
    assert!(notes.text().contains("503") && notes.text().contains("trying again"), "{}", notes.text());
}

#[tokio::test]
async fn servers_that_cannot_go_on_in_the_middle_begin_again() {
    type Answer = fn(&[u8]) -> Vec<Step>;
    let second: [(&str, Answer); 4] = [
        ("all bytes instead", |bytes| whole(bytes, bytes.len(), "\"e\"")),
        ("other bytes", |bytes| partial(bytes, 50_000, bytes.len())),
        ("bytes without a place", |bytes| {
            vec![head("206 Partial Content", &[("content-length", "9")]), send(&bytes[..9])]
        }),
        ("no such bytes", |_| response("416 Range Not Satisfiable", "text/plain", "")),
    ];
    for (what, answer) in second {
        let (bytes, cache) = (model(), tempfile::tempdir().expect("a folder"));
        let copy = bytes.clone();
        let server = hub(&bytes, move |_, earlier| match earlier {
            0 => whole(&copy, 100_000, "\"e\""),
            1 => answer(&copy),
            _ => whole(&copy, copy.len(), "\"e\""),
        })
        .await;
        let pulled = puller(&server, cache.path()).pull(&of_hub(&bytes), &Notes::default()).await;
        let path = pulled.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(fs::read(path).expect("there"), bytes, "{what}");
        assert_eq!(ranges(&server)[1].as_deref(), Some("bytes=100000-"), "{what}");
    }
}

/// A file without any checksum that changes while it is downloaded: what is fetched, and the fields of the second request.
async fn changed_in_between(etag: &'static str) -> (Vec<u8>, String) {
    let (old, cache) = (model(), tempfile::tempdir().expect("a folder"));
    let new: Vec<u8> = old.iter().map(|byte| !byte).collect();
    let (first, second) = (old.clone(), new.clone());
    let server = Server::start(move |request, earlier| match (request.method.as_str(), earlier) {
        ("HEAD", _) => about(first.len(), "git-hash"),
        (_, 1) => whole(&first, 100_000, etag),
        _ => whole(&second, second.len(), "\"v2\""),
    })
    .await;
    let entry = CatalogEntry { sha256: None, ..of_hub(&old) };
    let path = puller(&server, cache.path()).pull(&entry, &Notes::default()).await.expect("fetched");
    let fetched = fs::read(path).expect("there");
    assert_eq!(fetched, new, "never half of each");
    (fetched, server.requests().pop().expect("a request").head)
}

#[tokio::test]
async fn without_a_checksum_the_server_must_say_that_the_file_is_the_same() {
    let (_, fields) = changed_in_between("\"v1\"").await;
    assert!(fields.contains("range: bytes=100000-") && fields.contains("if-range: \"v1\""), "{fields}");
    for etag in ["W/\"v1\"", ""] {
        let (_, fields) = changed_in_between(etag).await;
        assert!(!fields.contains("range: "), "{etag} does not stand for the very bytes: {fields}");
    }
}

#[tokio::test]
async fn a_hub_that_sends_more_or_stays_busy_is_left() {
    let (bytes, cache) = (model(), tempfile::tempdir().expect("a folder"));
    let more = [&bytes[..], b"and more"].concat();
    let server = hub(&bytes, move |_, _| whole(&more, more.len(), "\"e\"")).await;
    let entry = of_hub(&bytes);
    let error = puller(&server, cache.path()).pull(&entry, &Notes::default()).await.expect_err("too much");
    assert!(error.to_string().contains("more bytes came than the 300004"), "{error}");
    assert!(!ModelStore::new(cache.path()).path(&entry).exists());

    for (wait, asked) in [("0", 4), ("7200", 1)] {
        let busy = [("retry-after", wait), ("content-length", "0")];
        let server = Server::start(move |_, _| vec![head("429 Too Many Requests", &busy)]).await;
        let pulled = puller(&server, cache.path()).pull(&entry, &Notes::default()).await;
        let error = pulled.expect_err("busy");
        assert!(matches!(error, ModelError::NoSource { .. }) && error.to_string().contains("429"), "{error}");
        assert_eq!(server.requests().len(), asked, "asked to wait {wait} s");
    }
}

#[tokio::test]
async fn a_mirror_below_a_folder_is_asked_for_odd_names() {
    let (bytes, cache) = (model(), tempfile::tempdir().expect("a folder"));
    let copy = bytes.clone();
    let server = hub(&bytes, move |_, _| whole(&copy, copy.len(), "\"e\"")).await;
    let (repo, file, revision) = ("maker/toy".into(), "Q4 K/toy#1.gguf".into(), "refs/pr/1".into());
    let source = HuggingFace { repo, file, revision };
    let entry = CatalogEntry { hugging_face: Some(source), ..entry(&bytes) };
    let puller = Puller { hub: Some(format!("{}/mirrors/hf/", server.url)), ..puller(&server, cache.path()) };
    puller.pull(&entry, &Notes::default()).await.expect("fetched");
    for request in server.requests() {
        assert_eq!(request.path, "/mirrors/hf/maker/toy/resolve/refs%2Fpr%2F1/Q4%20K/toy%231.gguf");
    }
}

/// The program on its way to fetch the tests' model from the hub at `endpoint`, with `token`, and with no package mirror.
fn program(endpoint: &str, cache: &Path, token: Option<&str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_planscope"));
    command.args(["model", "pull", &catalog().expect("parses").tests]);
    for name in ["HF_TOKEN_PATH", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "HF_HUB_OFFLINE"]
    {
        command.env_remove(name);
    }
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.env("HF_ENDPOINT", endpoint).env("HF_HOME", cache).env("HF_TOKEN", token.unwrap_or_default());
    // Without a path there is no pip.
    command.env("PLANSCOPE_CACHE", cache).env("PATH", "").kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

async fn run(mut command: Command) -> String {
    let Output { status, stderr, .. } = command.output().await.expect("runs");
    let said = String::from_utf8_lossy(&stderr).into_owned();
    assert!(!status.success() && said.contains("could not be fetched"), "{said}");
    said
}

/// The tests' model, as the catalogue has it: its size and checksum.
fn tested() -> (u64, String) {
    let catalog = catalog().expect("parses");
    let entry = catalog.require(&catalog.tests).expect("there");
    (entry.bytes, entry.sha256.clone().expect("known"))
}

#[tokio::test]
async fn the_token_stays_with_the_hub() {
    let cache = tempfile::tempdir().expect("a folder");
    let storage = Server::start(|_, _| response("200 OK", "application/octet-stream", "no model")).await;
    let (away, (size, sha)) = (storage.url.clone(), tested());
    let hub = Server::start(move |request, _| match request.path.starts_with("/renamed") {
        false => redirect(&format!("/renamed{}", request.path), &[]),
        true => {
            redirect(&away, &[("x-linked-size", &size.to_string()), ("x-linked-etag", &format!("\"{sha}\""))])
        }
    })
    .await;
    let said = run(program(&hub.url, cache.path(), Some("hf_secret"))).await;
    assert!(said.contains("the connection ended after 8 of"), "{said}");
    assert!(!said.contains("hf_secret"), "{said}");
    let with_token = |request: &Recorded| request.head.contains("\r\nauthorization: bearer hf_secret\r\n");
    assert!(hub.requests().len() >= 4 && hub.requests().iter().all(with_token), "{:?}", hub.requests());
    let stored = storage.requests();
    assert!(!stored.is_empty() && stored.iter().all(|request| request.method == "GET"), "{stored:?}");
    assert!(stored.iter().all(|request| !request.head.contains("hf_secret")), "{stored:?}");
}

#[tokio::test]
async fn what_a_hub_refuses_is_said_with_what_can_be_done() {
    let cache = tempfile::tempdir().expect("a folder");
    let code = |code| vec![("x-error-code", code), ("content-length", "0")];
    for (status, fields, token, sentence) in [
        ("401 Unauthorized", code("GatedRepo"), None, "is gated; accept its terms on http://127.0.0.1:"),
        ("403 Forbidden", code("GatedRepo"), Some("t"), "is gated, and your token may not read it yet"),
        ("401 Unauthorized", code("RepoNotFound"), None, "if it is private, set HF_TOKEN"),
        ("401 Unauthorized", code(""), Some("t"), "that your token may read; check the token"),
        ("404 Not Found", code("RepoNotFound"), Some("t"), "that your token may read; check the token"),
        ("404 Not Found", code("RevisionNotFound"), None, "has no revision main"),
        ("404 Not Found", code("EntryNotFound"), None, "has no file "),
        ("404 Not Found", code(""), None, "has no file "),
        ("451 Gone", vec![("x-error-message", "not in your country")], None, "answers 451"),
    ] {
        let server = Server::start(move |_, _| vec![head(status, &fields)]).await;
        let said = run(program(&server.url, cache.path(), token)).await;
        assert!(said.contains(sentence), "{status}: {said}");
        assert_eq!(server.requests().len(), 1, "{status} is for good");
    }
}

#[tokio::test]
async fn addresses_that_lead_nowhere_are_said() {
    let cache = tempfile::tempdir().expect("a folder");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let plain = format!("https://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"no TLS here").await;
        }
    });
    for (endpoint, sentence) in [
        ("hub.example", "HF_ENDPOINT is \"hub.example\", no address"),
        ("ftp://hub.example", "does not start with http"),
        (&plain, "127.0.0.1 is out of reach"),
    ] {
        let said = run(program(endpoint, cache.path(), None)).await;
        assert!(said.contains(sentence), "{endpoint}: {said}");
    }
    let mut offline = program(&plain, cache.path(), None);
    offline.env("HF_HUB_OFFLINE", "1");
    assert!(run(offline).await.contains("HF_HUB_OFFLINE is set"));
}

#[tokio::test]
async fn the_proxy_of_the_environment_is_asked_and_named() {
    let cache = tempfile::tempdir().expect("a folder");
    let proxy = Server::start(|_, _| vec![]).await;
    let mut command = program("http://hub.invalid", cache.path(), None);
    command.env("HTTP_PROXY", &proxy.url);
    let said = run(command).await;
    assert!(said.contains(&format!("hub.invalid through the proxy {}", proxy.url)), "{said}");
    let asked = proxy.requests();
    assert!(!asked.is_empty() && asked.iter().all(|request| request.path.starts_with("http://hub.invalid/")));
}

#[tokio::test]
async fn a_download_that_is_killed_goes_on_after_its_last_byte() {
    let cache = tempfile::tempdir().expect("a folder");
    let (size, sha) = tested();
    let server = Server::start(move |request, _| match request.method.as_str() {
        "HEAD" => about(usize::try_from(size).expect("small"), &sha),
        // The second time there is nothing more to be had.
        _ if request.head.contains("range: ") => response("404 Not Found", "text/plain", ""),
        _ => {
            let fields = [("content-length", &*size.to_string())];
            vec![head("200 OK", &fields), send(vec![7; 100_000]), Step::Wait(Duration::from_secs(60))]
        }
    })
    .await;
    let part = cache.path().join("models").join(format!("{}.part", catalog().expect("parses").tests));
    let mut child = program(&server.url, cache.path(), None).spawn().expect("starts");
    let arrived = || fs::metadata(&part).is_ok_and(|meta| meta.len() == 100_000);
    while !arrived() {
        assert!(child.try_wait().expect("asked").is_none(), "it ended too early");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    child.kill().await.expect("killed");
    run(program(&server.url, cache.path(), None)).await;
    assert_eq!(ranges(&server), [None, Some("bytes=100000-".to_owned())]);
    assert!(arrived(), "and what is there stays");
}
