//! How long it takes from a key to the screen that it asks for, while a real model decodes.
//!
//! `cargo bench --bench keys`: runs the program in a terminal of its own at three sizes, keeps the model of
//! `PLANSCOPE_BENCH_MODEL` (the smallest of the catalogue unless named) busy with proposals, opens and closes the help,
//! and prints percentiles of the time until the terminal shows it; the same over a record, where nothing else runs.
//! `PLANSCOPE_BENCH_RATE` makes the terminal take so many bytes a second, as over a slow link.
#![allow(clippy::disallowed_macros, reason = "a bench prints its figures")]

use std::time::{Duration, Instant};

use support::terminal::{PATIENCE, Session, Start, vt100};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];
/// Presses at each size.
const PRESSES: usize = 100;
/// Time between two presses, so that they fall on all moments of a call; no divisor of any frame time.
const PAUSE: Duration = Duration::from_millis(87);
/// What stands in the title of the help.
const HELP: &str = "╭ Help ";

fn main() {
    let rate = std::env::var("PLANSCOPE_BENCH_RATE").ok().and_then(|rate| rate.parse().ok());
    let model = std::env::var("PLANSCOPE_BENCH_MODEL").unwrap_or_else(|_| "smollm2-135m".to_owned());
    let sessions = tempfile::tempdir().expect("a folder");
    let dir = sessions.path().to_str().expect("text");
    println!(
        "key to screen, {PRESSES} keys each; {}",
        rate.map_or("no limit on the link".into(), |rate: u32| format!("{rate} bytes/s"))
    );
    for (columns, rows) in SIZES {
        let replay = ["replay", "sessions/choir"];
        let idle = Start { args: &replay, columns, rows, rate, own_home: false };
        report(&format!("{columns}x{rows}, a record"), &measure(&idle, "REPLAY event", None));
        let live = [
            "debug",
            "choir",
            "--model",
            &model,
            "--sessions",
            dir,
            "--set",
            "iterations=1000",
            "--set",
            "fruitless=0",
            "--set",
            "llm.exact=false",
        ];
        let busy = Start { args: &live, columns, rows, rate, own_home: true };
        report(&format!("{columns}x{rows}, {model} decodes"), &measure(&busy, "propose", Some("LIVE")));
    }
}

/// Returns the times of all presses; `ready` is shown once it may begin, `busy` as long as a press counts.
fn measure(start: &Start<'_>, ready: &str, busy: Option<&str>) -> Vec<Duration> {
    let mut session = Session::start(start);
    let shown = |text: &str, screen: &vt100::Screen| screen.contents().contains(text);
    session.until(2 * PATIENCE, |screen| shown(ready, screen)).expect("the program begins");
    let mut times = Vec::new();
    for press in 0..PRESSES {
        let opens = press % 2 == 0;
        let pressed = Instant::now();
        session.press(if opens { "?" } else { "\x1b" });
        let seen =
            session.until(PATIENCE, |screen| shown(HELP, screen) == opens).expect("the key does something");
        if busy.is_none_or(|badge| shown(badge, session.screen.screen())) {
            times.push(seen - pressed);
        }
        session.watch(PAUSE);
    }
    times
}

fn report(what: &str, times: &[Duration]) {
    let mut sorted = times.to_vec();
    sorted.sort();
    let at = |share: f64| {
        let index = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
        sorted.get(index).map_or_else(|| "–".to_owned(), |time| format!("{:.1} ms", time.as_secs_f64() * 1e3))
    };
    println!(
        "{what:<32} p50 {:>8}  p99 {:>8}  longest {:>8}  ({} keys)",
        at(0.5),
        at(0.99),
        at(1.0),
        sorted.len()
    );
}
