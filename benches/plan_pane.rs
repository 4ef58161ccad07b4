//! How long a key and the frame after it take while a plan of 100,000 items is scrolled.

use std::{fmt::Write as _, hint::black_box, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use engine::Update;
use plan::parse;
use ratatui::{buffer::Buffer, layout::Rect};
use session::{Event, Record};
use tui::{model::Model, msg::Msg, screen::Screen, theme::Theme, update::update, view};

const ITEMS: usize = 100_000;

/// Goals of nine steps each, every step on the one before.
fn plan() -> String {
    let mut text = String::new();
    for number in 1..=ITEMS {
        if number % 10 == 1 {
            let _ = writeln!(text, "G{number}: reach goal number {number} by the steps below it");
        } else {
            let before =
                if number % 10 == 2 { format!("G{}", number - 1) } else { format!("S{}", number - 1) };
            let _ = writeln!(text, "  S{number} <- {before}: value_{number} = value_{} + 1", number - 1);
        }
    }
    text
}

fn screen() -> Screen {
    let mut screen = Screen::from(Model::live());
    let event = Event::Drafted { plan: parse(&plan()).expect("a plan"), confidence: Default::default() };
    let record = Record { seq: 0, at_ms: 0, event };
    update(&mut screen, Msg::Update(Update::Event(Box::new(record))), Duration::ZERO);
    screen
}

fn scroll(c: &mut Criterion) {
    let theme = Theme::bundled("dark").expect("a bundled theme");
    let area = Rect::new(0, 0, 200, 50);
    let mut group = c.benchmark_group("plan of 100,000 items");
    for (name, key, modifiers) in [
        ("one row down", KeyCode::Char('j'), KeyModifiers::NONE),
        ("half a page down", KeyCode::Char('d'), KeyModifiers::CONTROL),
        ("fold and unfold", KeyCode::Enter, KeyModifiers::NONE),
    ] {
        let mut screen = screen();
        let mut buf = Buffer::empty(area);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                update(&mut screen, Msg::Key(KeyEvent::new(key, modifiers)), Duration::ZERO);
                buf.reset();
                screen.model.extents = view::draw_buffer(&screen, &theme, area, black_box(&mut buf));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, scroll);
criterion_main!(benches);
