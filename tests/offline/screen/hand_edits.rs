//! The plan pane and changing the plan by hand, driven by keys and read as text.

use std::time::Duration;

use engine::{Command, Handle};
use plan::{Edit, ItemId, Origin, Plan, parse};
use problem::Problem;
use session::{EditWeights, Event, Phase, Record, Settings};
use tui::msg::Msg;

use super::{
    driver::{Driver, canned_engine, one_proposal},
    fixture,
};

/// Adds an event at the end, as an engine reports it.
fn event(driver: &mut Driver, event: Event) {
    let (seq, at_ms) = (driver.tui.model.session.replay.len() as u64, driver.now.as_millis() as u64);
    driver.events(&[Record { seq, at_ms, event }]);
}

/// The id in the row with the cursor.
fn here(driver: &mut Driver) -> String {
    let screen = driver.screen();
    let row = screen.lines().find_map(|line| line.split_once('›')).map(|(_, after)| after.trim_start());
    row.and_then(|row| row.split_whitespace().next()).unwrap_or_default().to_owned()
}

fn edits(driver: &Driver) -> impl Iterator<Item = &Edit> {
    driver.sent.iter().filter_map(|sent| if let Command::Edit(edit) = sent { Some(edit) } else { None })
}

/// The edits that were sent, in words.
fn sent(driver: &Driver) -> Vec<String> {
    edits(driver).map(Edit::summary).collect()
}

fn last_edit(driver: &Driver) -> Edit {
    edits(driver).last().expect("an edit was sent").clone()
}

fn plan(driver: &Driver) -> &Plan {
    driver.tui.model.session.plan().expect("a plan")
}

fn id(name: &str) -> ItemId {
    name.parse().unwrap()
}

/// A run that is about to propose in the second iteration.
fn live(size: (u16, u16)) -> Driver {
    let records = fixture::pens();
    let wanted = Event::PhaseBegan { phase: Phase::Propose, iteration: 2 };
    let end = records.iter().position(|record| record.event == wanted).unwrap();
    let mut driver = Driver::live(size);
    driver.events(&records[..end]);
    driver.keys("<esc>");
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
    assert_eq!(here(&mut driver), "G1");
    driver.keys("jj");
    assert_eq!(here(&mut driver), "C2");
    driver.keys("G");
    assert_eq!(here(&mut driver), "I1");
    driver.keys("gjjj");
    assert_eq!((here(&mut driver), driver.tui.model.look.cursors.item), ("S1".to_owned(), Some(id("S1"))));
    event(&mut driver, Event::HumanEdited { edit: Edit::Remove { id: id("C1") } });
    assert_eq!(here(&mut driver), "S1");
    // A moment before the item was there, and back again.
    event(&mut driver, Event::HumanEdited { edit: Edit::Remove { id: id("S1") } });
    assert_eq!(here(&mut driver), "S2");
    driver.keys("S");
    assert_eq!(here(&mut driver), "S1");
}

#[test]
fn folding_hides_what_is_nested() {
    let mut driver = live((120, 40));
    driver.keys("<enter>");
    let screen = driver.screen();
    assert!(screen.contains("▸ 5") && !screen.contains("C1 20 boxes"), "{screen}");
    driver.keys("j");
    assert_eq!(here(&mut driver), "I1");
    // Nothing is nested below it.
    driver.keys("<enter>k<enter>");
    assert!(driver.screen().contains("C1 20 boxes"));
}

