//! The commands of the screen: keys, the prompt, the palette, scripts, search and help, as a person
//! meets them.

use std::{collections::BTreeMap, fs, time::Duration};

use engine::{Command, Update};
use plan::{NoiseKind, NoiseSpec};
use problem::Problem;
use session::{Event, PauseCause, Phase, Record};
use tui::{commands::Pane, keymap::Keymap, msg::Msg, outside::read_script};

use super::{
    driver::{Driver, canned_engine, one_proposal},
    fixture,
};

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (120, 40);

fn replay(size: (u16, u16)) -> Driver {
    Driver::replay(fixture::pens(), size)
}

fn position(driver: &Driver) -> usize {
    driver.tui.model.session.replay.position()
}

/// A run that is paused after its first iteration.
fn live(size: (u16, u16)) -> Driver {
    let records = fixture::pens();
    let mut driver = Driver::live(size);
    let second = records
        .iter()
        .position(|record| matches!(record.event, Event::PhaseBegan { phase: Phase::Propose, iteration: 2 }));
    driver.events(&records[..second.unwrap()]);
    driver
}

#[test]
fn a_count_before_a_key_repeats_it() {
    let mut driver = replay(LARGE);
    driver.keys("<home>3n");
    assert_eq!(driver.tui.model.session.state().iteration, 1);
    assert_eq!(driver.tui.model.look.focus, Pane::Plan, "the focus went back");
    driver.keys("<home>12<right>");
    assert_eq!(position(&driver), 12);
    driver.keys("2S");
    let two_back = position(&driver);
    driver.keys("<home>12<right>SS");
    assert_eq!(position(&driver), two_back);
}

#[test]
fn a_digit_gives_the_focus_and_soon_stops_being_a_count() {
    let mut driver = replay(LARGE);
    driver.keys("6");
    assert_eq!(driver.tui.model.look.focus, Pane::Budget);
    driver.wait(Duration::from_secs(2));
    let end = position(&driver);
    driver.keys("<left>");
    assert_eq!(position(&driver), end - 1);
    driver.keys("2j");
    assert_eq!(driver.tui.model.look.focus, Pane::Proposal, "a digit before a key of the pane is the pane's");
}

#[test]
fn in_the_vim_profile_digits_only_count() {
    let mut driver = replay(LARGE);
    driver.tui.model.setup.keymap = Keymap::new("vim", &BTreeMap::new()).unwrap();
    driver.keys("2");
    assert!(driver.footer().contains("2 ×"), "{}", driver.footer());
    driver.keys("<left>");
    assert_eq!(driver.tui.model.look.focus, Pane::Plan);
    assert_eq!(position(&driver), driver.tui.model.session.replay.len() - 2);
    driver.keys("<alt-3>");
    assert_eq!(driver.tui.model.look.focus, Pane::Score);
}

#[test]
fn the_prompt_runs_commands_by_short_names() {
    let mut driver = replay(LARGE);
    driver.keys(":goto 12<enter>");
    assert_eq!(position(&driver), 12);
    driver.keys(":rev-st<enter>:iter 2<enter>");
    assert_eq!(driver.tui.model.session.state().iteration, 2);
    assert_eq!(driver.tui.model.session.state().timeline.len(), 3, "its end is shown");
    driver.keys(":2 rn<enter>");
    assert!(driver.tui.model.session.state().iteration < 2);
    driver.keys(":focus answer<enter>");
    assert_eq!(driver.tui.model.look.focus, Pane::Answer);
}

#[test]
fn the_prompt_shows_and_completes_what_could_come() {
    let mut driver = replay(SMALL);
    driver.keys(":rev");
    driver.shows("reverse-step");
    driver.shows("go back one phase");
    driver.keys("<tab><tab>");
    assert_eq!(driver.footer(), ":reverse-next");
    driver.keys("<backtab>");
    assert_eq!(driver.footer(), ":reverse-step");
    driver.keys("<esc>:theme <tab>");
    assert_eq!(driver.footer(), ":theme dark");
    driver.shows("theme NAME  change the colours");
    driver.keys("<esc>:item S");
    driver.shows("remaining = total - 45");
    driver.keys("<tab><tab><enter>");
    assert_eq!(driver.selected().trim_end(), "S2S2", "the item and where others name it");
    driver.hides(":item");
}

