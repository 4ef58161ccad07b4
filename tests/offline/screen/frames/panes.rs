//! Each pane on its own, on a recorded session, and what hostile text does to them.

use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

use model::{Mask, Output, Pressure, Reply, Thinking, ThinkingStop};
use plan::ItemId;
use session::{Blobs, Session};
use tui::{
    core::call_text::CallText,
    highlight::Highlighter,
    jobs::{Done, Job},
};

use super::*;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// Made ready once, as on the screen.
static HIGHLIGHTER: LazyLock<Arc<Highlighter>> = LazyLock::new(|| Arc::new(Highlighter::load().unwrap()));

fn session() -> Session {
    Session::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/choir")).unwrap()
}

fn of(records: Vec<Record>, size: (u16, u16)) -> Driver {
    let mut driver = Driver::of(Model::of_record(Replay::new(records)), size);
    driver.tell(Msg::Highlighter(HIGHLIGHTER.clone()));
    driver
}

fn choir(size: (u16, u16)) -> Driver {
    of(session().records, size)
}

/// Reads what the screen asked to be read, as the loop does.
fn read_calls(driver: &mut Driver, blobs: &Blobs) {
    for effect in std::mem::take(&mut driver.effects) {
        let Effect::Begin(Job::ReadCall { call, request, reply }) = effect else { panic!("{effect:?}") };
        let text = CallText::read(blobs, call, &request, reply.as_ref());
        driver.tell(Msg::Done(Done::CallRead(Box::new(text))));
    }
}

fn id(text: &str) -> ItemId {
    text.parse().unwrap()
}

#[test]
fn every_pane_alone() {
    for size in SIZES {
        for (key, name) in [("2", "proposal"), ("3", "score"), ("4", "timeline"), ("6", "cost")] {
            let mut driver = choir(size);
            driver.keys("<home> n n n S");
            driver.keys(key);
            driver.keys("=");
            snapshot(&format!("pane_{name}"), &mut driver);
        }
        let mut driver = choir(size);
        driver.keys("5 = <right> <right>");
        snapshot("pane_answer", &mut driver);
    }
}

#[test]
fn before_the_answer_its_pane_says_why_refinement_ended() {
    let mut records = fixture::pens();
    let ended = |record: &Record| matches!(record.event, Event::RefinementEnded { .. });
    let end = records.iter().position(ended).expect("it ends");
    records.truncate(end + 1);
    let screen = of(records, (160, 50)).screen();
    assert!(screen.contains("An exact checker passes the plan. The answer comes"), "{screen}");
}

#[test]
fn changes_stand_side_by_side_or_one_below_the_other() {
    let mut driver = Driver::replay((80, 24));
    driver.keys("N N N N 2 =");
    assert!(!driver.screen().contains(" │ + "));
    driver.keys("|");
    assert!(driver.screen().contains(" │ + "), "{}", driver.screen());
    driver.size = (200, 60);
    assert!(driver.screen().contains(" │ + "));
    driver.keys("|");
    assert!(!driver.screen().contains(" │ + "));
}

#[test]
fn the_chart_cursor_goes_over_iterations_and_enter_goes_there() {
    let mut driver = choir((120, 40));
    let end = driver.tui.model.session.replay.position();
    let last = driver.tui.model.session.overview.iterations.len() - 1;
    assert_eq!(driver.tui.model.iteration(), Some(last));
    driver.keys("4 <left> h <left> <left> <left> <left> <left> <left> <right>");
    assert_eq!((driver.tui.model.iteration(), driver.tui.model.session.replay.position()), (Some(1), end));
    driver.keys("<enter>");
    let wanted = driver.tui.model.session.overview.iterations[1].seq as usize + 1;
    assert_eq!(driver.tui.model.session.replay.position(), wanted);
    assert_eq!((driver.tui.model.iteration(), driver.tui.model.look.cursors.point), (Some(1), None));
    driver.keys("<left> <esc> + +");
    assert_eq!((driver.tui.model.look.cursors.point, driver.tui.model.look.span), (None, Some(2)));
    assert!(driver.tui.model.look.scroll.iter().all(Option::is_none));
    driver.keys("- - - -");
    assert_eq!(driver.tui.model.look.span, Some(last + 1));
}