#[test]
fn a_plan_of_many_items_scrolls_with_its_cursor() {
    let lines: String = (1..=3000).map(|n| format!("S{n}: step number {n}\n")).collect();
    let records = fixture::pens();
    let at = records.iter().position(|record| matches!(record.event, Event::Drafted { .. })).unwrap();
    let mut driver = Driver::live((80, 24));
    driver.events(&records[..at]);
    event(&mut driver, Event::Drafted { plan: parse(&lines).unwrap(), confidence: Default::default() });
    for row in 1..100 {
        assert_eq!(here(&mut driver), format!("S{row}"));
        driver.keys("j");
    }
    driver.keys("<ctrl-d><ctrl-u>");
    assert_eq!(here(&mut driver), "S100");
    driver.keys("G");
    assert_eq!(here(&mut driver), "S3000");
    for row in (2900..3000).rev() {
        driver.keys("k");
        assert_eq!(here(&mut driver), format!("S{row}"));
    }
    driver.keys("g");
    assert_eq!(here(&mut driver), "S1");
}

#[test]
fn a_line_is_typed_in_its_place_and_checked_as_it_is_typed() {
    for size in SIZES {
        let mut driver = live(size);
        driver.keys("jjjjjedr<backspace><backspace>");
        snapshot("typing", &mut driver);
        driver.keys("<ctrl-u><ctrl-u><ctrl-u><ctrl-u>");
        driver.tell(Msg::Paste(" as\nyet".to_owned()));
        driver.keys("<enter>");
        assert_eq!(sent(&driver), ["replace T1: calc(remaining * 3) as yet"]);
        snapshot("pending", &mut driver);
    }
}

#[test]
fn what_is_wrong_stands_below_the_line_and_is_not_taken() {
    let mut driver = live((120, 40));
    driver.keys("jjjje");
    let line = "S2 <- S1 C2: remaining = total - 45";
    let clear = "<backspace>".repeat(line.len());
    for (text, error) in [
        ("S3: x", "the id stays S2"),
        ("S2 <- C9: x", "C9"),
        ("S2 <- T1: x", "cycle"),
        ("S2: ", "say in one line"),
        ("S2 {pinned}: x", "P pins"),
        ("nonsense", "no item id"),
    ] {
        driver.keys(&clear);
        driver.keys(&text.replace('<', "<lt>"));
        driver.keys("<enter>");
        let screen = driver.screen();
        assert!(screen.contains(error) && driver.sent.is_empty(), "{text}: {screen}");
    }
    driver.keys(&clear);
    driver.keys("S2 <lt>- C2: rest <enter>");
    assert_eq!(sent(&driver), ["replace S2: rest, and 1 more"]);
    driver.keys("e<esc>e<enter>");
    assert_eq!(driver.sent.len(), 1);
}

#[test]
fn new_items_come_above_and_below_with_a_kind_of_choice() {
    let mut driver = live((120, 40));
    driver.keys("jo<tab><tab>");
    snapshot("inserting", &mut driver);
    driver.keys("never more than 120<enter>");
    assert_eq!(sent(&driver).last().unwrap(), "insert I2 as line 3: never more than 120");
    assert_eq!(here(&mut driver), "I2");
    // The next id counts the pending item too.
    driver.keys("Onot yet<enter>");
    assert_eq!(sent(&driver).last().unwrap(), "insert I3 as line 3: not yet");
    driver.keys("o<backspace><backspace><backspace><backspace>C2: b<enter>");
    assert!(driver.screen().contains("C2 was used before; C3 is free"));
    driver.keys("<esc>");
    assert_eq!(plan(&driver).len(), 9);
}

#[test]
fn an_item_that_others_build_on_goes_only_after_a_question() {
    let mut driver = live((120, 40));
    driver.keys("jjjd");
    assert!(driver.sent.is_empty() && driver.screen().contains("S2 builds on S1"));
    driver.keys("nGd");
    assert_eq!(sent(&driver), ["remove I1"]);
    driver.keys("gjjjdy");
    assert_eq!(sent(&driver)[1], "remove S1");
    // The cursor takes the place of what is gone.
    assert_eq!(here(&mut driver), "S2");
}

