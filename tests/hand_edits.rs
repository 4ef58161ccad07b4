//! The plan pane and changing the plan by hand, driven by keys and looked at as text.

#[allow(dead_code, reason = "the other tests of the screen use the rest")]
mod screen_fixture;

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use planscope::{
    engine::{Command, Update},
    plan::{Edit, ItemId, Plan, parse},
    session::{Event, Phase, Record, replay::Replay},
    tui::{
        model::Model,
        msg::{Effect, Msg},
        theme::Theme,
        update::update,
        view,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

/// A screen of a given size with its clock.
struct Driver {
    model: Model,
    size: (u16, u16),
    now: Duration,
    effects: Vec<Effect>,
}

impl Driver {
    fn new(model: Model, size: (u16, u16)) -> Self {
        Self { model, size, now: Duration::ZERO, effects: Vec::new() }
    }

    fn tell(&mut self, msg: Msg) {
        self.now += Duration::from_millis(40);
        self.effects.extend(update(&mut self.model, msg, self.now));
    }

    fn event(&mut self, event: Event) {
        let (seq, at_ms) = (self.model.replay.len() as u64, self.now.as_millis() as u64);
        self.tell(Msg::Update(Update::Event(Box::new(Record { seq, at_ms, event }))));
    }

    /// Presses keys: letters, and names in angle brackets. Draws before each, as the loop does.
    fn keys(&mut self, keys: &str) {
        let mut rest = keys;
        while let Some(first) = rest.chars().next() {
            let named = rest.strip_prefix('<').and_then(|after| after.split_once('>'));
            let (name, after) = match named {
                Some((name, after)) if !name.is_empty() && !name.contains(' ') => (name.to_owned(), after),
                Some(_) | None => (first.to_string(), &rest[first.len_utf8()..]),
            };
            rest = after;
            let (code, modifiers) = key(&name);
            self.draw();
            self.tell(Msg::Key(KeyEvent::new(code, modifiers)));
        }
    }

    fn draw(&mut self) -> Buffer {
        let area = Rect::new(0, 0, self.size.0, self.size.1);
        let mut buf = Buffer::empty(area);
        let theme = Theme::bundled("dark").unwrap();
        self.model.extents = view::draw_buffer(&self.model, &theme, area, &mut buf);
        buf
    }

    fn screen(&mut self) -> String {
        let buf = self.draw();
        let row = |y| {
            let mut row = String::new();
            let mut skip = 0;
            for x in 0..self.size.0 {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                let symbol = buf[(x, y)].symbol();
                skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
                row.push_str(symbol);
            }
            row.trim_end().to_owned() + "\n"
        };
        (0..self.size.1).map(row).collect()
    }

    /// The id in the row with the cursor.
    fn here(&mut self) -> String {
        let screen = self.screen();
        let row = screen.lines().find_map(|line| line.split_once('›')).map(|(_, after)| after.trim_start());
        row.and_then(|row| row.split_whitespace().next()).unwrap_or_default().to_owned()
    }

    /// The edits that were sent, in words.
    fn sent(&self) -> Vec<String> {
        self.edits().map(Edit::summary).collect()
    }

    fn last_edit(&self) -> Edit {
        self.edits().last().expect("an edit was sent").clone()
    }

    fn edits(&self) -> impl Iterator<Item = &Edit> {
        self.effects.iter().filter_map(|effect| {
            if let Effect::Send(Command::Edit(edit)) = effect { Some(edit) } else { None }
        })
    }

    fn plan(&self) -> &Plan {
        self.model.plan().expect("a plan")
    }
}

fn key(name: &str) -> (KeyCode, KeyModifiers) {
    let plain = |code| (code, KeyModifiers::NONE);
    match name {
        "enter" => plain(KeyCode::Enter),
        "esc" => plain(KeyCode::Esc),
        "tab" => plain(KeyCode::Tab),
        "back" => plain(KeyCode::Backspace),
        "space" => plain(KeyCode::Char(' ')),
        _ => match name.strip_prefix("ctrl-") {
            Some(letter) => (KeyCode::Char(letter.chars().next().unwrap()), KeyModifiers::CONTROL),
            None => plain(KeyCode::Char(name.chars().next().unwrap())),
        },
    }
}

fn id(name: &str) -> ItemId {
    name.parse().unwrap()
}

/// A run that is about to propose in the second iteration.
fn live(size: (u16, u16)) -> Driver {
    let records = screen_fixture::pens();
    let wanted = Event::PhaseBegan { phase: Phase::Propose, iteration: 2 };
    let end = records.iter().position(|record| record.event == wanted).unwrap();
    let mut driver = Driver::new(Model::live(), size);
    for record in &records[..end] {
        driver.tell(Msg::Update(Update::Event(Box::new(record.clone()))));
    }
    driver.tell(Msg::Key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE)));
    driver
}

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