#[test]
fn the_citation_cursor_lights_up_items_and_items_their_citations() {
    let mut driver = choir((120, 40));
    driver.keys("5 l");
    let first = driver.tui.model.look.cursors.item.expect("a cited item");
    let cited =
        engine::answer::citation_spans(&driver.tui.model.session.state().answer.clone().unwrap().text);
    assert_eq!(first, cited[0].1[0]);
    driver.keys("<left>");
    assert_eq!(driver.tui.model.look.cursors.citation, Some(0));
    driver.keys("h l");
    assert_eq!(driver.tui.model.look.cursors.citation, Some(1));
    let lit = |driver: &mut Driver| {
        let buf = driver.draw();
        let reversed =
            |cell: &ratatui::buffer::Cell| cell.modifier.contains(ratatui::style::Modifier::REVERSED);
        buf.content().iter().filter(|cell| reversed(cell) && !cell.symbol().trim().is_empty()).count()
    };
    driver.keys("<esc>");
    driver.tui.model.look.cursors.item = None;
    let none = lit(&mut driver);
    driver.tui.model.look.cursors.item = Some(id("C1"));
    assert!(lit(&mut driver) >= none + 2 * "C1".len(), "in the plan and in the answer");
}

#[test]
fn the_ledger_filters_and_goes_to_the_decision() {
    for size in SIZES {
        let mut driver = choir(size);
        driver.keys("L");
        snapshot("ledger", &mut driver);
    }
    let mut driver = choir((80, 24));
    driver.keys("L");
    let all = driver.tui.model.session.overview.rejects.len();
    assert!(driver.screen().contains(&format!("Not taken: {all} of {all}")));
    driver.keys("q z z");
    assert!(driver.screen().contains("The filter lets nothing through."), "letters go to the filter");
    driver.keys("<backspace> <backspace> <backspace> u s a b l e");
    let seen = driver.screen();
    assert!(seen.contains("not usable") && !seen.contains("no change"), "{seen}");
    driver.keys("<up> <up> <up> <up> <up> <enter>");
    assert_eq!(driver.open(), None);
    let rejects = &driver.tui.model.session.overview.rejects;
    let first = rejects.iter().find(|r| r.why.name() == "not usable").unwrap().clone();
    assert_eq!(driver.tui.model.session.replay.position() as u64, first.seq + 1);
    assert_eq!(driver.tui.model.candidate_index(), first.candidate as usize);
    assert!(driver.effects.is_empty());
}

#[test]
fn the_ledger_grows_while_it_is_open() {
    let records = session().records;
    let mut driver = Driver::live((80, 24));
    driver.events(&records[..20]);
    driver.keys("L");
    assert!(driver.screen().contains("Every candidate so far was taken."));
    driver.events(&records[20..30]);
    assert!(driver.screen().contains("no change"));
}

#[test]
fn a_call_shows_its_prompt_and_its_reply_token_by_token() {
    let session = session();
    for size in SIZES {
        let mut driver = of(session.records.clone(), size);
        driver.keys("<home> n n r");
        read_calls(&mut driver, &session.blobs());
        snapshot("call", &mut driver);
        driver.keys(">");
        read_calls(&mut driver, &session.blobs());
        driver.keys("<right>");
        snapshot("call_propose", &mut driver);
        driver.keys("G");
        driver.draw();
        assert_ne!(
            driver.tui.model.extents.overlay.offset, 0,
            "the grammar and the prompt are longer than a screen"
        );
        driver.keys("r");
        assert_eq!(driver.open(), None);
    }
}