#[test]
fn items_move_and_stack_up_before_the_engine_takes_them() {
    let mut driver = live((120, 40));
    driver.keys("jJJ");
    assert_eq!(sent(&driver), ["move C1 to line 3, depth 1", "move C1 to line 4, depth 1"]);
    assert_eq!(here(&mut driver), "C1");
    driver.keys("K><lt>");
    let depths: Vec<(String, u8)> =
        plan(&driver).items().iter().map(|item| (item.id.to_string(), item.depth)).collect();
    assert_eq!(depths[1..4], [("C2".into(), 1), ("C1".into(), 1), ("S1".into(), 1)]);
    driver.keys("gK");
    assert!(driver.screen().contains("G1 is the first at its level"));
}

#[test]
fn dependencies_are_picked_from_a_list_without_cycles() {
    for size in SIZES {
        let mut driver = live(size);
        driver.keys("jjjjD");
        snapshot("depend", &mut driver);
        // T1 builds on S2, so it cannot be marked.
        driver.keys("Gk<space>k<space>kk<space><enter>");
        assert_eq!(sent(&driver), ["make S2 depend on C2 C1"]);
    }
}

#[test]
fn flags_and_kinds() {
    let mut driver = live((120, 40));
    driver.keys("jP");
    assert_eq!(last_edit(&driver), Edit::Pin { id: id("C1"), on: true });
    driver.keys("PXTi");
    assert_eq!(sent(&driver)[1..3], ["release C1", "mute C1"]);
    let plan = plan(&driver);
    assert!(plan.get(id("C1")).is_none() && plan.get(id("I2")).is_some_and(|item| item.muted));
    assert_eq!(plan.get(id("S1")).unwrap().deps, [id("I2")]);
    assert_eq!(here(&mut driver), "I2");
    assert!(driver.screen().contains("pending"));
}

#[test]
fn an_edit_is_pending_until_its_event_comes() {
    let mut driver = live((120, 40));
    driver.keys("jP");
    assert!(driver.screen().contains("edits pending"));
    let edit = last_edit(&driver);
    event(&mut driver, Event::HumanEdited { edit });
    let screen = driver.screen();
    assert!(!screen.contains("pending") && screen.contains("pinned"), "{screen}");
    driver.keys("P");
    let refused = Msg::Undelivered(Command::Edit(last_edit(&driver)));
    driver.tell(refused);
    assert!(driver.tui.model.session.pending.is_empty() && plan(&driver).get(id("C1")).unwrap().pinned);
}

#[test]
fn the_past_and_records_are_not_changed() {
    let mut driver = live((120, 40));
    driver.keys("Se");
    assert!(driver.screen().contains("fork"));
    let mut record = Driver::replay(fixture::pens(), (120, 40));
    record.keys("jd");
    assert!(record.screen().contains("fork"));
    assert!(driver.sent.is_empty() && record.sent.is_empty());
    assert!(driver.open().is_none());
}

#[test]
fn the_whole_plan_goes_to_an_editor_and_comes_back() {
    let mut driver = live((120, 40));
    driver.keys("<ctrl-e>");
    let text = driver.opened.last().expect("the editor opens").clone();
    assert!(driver.sent.contains(&Command::Pause), "a run is paused meanwhile");
    assert!(text.starts_with("G1: money earned") && text.contains("S2 {refined} <- S1 C2: remaining"));

    driver.tell(Msg::Edited(Ok(text.replace("S1 <- C1: total", "S1 <- C1 total").replace("I1:", "I1"))));
    snapshot("broken", &mut driver);
    driver.keys("<enter>");
    assert!(driver.opened.len() == 2 && driver.opened[1].contains("C1 total"));

    driver.tell(Msg::Edited(Ok(text.replace("45", "46"))));
    assert!(driver.open().is_none());
    let edit = last_edit(&driver);
    let plan = driver.tui.model.session.state().incumbent.as_ref().unwrap().plan.clone();
    let (changed, _) = edit.apply(&plan, Origin::Human).unwrap();
    assert_eq!(changed.get(id("S2")).unwrap().text, "remaining = total - 46");
}