#[test]
fn the_prompt_says_what_is_wrong_and_remembers_what_was_typed() {
    let mut driver = replay(SMALL);
    driver.keys(":untli 5<enter>");
    driver.shows("There is no command \"untli\"; did you mean until?");
    assert_eq!(driver.footer(), ":untli 5", "it stays, to be corrected");
    driver.keys("<esc>:goto 9999<enter>");
    driver.shows("and no event 9999.");
    driver.keys("<esc>:<up>");
    assert_eq!(driver.footer(), ":goto 9999");
    driver.keys("<up>");
    assert_eq!(driver.footer(), ":untli 5");
    driver.keys("<down><down>");
    assert_eq!(driver.footer(), ":");
    driver.keys("g<up>");
    assert_eq!(driver.footer(), ":goto 9999");
    driver.keys("<esc>");
    driver.hides(":goto");
    assert!(!driver.left);
}

#[test]
fn the_palette_finds_by_letters_and_asks_for_what_is_missing() {
    let mut driver = replay(SMALL);
    driver.keys("<ctrl-p>");
    driver.shows("Commands");
    driver.keys("zoom<enter>");
    assert!(driver.tui.model.look.zoom);
    driver.keys("<ctrl-p>goto<enter>");
    assert_eq!(driver.footer(), ":goto");
    driver.keys("7<enter>");
    assert_eq!(position(&driver), 7);
    driver.keys("<ctrl-p>qqqq<enter>");
    driver.shows("No command has these letters");
    driver.keys("<esc>");
    driver.hides("Commands");
}

#[test]
fn the_way_back_and_bookmarks() {
    let mut driver = replay(LARGE);
    let end = position(&driver);
    driver.keys("N");
    let first = position(&driver);
    driver.keys("N");
    let second = position(&driver);
    driver.keys("[");
    assert_eq!(position(&driver), first);
    driver.keys("[[");
    assert_eq!(position(&driver), end);
    driver.shows("There is no position before this one.");
    driver.keys("2]");
    assert_eq!(position(&driver), second);
    driver.keys("m");
    assert!(
        driver.footer().contains("a letter or digit bookmark the current position"),
        "{}",
        driver.footer()
    );
    driver.keys("xG'x");
    assert_eq!(position(&driver), second);
    driver.keys("'y");
    driver.shows("There is no bookmark y; those set: x.");
}

#[test]
fn a_search_marks_and_scrolls_to_its_hits() {
    let mut driver = replay(SMALL);
    driver.keys("/tot");
    let marked = driver.selected();
    assert_eq!(marked.trim_end(), "tottot", "already while it is typed");
    driver.keys("al<enter>");
    driver.shows("\"total\" in the plan: 1 of 2.");
    driver.keys("*");
    driver.shows("\"total\" in the plan: 2 of 2.");
    driver.keys("#");
    driver.shows("1 of 2.");
    driver.keys("/zebra<enter>");
    driver.shows("Nothing in the plan has \"zebra\".");
    driver.keys("<esc><esc>");
    assert!(!driver.selected().contains("tot"));
}

#[test]
fn a_search_reaches_what_is_out_of_sight() {
    let mut driver = replay((60, 16));
    driver.keys("5/T1<enter>");
    let extent = driver.tui.model.extents.panes[Pane::Answer as usize];
    assert!(extent.max > 0, "the answer is longer than its pane");
    driver.keys("**");
    assert!(driver.selected().contains("T1"));
}

#[test]
fn help_shows_first_what_applies_and_is_searched_by_typing() {
    let mut driver = replay(SMALL);
    driver.keys("?");
    driver.shows("Here and now");
    driver.keys("bookmark");
    driver.shows("bookmark the current position");
    driver.hides("reverse-continue");
    driver.keys("<esc>");
    driver.shows("Here and now");
    driver.keys("<esc>");
    driver.hides("Here and now");
    driver.keys("??");
    driver.hides("Here and now");
}

#[test]
fn on_a_small_screen_no_help_is_cut() {
    let mut driver = replay(SMALL);
    driver.keys("?");
    let mut seen = String::new();
    for _ in 0..260 {
        seen.push_str(&driver.screen());
        driver.keys("<down>");
    }
    assert!(
        !seen.contains('…') || !seen.lines().any(|line| line.trim_end_matches(['│', ' ']).ends_with('…'))
    );
    for spec in tui::commands::all().filter(|spec| !spec.name.starts_with("focus-")) {
        let last = spec.doc.split_whitespace().next_back().unwrap();
        assert!(seen.contains(spec.name) && seen.contains(last), "{}", spec.name);
    }
}

#[test]
fn a_message_is_whole_and_then_makes_room_for_the_hints() {
    let mut driver = live(SMALL);
    driver.keys("N");
    let footer = driver.footer();
    assert!(footer.contains("You are viewing history") && footer.ends_with("returns to it."), "{footer}");
    driver.wait(Duration::from_secs(20));
    assert!(driver.footer().ends_with("q quit"), "{}", driver.footer());
}