#[test]
fn what_a_model_thought_before_its_reply_is_folded() {
    let session = session();
    let mut driver = of(session.records.clone(), (80, 24));
    driver.keys(": c a l l <space> 1 <enter>");
    for effect in std::mem::take(&mut driver.effects) {
        let Effect::Begin(Job::ReadCall { call, request, reply }) = effect else { panic!("{effect:?}") };
        let mut text = CallText::read(&session.blobs(), call, &request, reply.as_ref());
        let Some(Ok(Reply { output: Output::Generated { completions }, .. })) = &mut text.reply else {
            panic!("{text:?}")
        };
        let thought =
            "The boxes come first.\nThen the \u{1b}[31mpens.\nS9: nothing of this is a plan".to_owned();
        completions[0].thinking = Some(Thinking { text: thought, tokens: 17, stop: ThinkingStop::Forced });
        driver.tell(Msg::Done(Done::CallRead(Box::new(text))));
    }
    let folded = driver.screen();
    assert!(folded.contains("Thinking  17 tokens, cut at its limit"), "{folded}");
    assert!(folded.contains("The boxes come first. … 2 more lines; enter shows them"), "{folded}");
    assert!(!folded.contains("pens.\n") && !folded.contains("S9: nothing"), "{folded}");
    driver.keys("<enter>");
    let whole = driver.screen();
    assert!(whole.contains("S9: nothing of this is a plan") && !whole.contains("more lines"), "{whole}");
    assert!(!whole.contains('\u{1b}'), "a thought must not steer the terminal either");
    driver.keys("<enter>");
    assert_eq!(driver.screen(), folded);
}

#[test]
fn a_call_under_a_grammar_shows_its_pressure_line_by_line() {
    let session = session();
    let mut driver = of(session.records.clone(), (120, 60));
    driver.keys(": c a l l <space> 1 <enter>");
    let effects = std::mem::take(&mut driver.effects);
    let [Effect::Begin(Job::ReadCall { call, request, reply })] = &effects[..] else { panic!("{effects:?}") };
    let mut text = CallText::read(&session.blobs(), *call, request, reply.as_ref());
    driver.tell(Msg::Done(Done::CallRead(Box::new(text.clone()))));
    let unknown = driver.screen();
    assert!(
        unknown.contains("pressure    of the grammar not known: servers and older versions"),
        "{unknown}"
    );
    assert!(!unknown.contains("Grammar pressure"), "{unknown}");
    let Some(Ok(Reply { output: Output::Generated { completions }, .. })) = &mut text.reply else {
        panic!("{text:?}")
    };
    for (at, token) in completions[0].tokens.iter_mut().enumerate() {
        token.mask = Some(Mask::new(if at == 0 { -7.5 } else { -0.01 }, at == 1));
    }
    driver.tell(Msg::Done(Done::CallRead(Box::new(text))));
    let shown = driver.screen();
    let (_, below) = shown.split_once("Grammar pressure").expect("a section of its own");
    let mut lines = below.lines().skip(1);
    assert!(lines.next().is_some_and(|line| line.contains("   7.5")), "{shown}");
    assert!(lines.next().is_some_and(|line| line.contains("   0.0")), "{shown}");
    assert!(shown.contains("where there was a choice, 0.01 where one text was left"), "{shown}");
}

#[test]
fn the_ledger_and_the_proposal_show_the_grammar_pressure_where_it_is_known() {
    let mut records = session().records;
    for record in &mut records {
        if let Event::Proposed { candidates } = &mut record.event {
            let known = candidates.iter_mut().skip(1);
            known.for_each(|one| one.pressure = Some(Pressure { choice: 12.5, ..Pressure::default() }));
        }
    }
    let mut driver = of(records, (120, 40));
    driver.keys("L");
    let shown = driver.screen();
    assert!(shown.contains(" 12.5 nats  ") && shown.contains("grammar pressure 12.5 nats"), "{shown}");
    let row = |word: &str| shown.lines().find(|line| line.contains(word)).expect("a row").to_owned();
    assert!(row("tighten C5: total_singers").contains("tighten           –  "), "{shown}");
    driver.keys("<enter> 2 =");
    assert!(driver.screen().contains("grammar pressure 12.5 nats"), "{}", driver.screen());
}