#[test]
fn a_text_from_the_editor_is_kept_when_it_cannot_be_used() {
    let mut driver = live((120, 40));
    driver.keys("<ctrl-e>");
    driver.tell(Msg::Edited(Err("Your editor, vi, ended with exit status: 1.".to_owned())));
    assert!(driver.screen().contains("ended with exit status"));
    driver.keys("d<ctrl-e>");
    event(&mut driver, Event::HumanEdited { edit: Edit::Remove { id: id("I1") } });
    driver.sent.clear();
    driver.tell(Msg::Edited(Ok("S1: something else\n".to_owned())));
    assert!(driver.sent.is_empty() && driver.screen().contains("changed while your editor was open"));
    driver.keys("<enter>");
    driver.tell(Msg::Edited(Ok("S1: something else\n".to_owned())));
    assert_eq!(plan(&driver).len(), 1);
}

#[test]
fn an_editor_that_returns_at_once_may_save_later() {
    let mut driver = live((120, 40));
    driver.keys("<ctrl-e>");
    let text = driver.opened[0].clone();
    driver.tell(Msg::Edited(Ok(text.clone())));
    driver.shows("The text is unchanged");
    driver.shows("code --wait");
    driver.keys("r");
    assert_eq!(driver.reads, 1);
    // Nothing is saved yet, however long that takes; the dialog stays.
    driver.wait(Duration::from_secs(60));
    driver.tell(Msg::Edited(Ok(text.clone())));
    driver.shows("The text is unchanged");
    driver.keys("r");
    driver.tell(Msg::Edited(Ok(text.replace("45", "46"))));
    assert!(driver.open().is_none());
    assert_eq!(edits(&driver).count(), 1);
}

#[test]
fn a_text_that_was_read_and_left_alone_is_no_edit() {
    let mut driver = live((120, 40));
    driver.keys("<ctrl-e>");
    driver.now += Duration::from_secs(30);
    driver.tell(Msg::Edited(Ok(driver.opened[0].clone())));
    driver.shows("The text came back unchanged");
    assert!(driver.open().is_none() && edits(&driver).next().is_none());
}

#[test]
fn a_line_that_nobody_changes_is_no_edit_and_keeps_what_cannot_be_seen() {
    let odd = "the cook 👩\u{200d}🍳 makes soup ❤\u{fe0f} for 5\u{a0}€ می\u{200c}خواهم";
    let mut driver = live((120, 40));
    let edit = Edit::Replace { id: id("S1"), text: odd.to_owned() };
    event(&mut driver, Event::HumanEdited { edit });
    driver.keys("Gk");
    while here(&mut driver) != "S1" {
        driver.keys("k");
    }
    driver.keys("e<enter>");
    assert!(driver.open().is_none() && edits(&driver).next().is_none());
    driver.keys("e!<enter>");
    assert_eq!(last_edit(&driver), Edit::Replace { id: id("S1"), text: format!("{odd}!") });
    // In the whole plan too.
    driver.keys("<ctrl-e>");
    assert!(driver.opened[0].contains(odd));
}