#[test]
fn the_selected_text_goes_to_the_clipboard() {
    let mut driver = replay(LARGE);
    driver.keys("y5y");
    assert!(
        driver.copied[0].starts_with("G1: money") && driver.copied[0].contains("  S1 <- C1: total = 20 * 6")
    );
    assert!(driver.copied[1].ends_with("Answer: 225"));
    driver.keys("gg");
    driver.keys("y");
    driver.shows("There is nothing to copy here yet.");
}

#[test]
fn themes_and_settings_change_while_running() {
    let mut driver = replay(LARGE);
    driver.keys(":theme light<enter>");
    driver.shows("The theme is light.");
    driver.keys(":theme neon<enter>");
    driver.shows("there is no theme called \"neon\"");
    driver.keys(":set play-ms 100<enter><home>c");
    driver.wait(Duration::from_millis(1001));
    assert_eq!(position(&driver), 10);
    driver.keys(":set play-ms fast<enter>");
    driver.shows("play-ms is a number of milliseconds");
    driver.keys("<esc>:set keys vim<enter>2<left>:set colour red<enter>");
    driver.shows("There is no setting \"colour\"; there are keys and play-ms.");
}

#[test]
fn a_count_that_drives_waits_for_the_run_each_time() {
    let mut driver = live(LARGE);
    driver.keys("3s");
    assert_eq!(driver.sent, [Command::StepPhase]);
    let still = |taken| Msg::Update(Update::Still { taken });
    // What was reported before the command was taken does not count.
    driver.tell(still(0));
    driver.wait(Duration::from_millis(5));
    assert_eq!(driver.sent.len(), 1);
    driver.tell(still(1));
    driver.wait(Duration::from_millis(5));
    assert_eq!(driver.sent, [Command::StepPhase, Command::StepPhase]);
    driver.keys("<ctrl-c>");
    driver.tell(still(3));
    driver.wait(Duration::from_millis(5));
    assert_eq!(driver.sent[2..], [Command::Interrupt], "an interrupt ends the count");
}

#[test]
fn driving_words_reach_the_engine() {
    let mut driver = live(LARGE);
    driver.keys("f:u 5<enter>:cont<enter>:noise ma<tab> 0.5 7<enter>R3<enter>");
    let noise = Command::Noise(NoiseSpec::new(NoiseKind::Mask, 0.5, 7));
    let again = Command::Rescore { times: 3 };
    assert_eq!(driver.sent, [Command::Finish, Command::Until(5), Command::Continue, noise, again]);
    driver.keys("N:noise mask 1<enter>");
    driver.shows("An earlier moment is shown;");
}

#[test]
fn a_refusal_ends_a_script_and_a_hit_probe_a_count() {
    let dir = tempfile::tempdir().unwrap();
    let mut driver = live(LARGE);
    let still = |taken| Msg::Update(Update::Still { taken });
    driver.tell(still(0));
    script(&mut driver, dir.path(), "until 1\nnext\n").unwrap();
    driver.tell(Msg::Update(Update::Refused { reason: "Iteration 1 is already over.".into() }));
    driver.tell(still(1));
    driver.wait(Duration::from_millis(5));
    driver.shows("script.txt:1: Iteration 1 is already over.");
    assert_eq!(driver.sent, [Command::Until(1)]);
    driver.keys("3n");
    let seq = driver.tui.model.session.replay.len() as u64;
    let cause = Some(PauseCause::Probe { number: 1, text: "A probe was hit.".into() });
    driver.events(&[Record { seq, at_ms: 99_999, event: Event::Paused { paused: true, cause } }]);
    driver.tell(still(2));
    driver.wait(Duration::from_millis(5));
    assert_eq!(driver.sent.len(), 2);
}

fn script(driver: &mut Driver, dir: &std::path::Path, text: &str) -> Result<(), String> {
    let file = dir.join("script.txt");
    fs::write(&file, text).unwrap();
    driver.tui.model.queue.load(read_script(&file)?);
    driver.tui.model.queue.wait();
    driver.wait(Duration::from_millis(5));
    Ok(())
}

#[test]
fn a_script_travels_and_takes_pictures() {
    let dir = tempfile::tempdir().unwrap();
    let picture = dir.path().join("a.svg");
    let mut driver = replay(LARGE);
    let text = format!("# look\n\ngoto 12\nscreenshot {}\n3 step\nquit\n", picture.display());
    script(&mut driver, dir.path(), &text).unwrap();
    let svg = fs::read_to_string(picture).unwrap();
    assert!(svg.contains("REPLAY event 12 of"), "it shows the moment of its line");
    assert!(driver.left);
}

