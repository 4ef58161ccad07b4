//! The program itself in a terminal of its own: what it writes to it, and how it leaves it.

use std::{
    path::Path,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use session::Session as Recorded;
use support::terminal::{PATIENCE, Session, Start, vt100};

use crate::world::copy;

fn replay(set: &[&str]) -> Session {
    replay_of("sessions/choir", set)
}

fn replay_of(session: &str, set: &[&str]) -> Session {
    let set = set.iter().flat_map(|pair| ["--set", *pair]);
    let args: Vec<&str> = ["replay", session].into_iter().chain(set).collect();
    Session::start(&Start { args: &args, columns: 100, rows: 32, rate: None, own_home: false })
}

/// What is switched on at the start, with what takes it back.
const MODES: [(&str, &str); 6] = [
    ("\x1b[?1049h", "\x1b[?1049l"),
    ("\x1b[?25l", "\x1b[?25h"),
    ("\x1b[?2004h", "\x1b[?2004l"),
    ("\x1b[?1002h", "\x1b[?1002l"),
    ("\x1b[?1006h", "\x1b[?1006l"),
    ("\x1b[22;0t", "\x1b[23;0t"),
];

fn assert_given_back(session: &Session) {
    for (on, off) in MODES {
        let on = session.find(on).unwrap_or_else(|| panic!("{on:?} was not written"));
        let last = session.written.windows(off.len()).rposition(|window| window == off.as_bytes());
        assert!(last.is_some_and(|last| last > on), "{off:?} was not written at the end");
    }
    let screen = session.screen.screen();
    assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
    assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
}

#[test]
fn keys_step_and_q_leaves_the_terminal_as_it_was() {
    let mut session = replay(&[]);
    session.shows("REPLAY event");
    session.press("\x1b[H");
    session.shows("REPLAY event 0 of");
    session.press("?");
    session.shows("Here and now");
    session.press("\x1b");
    session.shows("1 Plan");
    session.press("q");
    assert_eq!(session.end(), 0);
    assert_given_back(&session);
    assert!(session.find("planscope\x07").is_some(), "the window got a title");
}

#[test]
fn a_signal_to_end_gives_the_terminal_back() {
    for signal in [libc::SIGTERM, libc::SIGHUP] {
        let mut session = replay(&[]);
        session.shows("REPLAY event");
        session.signal(signal);
        assert_eq!(session.end(), 128 + signal.unsigned_abs());
        assert_given_back(&session);
    }
}

#[test]
fn frames_are_shown_whole() {
    let mut session = replay(&[]);
    session.shows("REPLAY event");
    session.press("\x1b[H");
    session.shows("REPLAY event 0 of");
    session.press("q");
    session.end();
    let text = String::from_utf8_lossy(&session.written).into_owned();
    let (begins, ends) = ("\x1b[?2026h", "\x1b[?2026l");
    let mut rest = text.as_str();
    let mut frames = 0;
    while let Some(begin) = rest.find(begins) {
        let frame = &rest[begin + begins.len()..];
        let end = frame.find(ends).expect("every frame ends");
        assert!(!frame[..end].contains(begins), "no frame begins inside another");
        rest = &frame[end + ends.len()..];
        frames += 1;
    }
    assert!(frames >= 2, "{frames} frames");
}

#[test]
fn stopping_gives_the_terminal_back_and_going_on_takes_it_again() {
    let mut session = replay(&[]);
    session.shows("REPLAY event");
    session.signal(libc::SIGSTOP);
    session.signal(libc::SIGCONT);
    session.press("\x1b[H");
    session.shows("REPLAY event 0 of");
    session.press("q");
    assert_eq!(session.end(), 0);
    assert_given_back(&session);
    let saved = session.written.windows(7).filter(|window| *window == b"\x1b[22;0t").count();
    assert_eq!(saved, 1, "the title is remembered once, so that giving it back once is right");
}

#[test]
fn the_mouse_is_left_to_the_terminal_where_the_user_wants_it() {
    let mut session = replay(&["ui.mouse=false", "ui.glyphs=ascii"]);
    session.shows("REPLAY event");
    assert_eq!(session.screen.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    assert!(session.screen.screen().contents().is_ascii());
    session.press("q");
    assert_eq!(session.end(), 0);
}

#[test]
fn clicks_reach_the_screen() {
    let mut session = replay(&[]);
    session.shows("? help");
    let contents = session.screen.screen().contents();
    let row = contents.lines().count();
    let column = contents.lines().last().and_then(|line| line.find("? help")).expect("a hint") + 1;
    session.press(&format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m"));
    session.shows("Here and now");
    session.press("\x1b");
    session.shows("1 Plan");
    session.press("q");
    assert_eq!(session.end(), 0);
}

#[test]
fn a_terminal_that_vanishes_takes_the_program_along() {
    let mut session = replay(&[]);
    session.shows("REPLAY event");
    // The thread that reads holds this side too: it ends when nobody takes the next frame from it.
    session.output = mpsc::sync_channel(1).1;
    session.press("?");
    session.keys = None;
    let begun = Instant::now();
    while session.child.try_wait().expect("it can be asked").is_none() {
        assert!(begun.elapsed() < PATIENCE, "the program runs on without its terminal");
        thread::sleep(Duration::from_millis(50));
    }
}

/// The colour in which `text` stands on the screen.
fn colour(session: &Session, text: &str) -> vt100::Color {
    let screen = session.screen.screen();
    let rows: Vec<String> = screen.rows(0, 100).collect();
    let (y, x) = rows
        .iter()
        .enumerate()
        .find_map(|(y, row)| Some((y, row[..row.find(text)?].chars().count())))
        .expect("it is on the screen");
    screen.cell(y as u16, x as u16).expect("a cell").fgcolor()
}

#[test]
fn a_theme_stays_from_one_session_to_the_next() {
    let base = two_sessions();
    let mut session = replay_of(base.path().join("first").to_str().expect("text"), &[]);
    session.shows("REPLAY event");
    session.press("\x1b[H");
    session.shows("REPLAY event 0 of");
    let before = colour(&session, "REPLAY");
    session.press(":theme light\r");
    session.shows("The theme is light.");
    let chosen = colour(&session, "REPLAY");
    assert_ne!(chosen, before);
    session.press("\x14");
    session.shows("▸ ● first");
    session.press("\x1b[B");
    session.shows("▸   second");
    session.press("\r");
    session.shows("REPLAY event 112 of 112");
    assert_eq!(colour(&session, "REPLAY"), chosen);
    session.press("q");
    assert_eq!(session.end(), 0);
}

/// A folder with the sessions first and second.
fn two_sessions() -> tempfile::TempDir {
    let base = tempfile::tempdir().expect("a folder");
    let choir = Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/choir");
    ["first", "second"].iter().for_each(|name| copy(&choir, &base.path().join(name)));
    base
}

#[test]
fn one_key_flips_between_two_sessions() {
    let (base, choir) = (two_sessions(), Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/choir"));
    let events = Recorded::open(&choir).expect("a session").records.len();
    let mut session = replay_of(base.path().join("first").to_str().expect("text"), &[]);
    session.shows("REPLAY event");
    session.press("\x1b[H");
    session.shows("REPLAY event 0 of");
    session.press("\x14");
    session.shows("▸ ● first");
    session.press("\x1b[B");
    session.shows("▸   second");
    session.press("\r");
    session.shows(&format!("REPLAY event {events} of {events}"));
    session.press("\x14");
    session.shows("▸ ● second");
    session.shows("○ first");
    session.press("\x1b");
    // A key right after it would pass for one with alt.
    session.shows("5 Answer");
    session.press("`");
    session.shows("REPLAY event 0 of");
    session.press("`");
    session.shows(&format!("REPLAY event {events} of {events}"));
    session.press("q");
    assert_eq!(session.end(), 0);
    assert_given_back(&session);
}