fn snapshot(name: &str, driver: &mut Driver) {
    let (columns, rows) = driver.size;
    insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), driver.screen());
}

#[test]
fn the_cursor_walks_and_stays_with_its_item() {
    let mut driver = live((120, 40));
    assert_eq!(driver.here(), "G1");
    driver.keys("jj");
    assert_eq!(driver.here(), "C2");
    driver.keys("G");
    assert_eq!(driver.here(), "I1");
    driver.keys("gjjj");
    assert_eq!((driver.here(), driver.model.look.item), ("S1".to_owned(), Some(id("S1"))));
    driver.event(Event::HumanEdited { edit: Edit::Remove { id: id("C1") } });
    assert_eq!(driver.here(), "S1");
    // A moment before the item was there, and back again.
    driver.event(Event::HumanEdited { edit: Edit::Remove { id: id("S1") } });
    assert_eq!(driver.here(), "S2");
    driver.keys("S");
    assert_eq!(driver.here(), "S1");
}

#[test]
fn folding_hides_what_is_nested() {
    let mut driver = live((120, 40));
    driver.keys("<enter>");
    let screen = driver.screen();
    assert!(screen.contains("▸ 5") && !screen.contains("C1 20 boxes"), "{screen}");
    driver.keys("j");
    assert_eq!(driver.here(), "I1");
    // Nothing is nested below it.
    driver.keys("<enter>k<enter>");
    assert!(driver.screen().contains("C1 20 boxes"));
}

#[test]
fn a_plan_of_many_items_scrolls_with_its_cursor() {
    let lines: String = (1..=3000).map(|n| format!("S{n}: step number {n}\n")).collect();
    let records = screen_fixture::pens();
    let at = records.iter().position(|record| matches!(record.event, Event::Drafted { .. })).unwrap();
    let mut driver = Driver::new(Model::live(), (80, 24));
    for record in &records[..at] {
        driver.tell(Msg::Update(Update::Event(Box::new(record.clone()))));
    }
    driver.event(Event::Drafted { plan: parse(&lines).unwrap() });
    for row in 1..100 {
        assert_eq!(driver.here(), format!("S{row}"));
        driver.keys("j");
    }
    driver.keys("<ctrl-d><ctrl-u>");
    assert_eq!(driver.here(), "S100");
    driver.keys("G");
    assert_eq!(driver.here(), "S3000");
    for row in (2900..3000).rev() {
        driver.keys("k");
        assert_eq!(driver.here(), format!("S{row}"));
    }
    driver.keys("g");
    assert_eq!(driver.here(), "S1");
}

#[test]
fn a_line_is_typed_in_its_place_and_checked_as_it_is_typed() {
    for size in SIZES {
        let mut driver = live(size);
        driver.keys("jjjjjedr<back><back>");
        snapshot("typing", &mut driver);
        driver.keys("<ctrl-u><ctrl-u><ctrl-u><ctrl-u>");
        driver.tell(Msg::Paste(" as\nyet".to_owned()));
        driver.keys("<enter>");
        assert_eq!(driver.sent(), ["replace T1: calc(remaining * 3) as yet"]);
        snapshot("pending", &mut driver);
    }
}

