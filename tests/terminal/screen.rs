//! The screen: hostile text on it, signals, a terminal that vanishes, a record that cannot be written.

use std::{
    fs,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use session::{Outcome, Session as Recorded};
use support::terminal::{PATIENCE, Session, Start, code};

use crate::world::{World, words};

fn start(args: &[&str]) -> Session {
    Session::start(&Start { args, columns: 120, rows: 40, rate: None, own_home: false })
}

/// What was written to the terminal and is not the screen's own: the screen uses escape sequences, but none of these.
fn foreign(session: &Session) -> Vec<String> {
    let text = String::from_utf8_lossy(&session.written);
    let mut found: Vec<String> =
        text.chars().filter(|c| output::acts(*c) && !c.is_ascii()).map(|c| format!("{c:?}")).collect();
    for sequence in ["\u{1b}]52;c;ZXZp", "\u{7f}"] {
        found.extend(text.contains(sequence).then(|| format!("{sequence:?}")));
    }
    found
}

#[test]
fn hostile_text_is_pictured_on_every_screen() {
    let world = World::new();
    let mut session = start(&["replay", world.session("base").to_str().unwrap()]);
    session.shows("REPLAY event");
    session.shows("␛]52");
    for keys in ["\x14", "\x1b", "W", "\x1b", "m", "\x1b", "/\u{202e}", "\x1b", ":why C1\r"] {
        session.press(keys);
        session.watch(Duration::from_millis(300));
    }
    session.press("\x1b");
    session.watch(Duration::from_millis(300));
    session.press("q");
    session.end();
    assert_eq!(foreign(&session), Vec::<String>::new());
}

#[test]
fn cells_with_hostile_names_are_listed_and_shown() {
    let world = World::new();
    let run =
        ["lab", "run", "experiment.toml", "--backend", "scripted", "--model", "script.toml", "--out", "lab"];
    let output = world.output(&words(&run));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut session = start(&["lab", "open", world.path("lab").to_str().unwrap()]);
    session.shows("2 of 2 cells");
    session.press("\r");
    session.shows("REPLAY event");
    session.press("q");
    session.shows("2 of 2 cells");
    session.press("\x1b");
    assert_eq!(session.end(), 0);
    assert_eq!(foreign(&session), Vec::<String>::new());
}

/// The arguments of a run on the screen whose model writes so many words, ten a second.
fn run(dir: &std::path::Path, words: usize) -> Vec<String> {
    let script = dir.join("slow.toml");
    let text = "word ".repeat(words);
    fs::write(&script, format!("delay_ms = 100\n[[reply]]\ntext = \"{text}\"\nrepeat = true\n")).unwrap();
    let (script, sessions) = (script.display().to_string(), dir.join("s").display().to_string());
    ["debug", "pens", "--backend", "scripted", "--set", "mode=direct", "--no-cite", "--model", &script]
        .into_iter()
        .chain(["--sessions", &sessions])
        .map(str::to_owned)
        .collect()
}

fn outcome(dir: &std::path::Path) -> Option<Outcome> {
    let path = fs::read_dir(dir.join("s")).unwrap().next().unwrap().unwrap().path();
    Recorded::open(&path).unwrap().manifest.finished.map(|finished| finished.outcome)
}

#[test]
fn a_signal_closes_the_session_gives_the_terminal_back_and_is_the_code() {
    for signal in [libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT] {
        let dir = tempfile::tempdir().unwrap();
        let args = run(dir.path(), 2000);
        let mut session = start(&args.iter().map(String::as_str).collect::<Vec<_>>());
        session.shows("LIVE");
        session.signal(signal);
        assert_eq!(session.end(), 128 + u32::try_from(signal).unwrap());
        let screen = session.screen.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
        assert!(screen.contents().contains("Session: "), "the session is named");
        assert_eq!(outcome(dir.path()), Some(Outcome::Interrupted));
    }
}

#[test]
fn a_list_that_a_signal_ends_has_its_code_too() {
    let mut session = start(&["debug"]);
    session.shows("Which problem?");
    session.signal(libc::SIGTERM);
    assert_eq!(session.end(), 143);
}

#[test]
fn a_terminal_that_vanishes_leaves_a_session_that_is_closed() {
    let dir = tempfile::tempdir().unwrap();
    let args = run(dir.path(), 2000);
    let mut session = start(&args.iter().map(String::as_str).collect::<Vec<_>>());
    session.shows("LIVE");
    session.output = mpsc::sync_channel(1).1;
    session.keys = None;
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = session.child.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed() < PATIENCE, "the program is still running without its terminal");
        thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(code(status), 129);
    assert_eq!(outcome(dir.path()), Some(Outcome::Interrupted));
}

#[cfg(target_os = "linux")]
#[test]
fn a_record_that_cannot_be_written_is_named_as_long_as_the_screen_is_open() {
    let dir = tempfile::tempdir().unwrap();
    let args = run(dir.path(), 40);
    let mut session = start(&args.iter().map(String::as_str).collect::<Vec<_>>());
    session.shows("LIVE");
    let pid = libc::pid_t::try_from(session.child.id()).unwrap();
    let limit = libc::rlimit { rlim_cur: 1, rlim_max: 1 };
    // SAFETY: both pointers are fine: one to a value that lives through the call, the other null.
    let set = unsafe { libc::prlimit(pid, libc::RLIMIT_FSIZE, &raw const limit, std::ptr::null_mut()) };
    assert_eq!(set, 0);
    // It is met when the call ends. A full disk is the same to the record as a limit.
    session.shows("NOT RECORDED");
    session.watch(Duration::from_secs(2));
    let contents = session.screen.screen().contents();
    assert!(contents.contains("File too large") && contents.contains("NOT RECORDED"), "{contents}");
    session.press("q");
    assert_eq!(session.end(), 2);
    let contents = session.screen.screen().contents();
    assert!(
        contents.contains("error: the session cannot be recorded") && contents.contains("hint: "),
        "{contents}"
    );
}

#[test]
fn long_pastes_are_refused_at_once() {
    let mut session = start(&["replay", "sessions/choir"]);
    session.shows("REPLAY event");
    for key in [":", "/"] {
        session.press(key);
        session.press(&format!("\x1b[200~{}\x1b[201~", "word ".repeat(40_000)));
        session.shows("200000 characters");
        session.press("\x1b");
        let gone = session.until(PATIENCE, |screen| !screen.contents().contains("200000 characters"));
        assert!(gone.is_some(), "escape leaves the line");
        // A key right after it would pass for one with alt.
        session.watch(Duration::from_millis(300));
    }
    session.press("q");
    assert_eq!(session.end(), 0);
}