#[test]
fn a_call_whose_texts_are_gone_says_so() {
    let mut driver = choir((80, 24));
    driver.keys("r");
    assert!(!driver.screen().contains("Reading the call's texts"), "words that would only flash");
    driver.now += Duration::from_millis(200);
    driver.tell(Msg::Tick);
    assert!(driver.screen().contains("Reading the call's texts"), "{}", driver.screen());
    let nowhere = tempfile::tempdir().unwrap();
    read_calls(&mut driver, &Blobs::of(nowhere.path()));
    assert_eq!(driver.screen().matches("This cannot be shown: the blob").count(), 2, "{}", driver.screen());
    let mut driver = choir((80, 24));
    driver.keys("<home> r");
    assert!(driver.effects.is_empty(), "{:?}", driver.effects);
    assert!(driver.screen().contains("No call to the model was made"), "{}", driver.screen());
}

#[test]
fn a_call_that_is_looked_at_while_it_runs_is_read_again_when_it_comes_back() {
    let session = session();
    let begun = session.records.iter().position(|r| matches!(r.event, Event::CallStarted { .. })).unwrap();
    let mut driver = Driver::live((80, 24));
    driver.events(&session.records[..=begun]);
    driver.keys("r");
    read_calls(&mut driver, &session.blobs());
    assert!(driver.screen().contains("There is no reply yet."));
    driver.events(&session.records[begun + 1..begun + 2]);
    assert_eq!(driver.effects.len(), 1);
    read_calls(&mut driver, &session.blobs());
    assert!(driver.screen().contains("254 tokens"), "{}", driver.screen());
}

/// Acts on the terminal, turns the reading direction, is wide, and is joined of several characters.
const HOSTILE: &str = "\u{1b}[2J\u{7}\u{202e}漢字 👩\u{200d}👩\u{200d}👧 e\u{301}\u{9b}1m\t\0";

/// An item of a plan is one line without control characters, whoever wrote it.
const HOSTILE_ITEM: &str = "\u{202e}漢字 👩\u{200d}👩\u{200d}👧 e\u{301}\u{200b}";

fn poison(value: &mut serde_json::Value) {
    const TEXTS: [&str; 7] = ["text", "reply", "reason", "detail", "title", "message", "value"];
    match value {
        serde_json::Value::Object(fields) => {
            let item = fields.contains_key("id") || fields.contains_key("kind");
            let hostile = |name: &str| if item && name == "text" { HOSTILE_ITEM } else { HOSTILE };
            for (name, field) in fields {
                if let serde_json::Value::String(text) = field {
                    if TEXTS.contains(&name.as_str()) && !is_hash(text) {
                        text.insert_str(text.len() / 2, hostile(name));
                    }
                } else {
                    poison(field);
                }
            }
        }
        serde_json::Value::Array(all) => all.iter_mut().for_each(poison),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 || !text.is_ascii()
}

#[test]
fn hostile_text_of_the_model_cannot_act_anywhere() {
    let poisoned: Vec<Record> = session()
        .records
        .iter()
        .map(|record| {
            let mut value = serde_json::to_value(record).unwrap();
            poison(&mut value);
            serde_json::from_value(value).unwrap()
        })
        .collect();
    let mut driver = of(poisoned, (120, 40));
    let acts = |symbol: &str| {
        let turns = |c| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}');
        symbol.chars().any(|c: char| c.is_control() || turns(c))
    };
    let mut seen = 0;
    let mut check = |driver: &mut Driver| {
        let buf = driver.draw();
        let acting: Vec<&str> = buf.content().iter().map(|cell| cell.symbol()).filter(|s| acts(s)).collect();
        assert!(acting.is_empty(), "{acting:?} in\n{}", driver.screen());
        seen += usize::from(driver.screen().contains('漢'));
    };
    let moments = driver.tui.model.session.replay.len();
    for moment in (0..=moments).step_by(3).chain([moments]) {
        driver.tui.model.session.replay.seek(moment);
        driver.tell(Msg::Redraw);
        check(&mut driver);
    }
    for keys in ["2 z", "|", "3", "4", "5", "l", "6", "1", "L", "<esc> r", "<esc> p", "<esc> ?"] {
        driver.keys(keys);
        check(&mut driver);
    }
    assert!(seen > 20, "the hostile text was there to be seen {seen} times");
}