#[test]
fn a_script_ends_where_something_fails_and_says_where() {
    let dir = tempfile::tempdir().unwrap();
    let mut driver = replay(LARGE);
    script(&mut driver, dir.path(), "goto 12\ngoto 9999\ngoto 3\n").unwrap();
    assert_eq!(position(&driver), 12);
    driver.shows("script.txt:2: There are");
    let error = script(&mut driver, dir.path(), "goto 3\ngoto\n").unwrap_err();
    assert!(error.ends_with("script.txt:2: goto needs EVENT; write goto EVENT."), "{error}");
    driver.keys(&format!(":source {}<enter>", dir.path().join("none.txt").display()));
    driver.shows("none.txt cannot be read");
}

#[test]
fn a_script_in_a_script_comes_where_it_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("inner.txt");
    fs::write(&inner, "goto 5\nmark a\n").unwrap();
    let mut driver = replay(LARGE);
    script(&mut driver, dir.path(), &format!("source {}\ngoto 9\nmark b\n", inner.display())).unwrap();
    let marks: Vec<_> = driver.tui.model.moments.marks().collect();
    assert_eq!(marks, [('a', 5), ('b', 9)]);
}

/// An engine whose model says the same each time.
fn engine(dir: &std::path::Path) -> engine::Handle {
    let replies = [
        ("Improve the plan", " C1: boxes = 20"),
        ("", "C1: boxes = 20\nC2: pens = 6\nS1 <- C1 C2: total = boxes * pens"),
    ];
    let problem = Problem::new("pens", "free", "How many pens are in 20 boxes of 6?");
    canned_engine(dir, problem, one_proposal(6), &replies)
}

#[tokio::test]
async fn a_script_waits_for_a_real_engine() {
    let dir = tempfile::tempdir().unwrap();
    let mut driver = Driver::of_engine(engine(dir.path()), LARGE);
    let text = "step\nmark a\nnext\nmark b\nuntil 3\nmark c\nfinish\nmark d\ncontinue\n";
    script(&mut driver, dir.path(), text).unwrap();
    driver.settle().await;
    let drive =
        [Command::StepPhase, Command::NextIteration, Command::Until(3), Command::Finish, Command::Continue];
    assert_eq!(driver.sent, drive);
    assert!(driver.tui.model.session.engine().unwrap().over());
    let mut at = |letter: char| {
        driver.keys(&format!("'{letter}"));
        let state = driver.tui.model.session.state();
        (state.iteration, state.timeline.len(), state.answer.is_some())
    };
    assert_eq!(at('a'), (0, 0, false), "a draft without its score");
    assert_eq!(at('b').1, 1, "the draft has its score");
    assert_eq!(at('c'), (3, 4, false));
    assert_eq!(at('d'), (6, 7, false));
}

#[tokio::test]
async fn counts_and_keys_drive_a_real_engine() {
    let dir = tempfile::tempdir().unwrap();
    let mut driver = Driver::of_engine(engine(dir.path()), LARGE);
    driver.settle().await;
    driver.keys("3n");
    driver.settle().await;
    assert_eq!(driver.tui.model.session.state().timeline.len(), 3, "the draft and two iterations");
    driver.shows("PAUSED");
    driver.keys("f");
    driver.settle().await;
    assert!(
        driver.tui.model.session.state().refinement_stop.is_some()
            && driver.tui.model.session.state().answer.is_none()
    );
    driver.keys("c");
    driver.settle().await;
    assert!(driver.tui.model.session.state().answer.is_some());
}

#[tokio::test]
async fn chaos_comes_on_its_schedule_and_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let mut driver = Driver::of_engine(engine(dir.path()), LARGE);
    driver.settle().await;
    driver.keys(":chaos mask 0.9 1 2 7<enter>");
    driver.settle().await;
    driver.shows("Noise comes after every 1 iteration from now on, 2 times; H shows the recovery.");
    driver.keys("f");
    driver.settle().await;
    driver.shows("chaos 2/2");
    assert_eq!(
        driver.tui.model.session.state().noise.injections.iter().filter(|one| one.scheduled).count(),
        2
    );
    driver.keys("H");
    driver.shows("mean of 2");
    driver.keys("<esc>:chaos off<enter>");
    driver.settle().await;
    driver.hides("chaos 2/2");
}
