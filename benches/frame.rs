//! How long the screen takes to draw one frame: the whole of it, at 200 by 50, at every moment of a recorded
//! session. Run with `cargo bench --no-default-features --bench frame`.
//!
//! What matters is how slow the slowest frames are, which the usual harnesses do not report: so this one
//! sorts its samples and prints the percentiles itself.
#![allow(clippy::disallowed_macros, reason = "a bench prints its figures")]

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{buffer::Buffer, layout::Rect};
use session::{Blobs, Session};
use tui::{
    core::call_text::CallText,
    highlight::Highlighter,
    jobs::{Done, Job},
    model::Model,
    msg::{Effect, Msg},
    screen::Screen,
    theme::Theme,
    update::update,
    view,
};

/// Times that each moment is drawn.
const ROUNDS: usize = 20;
/// What 99 of 100 frames have to stay below.
const GOAL: Duration = Duration::from_millis(2);

fn press(screen: &mut Screen, blobs: &Blobs, letter: char) {
    let key = KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE);
    for effect in update(screen, Msg::Key(key), Duration::ZERO) {
        if let Effect::Begin(Job::ReadCall { call, request, reply }) = effect {
            let text = CallText::read(blobs, call, &request, reply.as_ref());
            update(screen, Msg::Done(Done::CallRead(Box::new(text))), Duration::ZERO);
        }
    }
}

fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/choir");
    let session = Session::open(&path).expect("a recorded session");
    let blobs = session.blobs();
    let theme = Theme::bundled("dark").expect("a bundled theme");
    let highlighter = Arc::new(Highlighter::load().expect("the syntax of plans"));
    let area = Rect::new(0, 0, 200, 50);
    println!(
        "one frame at {} x {}, {} moments of {}",
        area.width,
        area.height,
        session.records.len() + 1,
        path.display()
    );
    let mut screen = Screen::from(Model::of_record(session.into_replay()));
    update(&mut screen, Msg::Highlighter(highlighter), Duration::ZERO);
    for (name, letter) in
        [("all panes", None), ("side by side", Some('|')), ("ledger", Some('L')), ("a call", Some('r'))]
    {
        let mut samples = Vec::new();
        for moment in 0..=screen.model.session.replay.len() {
            screen.overlays.clear();
            screen.model.session.replay.seek(moment);
            update(&mut screen, Msg::Redraw, Duration::ZERO);
            if let Some(letter) = letter.filter(|letter| *letter != '|' || moment == 0) {
                press(&mut screen, &blobs, letter);
            }
            for _ in 0..ROUNDS {
                let mut buf = Buffer::empty(area);
                let begun = Instant::now();
                screen.model.extents = view::draw_buffer(&screen, &theme, area, &mut buf);
                samples.push(begun.elapsed());
            }
        }
        report(name, &mut samples);
    }
}

fn report(name: &str, samples: &mut [Duration]) {
    samples.sort_unstable();
    let at = |share: f64| samples[((samples.len() - 1) as f64 * share) as usize];
    let (half, most, slowest) = (at(0.5), at(0.99), at(1.0));
    let met = if most <= GOAL { "within" } else { "ABOVE" };
    println!(
        "{name:<14} p50 {half:>9.1?}   p99 {most:>9.1?}   slowest {slowest:>9.1?}   {met} the goal of {GOAL:?}"
    );
}
