//! A machine on which everything has a hostile name and says hostile things.

use std::{
    ffi::OsString,
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
};

use serde_json::json;
use tempfile::TempDir;

/// Takes the clipboard, clears the screen and colours it, with 7-bit and 8-bit sequences; turns the direction; hides.
pub const EVIL: &str = "x\u{1b}]52;c;ZXZpbA==\u{7}\u{1b}[2J\u{1b}[31m\u{9b}2J\u{9d}52;c;eA==\u{9c}\u{202e}\u{2066}\u{200b}\u{7f}y";
/// What may be in the title of a problem: no controls.
pub const TURNS: &str = "pay\u{202e}\u{2067}\u{200f}pal\u{200d}";

/// A run on it answers in this way.
const SCRIPT: &str = r#"
[[reply]]
when = "Improve the plan with one small edit"
text = "Replace S1 <- C1: TURNS"
repeat = true
[[reply]]
when = "\n\nPlan:\n"
text = "There are EVIL 15 pens [S1]. The answer is 15 [S1]."
repeat = true
[[reply]]
when = "Think step by step"
text = "EVIL The answer is 15."
repeat = true
[[reply]]
text = "C1: trays = 3 TURNS\nS1 <- C1: pens = trays * 5"
repeat = true
[[reply]]
logprobs = [-0.7, -0.7]
repeat = true
"#;

/// The script speaks the plan language and answers prompts for edits.
const SETTINGS: &str = r#"surface = "items"
proposals = 4
proposers = { edit = 1.0, redraft = 0.0 }
agree = { drafts = 0 }
"#;

pub struct World {
    dir: TempDir,
}

impl World {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let world = Self { dir };
        fs::create_dir(world.folder()).unwrap();
        fs::create_dir_all(world.home().join(".config/planscope/themes")).unwrap();
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let write = |name: &str, text: &str| fs::write(world.path(name), text).unwrap();
        write("script.toml", &format!("name = {}\n{}", quoted(EVIL), in_strings(SCRIPT)));
        let problem = format!(
            "id = {0}\ntitle = {0}\nfamily = 'math'\ntext = 'A desk has 3 trays with 5 pens each. How many pens? {1}'\n\
             gold = '15'\n",
            quoted(TURNS),
            TURNS
        );
        write("problem.toml", &problem);
        write("broken.toml", &format!("{problem}\n[{}]\nid = 1\n", quoted(EVIL)));
        let experiment = format!(
            "name = {0}\nproblems = [\"problem.toml\"]\narms = [\"direct\", {{ arm = \"refine\", name = {0} }}]\n\
             budgets = [{{ meter = \"generated\", values = [60] }}]\n[settings]\n{1}",
            quoted(EVIL),
            SETTINGS
        );
        write("planscope.toml", &format!("[run]\n{SETTINGS}"));
        write("experiment.toml", &experiment);
        write("theme.toml", &format!("inherits = {0}\n[palette]\n{0} = {0}\n", quoted(EVIL)));
        fs::write(
            world.home().join(format!(".config/planscope/themes/{EVIL}.toml")),
            "inherits = \"dark\"\n",
        )
        .unwrap();
        let labelled = json!([{ "id": EVIL, "problem": EVIL, "steps": [EVIL, "b"], "label": -1 }, { "id": EVIL, "label": EVIL }]);
        write("labelled.json", &labelled.to_string());
        fs::write(world.path("model.gguf"), gguf()).unwrap();
        world
    }

    pub fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// The folder in which all is.
    pub fn folder(&self) -> PathBuf {
        self.dir.path().join(format!("folder {EVIL}"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// The program in that folder, with a hostile environment.
    pub fn command(&self, args: &[OsString]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_planscope"));
        command.current_dir(self.folder()).args(args).env_clear().env("HOME", self.home());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        for name in ["TERM", "LANG", "COLORTERM", "TMUX"] {
            command.env(name, EVIL);
        }
        command
    }

    pub fn output(&self, args: &[OsString]) -> Output {
        self.command(args).output().unwrap()
    }

    /// A session whose model said hostile things, and whose manifest says them too.
    pub fn session(&self, name: &str) -> PathBuf {
        let base = self.path(name);
        let run = words(&["run", "problem.toml", "--backend", "scripted", "--model", "script.toml"]);
        let more =
            words(&["--set", "scorers.self_check=0", "--set", "iterations=1", "--no-cite", "--sessions"]);
        let output = self.output(&[run, more, vec![base.clone().into()]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let session = fs::read_dir(&base).unwrap().next().unwrap().unwrap().path();
        let manifest = session.join("manifest.json");
        let mut value: serde_json::Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
        for key in ["model", "title", "program"] {
            value[key] = json!(EVIL);
        }
        fs::write(manifest, value.to_string()).unwrap();
        session
    }
}

pub fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

/// The text of a script with what EVIL and TURNS stand for, as strings of TOML write it.
fn in_strings(script: &str) -> String {
    let escaped = |text: &str| text.chars().map(|c| format!("\\U{:08x}", u32::from(c))).collect::<String>();
    script.replace("EVIL", &escaped(EVIL)).replace("TURNS", &escaped(TURNS))
}

/// The smallest model file, of a hostile architecture.
fn gguf() -> Vec<u8> {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
    let mut bytes = b"GGUF".to_vec();
    bytes.extend(3_u32.to_le_bytes());
    bytes.extend(1_u64.to_le_bytes());
    bytes.extend(1_u64.to_le_bytes());
    bytes.extend([text("general.architecture"), 8_u32.to_le_bytes().to_vec(), text(EVIL)].concat());
    // A tensor of 32 numbers.
    bytes.extend(text(EVIL));
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend(32_u64.to_le_bytes());
    bytes.extend(0_u32.to_le_bytes());
    bytes.extend(0_u64.to_le_bytes());
    bytes.resize(bytes.len().next_multiple_of(32) + 128, 0);
    bytes
}

/// A server that refuses everything, with hostile words; returns its address.
pub fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    thread::spawn(move || {
        let body = json!({ "error": { "message": EVIL } }).to_string();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let _ = write!(
                stream,
                "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: \
                 close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    url
}

/// Copies the files of a folder.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
