//! Linear mode: paragraphs in place of the screen, stepped through at a terminal, printed elsewhere.

use std::{fs, path::Path, process::Command};

use support::terminal::{Session, Start};

const DINNER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/sessions/dinner");

fn start(args: &[&str]) -> Session {
    Session::start(&Start { args, columns: 100, rows: 32, rate: None, own_home: false })
}

/// The arguments of a run on a model that answers at once.
fn run(dir: &Path) -> Vec<String> {
    let model = dir.join("model.toml");
    fs::write(&model, "[[reply]]\ntext = \"The answer is 15.\"\nrepeat = true\n").expect("a script");
    let (model, sessions) = (model.display(), dir.join("sessions"));
    let line = format!(
        "debug pens --linear --no-cite --set mode=direct --backend scripted --model {model} --sessions {}",
        sessions.display()
    );
    line.split(' ').map(str::to_owned).collect()
}

/// Fails where anything was written that is not plain text: escape sequences, or characters of boxes.
fn assert_plain(written: &[u8]) {
    let text = std::str::from_utf8(written).expect("text");
    let odd = text.chars().find(|c| *c == '\u{1b}' || ('\u{2500}'..='\u{259f}').contains(c));
    assert_eq!(odd, None, "{text}");
}

#[test]
fn a_recorded_session_is_stepped_through_both_ways() {
    let mut session = start(&["replay", DINNER, "--linear"]);
    session.shows("Moment 1: the problem");
    session.shows("1 of 21>");
    session.press("\r");
    session.shows("Moment 2: load model");
    session.press("g 7\r");
    session.shows("Moment 7: iteration 1, decide");
    session.shows("  + S4 {refined}: dan = true");
    session.press("b\r");
    session.shows("Moment 6: iteration 1, score");
    session.press("g 22\r");
    session.shows("There is no moment 22; the last one so far is 21.");
    session.press("x\r");
    session.shows("There is no command \"x\".");
    session.press("g 20\rc\r");
    session.shows("judgement (oracle): correct");
    session.shows("Findings");
    session.shows("This is the last moment.");
    session.press("q\r");
    assert_eq!(session.end(), 0);
    assert_plain(&session.written);
}

#[test]
fn without_a_terminal_everything_is_printed() {
    let output = Command::new(env!("CARGO_BIN_EXE_planscope")).args(["replay", DINNER, "--linear"]).output();
    let output = output.expect("it runs");
    assert!(output.status.success());
    assert_plain(&output.stdout);
    let text = String::from_utf8(output.stdout).expect("text");
    let moments: Vec<&str> = text.lines().filter(|line| line.starts_with("Moment ")).collect();
    assert_eq!(moments.len(), 21, "{moments:?}");
    assert!(text.starts_with("Moment 1: the problem\nproblem dinner"), "{text}");
    assert!(text.contains("\n\nFindings\n"), "{text}");
}

#[test]
fn a_run_makes_its_next_moment_when_asked() {
    let dir = tempfile::tempdir().expect("a folder");
    let args = run(dir.path());
    let mut session = start(&args.iter().map(String::as_str).collect::<Vec<_>>());
    session.shows("Moment 1: the problem");
    session.shows("Moment 2: load model");
    session.shows("2 of 2>");
    session.press("\r");
    session.shows("Moment 3: answer");
    session.shows("Waiting for the model.");
    session.shows("answer: 15");
    session.shows("ended: answered");
    session.shows("Findings");
    session.shows("4 of 4>");
    session.press("b\r");
    session.shows("3 of 4>");
    session.press("c\r");
    session.shows("This is the last moment.");
    session.press("q\r");
    assert_eq!(session.end(), 0);
    session.shows("Open it again with: planscope replay");
    assert_plain(&session.written);
}

#[test]
fn a_run_without_a_terminal_does_not_wait() {
    let dir = tempfile::tempdir().expect("a folder");
    let output =
        Command::new(env!("CARGO_BIN_EXE_planscope")).args(run(dir.path())).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_plain(&output.stdout);
    let text = String::from_utf8(output.stdout).expect("text");
    let mut rest = text.as_str();
    for part in ["\n\nMoment 3: answer\nanswer: 15", "\n\nFindings\n", "\n\nSession: ", "planscope replay "] {
        let after = rest.split_once(part).map(|(_, after)| after);
        rest = after.unwrap_or_else(|| panic!("{part:?} does not follow in\n{text}"));
    }
    assert_eq!(rest.matches('\n').count(), 1, "nothing follows where the session is:\n{text}");
}