#[test]
fn marks_tell_where_an_item_comes_from_and_what_is_wrong_with_it() {
    for size in SIZES {
        let mut driver = Driver::replay(fixture::pens(), size);
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
        assert!(driver.open().is_some(), "{keys}");
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

/// An engine whose model knows one plan and one edit.
fn engine(dir: &std::path::Path) -> Handle {
    let draft = "C1: boxes = 20\nC2: pens = 6\nC3: sold = 45\nS1 <- C1 C2: total = boxes * boxes\n\
                 S2 <- S1 C3: answer = total - sold";
    let replies = [("Improve the plan", " S1 <- C1 C2: total = boxes * pens"), ("", draft)];
    let problem = Problem::new("pens", "free", "How many pens are left of 20 boxes of 6 when 45 are sold?");
    let edits =
        EditWeights { replace: 1.0, tighten: 0.0, insert: 0.0, remove: 0.0, reorder: 0.0, depend: 0.0 };
    canned_engine(dir, problem, Settings { edits, ..one_proposal(3) }, &replies)
}

/// A run with its draft and score, paused before the first proposals.
async fn drafted(dir: &std::path::Path) -> Driver {
    let mut driver = Driver::of_engine(engine(dir), (120, 40));
    driver.settle().await;
    driver.keys("ss");
    driver.settle().await;
    assert!(driver.tui.model.session.state().timeline.len() == 1, "the draft has its score");
    driver
}

#[tokio::test]
async fn edits_reach_a_real_engine_and_are_undone_and_redone() {
    let dir = tempfile::tempdir().unwrap();
    let mut driver = drafted(dir.path()).await;
    driver.keys("jjje<backspace><backspace><backspace><backspace><backspace>pens<enter>");
    driver.shows("pending");
    driver.settle().await;
    driver.hides("pending");
    let text = |driver: &Driver| plan(driver).get(id("S1")).map(|item| item.text.clone());
    assert_eq!(text(&driver).as_deref(), Some("total = boxes * pens"));
    assert!(
        driver.tui.model.session.state().incumbent.as_ref().unwrap().score.is_some(),
        "it is scored at once"
    );
    driver.keys("z");
    driver.settle().await;
    assert_eq!(text(&driver).as_deref(), Some("total = boxes * boxes"));
    driver.keys("Z");
    driver.settle().await;
    assert_eq!(text(&driver).as_deref(), Some("total = boxes * pens"));
    driver.keys("Z");
    driver.settle().await;
    driver.shows("There is nothing undone to redo.");
    // The whole plan from an editor: typed edits, and the engine takes them.
    driver.keys("<ctrl-e>");
    let outside = driver.opened.last().unwrap().replace("C3: sold = 45\n", "").replace("S1 C3", "S1");
    driver.tell(Msg::Edited(Ok(outside.replace("total - sold", "total - 45"))));
    driver.settle().await;
    assert!(plan(&driver).get(id("C3")).is_none() && driver.tui.model.session.pending.is_empty());
    // Another kind is another id, and the engine agrees.
    driver.keys("gTi");
    driver.settle().await;
    assert_eq!(plan(&driver).items()[0].id, id("I1"));
    assert_eq!(plan(&driver).get(id("S1")).unwrap().deps, [id("I1"), id("C2")]);
}

#[tokio::test]
async fn a_refused_edit_is_not_pending_any_more() {
    let dir = tempfile::tempdir().unwrap();
    let mut driver = drafted(dir.path()).await;
    driver.keys("Gdy");
    driver.settle().await;
    // Taken from the file of a person who does not know that S2 was used before.
    driver.keys("<ctrl-e>");
    let text = format!("{}S2: more\n", driver.opened.last().unwrap());
    driver.tell(Msg::Edited(Ok(text)));
    driver.settle().await;
    driver.shows("S2 was used before");
    assert!(driver.tui.model.session.pending.is_empty() && plan(&driver).get(id("S2")).is_none());
}

#[tokio::test]
async fn a_person_rules_before_the_gate() {
    let dir = tempfile::tempdir().unwrap();
    let mut driver = drafted(dir.path()).await;
    driver.keys("2a");
    driver.shows("No candidate waits for a decision");
    driver.keys("in");
    driver.settle().await;
    driver.shows("intercept");
    assert!(driver.tui.model.session.state().deciding(), "the run is paused before the decision");
    snapshot("ruling", &mut driver);
    driver.keys("v");
    driver.settle().await;
    let ruled = |driver: &Driver| driver.tui.model.session.state().candidates[0].ruled;
    assert_eq!(ruled(&driver), Some(false));
    // Its text is typed again, and it is scored again.
    driver.keys("e");
    snapshot("candidate", &mut driver);
    driver.keys(" + 0<enter>");
    driver.settle().await;
    let view = &driver.tui.model.session.state().candidates[0];
    assert!(view.edited && view.view.as_ref().unwrap().score.is_some() && view.ruled.is_none());
    driver.keys("a");
    driver.settle().await;
    assert_eq!(ruled(&driver), Some(true));
    driver.keys("s");
    driver.settle().await;
    assert_eq!(plan(&driver).get(id("S1")).unwrap().text, "total = boxes * pens + 0");
    driver.keys("1gjjjw");
    driver.shows("Why S1");
    driver.shows("changed by");
    driver.keys("<esc>i");
    driver.settle().await;
    driver.hides(" intercept ");
}

#[tokio::test]
async fn noise_is_looked_at_before_it_is_injected() {
    let dir = tempfile::tempdir().unwrap();
    let mut driver = drafted(dir.path()).await;
    driver.keys("jx");
    driver.shows("only C2");
    driver.shows("+ C2: [mask]");
    driver.keys("jhhhjljl");
    driver.keys("<esc>x");
    // Numbers instead of masks, on the whole plan.
    driver.keys("lllll");
    driver.shows("jitter");
    driver.keys("kh");
    driver.shows("the whole plan");
    snapshot("noise", &mut driver);
    let before = plan(&driver).clone();
    driver.keys("<enter>");
    driver.settle().await;
    let state = driver.tui.model.session.state();
    assert_eq!(state.noise.injections.len(), 1);
    assert_ne!(plan(&driver).hash(), before.hash());
    driver.shows("≈");
    driver.keys("z");
    driver.settle().await;
    assert_eq!(plan(&driver).hash(), before.hash());
}

#[test]
fn why_tells_the_history_of_an_item_and_leads_there() {
    for size in SIZES {
        let mut driver = Driver::replay(fixture::pens(), size);
        driver.keys("jjjjw");
        snapshot("why", &mut driver);
    }
    let mut driver = Driver::replay(fixture::pens(), (120, 40));
    driver.keys(":why C2<enter>");
    driver.shows("Why C2");
    driver.keys("j<enter>");
    let at = driver.tui.model.session.replay.position();
    assert!(driver.open().is_none() && at < driver.tui.model.session.replay.len());
    assert!(matches!(driver.tui.model.session.replay.last_applied().unwrap().event, Event::Drafted { .. }));
    driver.keys(":why S9<enter>");
    driver.shows("No item of this session was ever called S9");
}

#[test]
fn a_fork_is_asked_for_and_then_left_to_the_program() {
    let mut driver = Driver::replay(fixture::pens(), (80, 24));
    driver.keys("B");
    driver.shows("The run is over at this point");
    driver.keys("NNB");
    snapshot("fork", &mut driver);
    let at = driver.tui.model.session.replay.position() as u64;
    driver.keys("nBy");
    assert_eq!(driver.forked, Some(at - 1));
}

#[test]
fn pasted_text_goes_where_something_is_typed_and_nowhere_else() {
    let mut driver = live((120, 40));
    driver.tell(Msg::Paste("q".to_owned()));
    assert!(!driver.left && driver.open().is_none());
    driver.keys(":");
    driver.tell(Msg::Paste("why\nC2".to_owned()));
    driver.keys("<enter>");
    driver.shows("Why C2");
}

#[test]
fn a_paste_that_is_too_long_is_refused_with_a_sentence_wherever_something_is_typed() {
    let long = "some words of a long text ".repeat(8_000);
    for keys in [":", "/", "<ctrl-p>"] {
        let mut driver = live((120, 40));
        driver.keys(keys);
        driver.tell(Msg::Paste(long.clone()));
        driver.shows("208000 characters");
        driver.tell(Msg::Paste("pace\nof".to_owned()));
        driver.shows("pace of");
        driver.hides("208000 characters");
    }
    let mut driver = live((120, 40));
    driver.keys("?");
    driver.tell(Msg::Paste(long));
    driver.shows("type to search:   ");
    driver.keys("<esc>");
    driver.shows("208000 characters");
}