#[test]
fn what_is_wrong_stands_below_the_line_and_is_not_taken() {
    let mut driver = live((120, 40));
    driver.keys("jjjje");
    let line = "S2 <- S1 C2: remaining = total - 45";
    let clear = "<back>".repeat(line.len());
    for (text, error) in [
        ("S3: x", "the id stays S2"),
        ("S2 <- C9: x", "C9"),
        ("S2 <- T1: x", "circle"),
        ("S2: ", "say in one line"),
        ("S2 {pinned}: x", "P pins"),
        ("nonsense", "no item id"),
    ] {
        driver.keys(&clear);
        driver.keys(text);
        driver.keys("<enter>");
        let screen = driver.screen();
        assert!(screen.contains(error) && driver.effects.is_empty(), "{text}: {screen}");
    }
    driver.keys(&clear);
    driver.keys("S2 <- C2: rest <enter>");
    assert_eq!(driver.sent(), ["replace S2: rest, and 1 more"]);
    driver.keys("e<esc>e<enter>");
    assert_eq!(driver.effects.len(), 1);
}

#[test]
fn new_items_come_above_and_below_with_a_kind_of_choice() {
    let mut driver = live((120, 40));
    driver.keys("jo<tab><tab>");
    snapshot("inserting", &mut driver);
    driver.keys("never more than 120<enter>");
    assert_eq!(driver.sent().last().unwrap(), "insert I2 as line 3: never more than 120");
    assert_eq!(driver.here(), "I2");
    // The next id counts the pending item too.
    driver.keys("Onot yet<enter>");
    assert_eq!(driver.sent().last().unwrap(), "insert I3 as line 3: not yet");
    driver.keys("o<back><back><back><back>C2: b<enter>");
    assert!(driver.screen().contains("C2 was used before; C3 is free"));
    driver.keys("<esc>");
    assert_eq!(driver.plan().len(), 9);
}

#[test]
fn an_item_that_others_build_on_goes_only_after_a_question() {
    let mut driver = live((120, 40));
    driver.keys("jjjd");
    assert!(driver.effects.is_empty() && driver.screen().contains("S2 builds on S1"));
    driver.keys("nGd");
    assert_eq!(driver.sent(), ["remove I1"]);
    driver.keys("gjjjdy");
    assert_eq!(driver.sent()[1], "remove S1");
    // The cursor takes the place of what is gone.
    assert_eq!(driver.here(), "S2");
}

#[test]
fn items_move_and_stack_up_before_the_engine_takes_them() {
    let mut driver = live((120, 40));
    driver.keys("jJJ");
    assert_eq!(driver.sent(), ["move C1 to line 3, depth 1", "move C1 to line 4, depth 1"]);
    assert_eq!(driver.here(), "C1");
    driver.keys("K><");
    let depths: Vec<(String, u8)> =
        driver.plan().items().iter().map(|item| (item.id.to_string(), item.depth)).collect();
    assert_eq!(depths[1..4], [("C2".into(), 1), ("C1".into(), 1), ("S1".into(), 1)]);
    driver.keys("gK");
    assert!(driver.screen().contains("G1 is the first at its level"));
}

#[test]
fn dependencies_are_picked_from_a_list_without_circles() {
    for size in SIZES {
        let mut driver = live(size);
        driver.keys("jjjjD");
        snapshot("depend", &mut driver);
        // T1 builds on S2, so it cannot be marked.
        driver.keys("Gk<space>k<space>kk<space><enter>");
        assert_eq!(driver.sent(), ["make S2 depend on C2 C1"]);
    }
}

#[test]
fn flags_and_kinds() {
    let mut driver = live((120, 40));
    driver.keys("jP");
    assert_eq!(driver.last_edit(), Edit::Pin { id: id("C1"), on: true });
    driver.keys("PXTi");
    assert_eq!(driver.sent()[1..3], ["release C1", "mute C1"]);
    let plan = driver.plan();
    assert!(plan.get(id("C1")).is_none() && plan.get(id("I2")).is_some_and(|item| item.muted));
    assert_eq!(plan.get(id("S1")).unwrap().deps, [id("I2")]);
    assert_eq!(driver.here(), "I2");
    assert!(driver.screen().contains("pending"));
}

#[test]
fn an_edit_is_pending_until_its_event_comes() {
    let mut driver = live((120, 40));
    driver.keys("jP");
    assert!(driver.screen().contains("edits pending"));
    driver.event(Event::HumanEdited { edit: driver.last_edit() });
    let screen = driver.screen();
    assert!(!screen.contains("pending") && screen.contains("pinned"), "{screen}");
    driver.keys("P");
    let refused = Msg::Undelivered(Command::Edit(driver.last_edit()));
    driver.tell(refused);
    assert!(driver.model.pending.is_empty() && driver.plan().get(id("C1")).unwrap().pinned);
}

#[test]
fn the_past_and_records_are_not_changed() {
    let mut driver = live((120, 40));
    driver.keys("Se");
    assert!(driver.screen().contains("fork"));
    let mut record = Driver::new(Model::of_record(Replay::new(screen_fixture::pens())), (120, 40));
    record.keys("jd");
    assert!(record.screen().contains("fork"));
    assert!(driver.effects.is_empty() && record.effects.is_empty());
    assert!(driver.model.dialog.is_none());
}

#[test]
fn the_whole_plan_goes_to_an_editor_and_comes_back() {
    let mut driver = live((120, 40));
    driver.keys("<ctrl-e>");
    let opened = driver
        .effects
        .iter()
        .find_map(|effect| if let Effect::OpenEditor(text) = effect { Some(text.clone()) } else { None });
    let text = opened.expect("the editor opens");
    assert!(driver.effects.contains(&Effect::Send(Command::Pause)), "a run stands still meanwhile");
    assert!(text.starts_with("G1: money earned") && text.contains("S2 {refined} <- S1 C2: remaining"));

    driver.tell(Msg::Edited(Ok(text.replace("S1 <- C1: total", "S1 <- C1 total").replace("I1:", "I1"))));
    snapshot("broken", &mut driver);
    driver.keys("<enter>");
    assert!(matches!(driver.effects.last(), Some(Effect::OpenEditor(kept)) if kept.contains("C1 total")));

    driver.tell(Msg::Edited(Ok(text.replace("45", "46"))));
    assert!(driver.model.dialog.is_none());
    let edit = driver.last_edit();
    let plan = driver.model.state().incumbent.as_ref().unwrap().plan.clone();
    let (changed, _) = edit.apply(&plan, planscope::plan::Origin::Human).unwrap();
    assert_eq!(changed.get(id("S2")).unwrap().text, "remaining = total - 46");
}

#[test]
fn a_text_from_the_editor_is_kept_when_it_cannot_be_used() {
    let mut driver = live((120, 40));
    driver.keys("<ctrl-e>");
    driver.tell(Msg::Edited(Err("Your editor, vi, ended with exit status: 1.".to_owned())));
    assert!(driver.screen().contains("ended with exit status"));
    driver.keys("d<ctrl-e>");
    driver.event(Event::HumanEdited { edit: Edit::Remove { id: id("I1") } });
    driver.effects.clear();
    driver.tell(Msg::Edited(Ok("S1: something else\n".to_owned())));
    assert!(driver.effects.is_empty() && driver.screen().contains("changed while your editor was open"));
    driver.keys("<enter>");
    driver.tell(Msg::Edited(Ok("S1: something else\n".to_owned())));
    assert_eq!(driver.plan().len(), 1);
}

#[test]
fn marks_tell_where_an_item_comes_from_and_what_is_wrong_with_it() {
    for size in SIZES {
        let mut driver = Driver::new(Model::of_record(Replay::new(screen_fixture::pens())), size);
        driver.keys("jjjj");
        snapshot("marks", &mut driver);
    }
    let mut driver = live((120, 40));
    driver.keys("jj");
    assert!(driver.screen().contains("✗ 40 occurs neither"));
}

#[test]
fn every_dialog_can_be_drawn_at_any_size() {
    for keys in ["e", "jo", "D", "T", "jd", "<ctrl-e>"] {
        let mut driver = live((120, 40));
        driver.keys(keys);
        assert!(driver.model.dialog.is_some(), "{keys}");
        if keys == "<ctrl-e>" {
            driver.tell(Msg::Edited(Ok("nonsense\n".repeat(40))));
        }
        for columns in (60..130).step_by(7).chain([1, 20, 59]) {
            for rows in [1, 5, 15, 16, 17, 24, 31, 40] {
                driver.size = (columns, rows);
                driver.draw();
            }
        }
    }
}
