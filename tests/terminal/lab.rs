//! The list of cells in a terminal of its own, and the way from it to a run and back.

use std::fs;

use support::{
    experiment::{Bench, SMALL},
    terminal::{Session, Start},
};

/// The list of the cells in `out`, on a terminal of so many columns and rows.
fn open(bench: &Bench, out: &str, (columns, rows): (u16, u16)) -> Session {
    let out = bench.path(out);
    let args = ["lab", "open", out.to_str().unwrap()];
    Session::start(&Start { args: &args, columns, rows, rate: None, own_home: false })
}

#[test]
fn a_cell_is_looked_at_and_the_list_is_come_back_to() {
    let bench = Bench::new(SMALL, 0);
    bench.finish("out", "0/1");
    let first = bench.rows("out").into_iter().find(|row| row.run.arm == "refine").unwrap();
    let mut session = open(&bench, "out", (120, 32));
    session.shows("16 of 16 cells");
    session.press("refine");
    session.shows("4 of 16 cells");
    session.press("\r");
    session.shows("REPLAY event");
    // Which of the cells of the same problem this is stands in the list of sessions.
    session.press("\x14");
    session.shows(&format!("refine at {} generated", first.run.budget));
    // The last line of the frame: only then is what lies below the list covered.
    session.shows("^O compare");
    session.press("\x1b");
    session.shows("5 Answer");
    session.press("q");
    session.shows("4 of 16 cells");
    session.press("\x1b");
    session.shows("16 of 16 cells");
    session.press("\x1b");
    assert_eq!(session.end(), 0);
}

#[test]
fn a_run_that_is_gone_is_told_in_the_list() {
    let bench = Bench::new(SMALL, 0);
    bench.finish("out", "0/1");
    fs::remove_dir_all(bench.path("out/sessions")).unwrap();
    let mut session = open(&bench, "out", (100, 24));
    session.shows("16 of 16 cells");
    session.press("\r");
    session.shows("is not a session");
    session.press("\x03");
    assert_eq!(session.end(), 0);
}

#[test]
fn without_a_terminal_or_results_it_says_so() {
    let bench = Bench::new(SMALL, 0);
    let output = bench.command(&["lab", "open", "out"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("planscope lab report DIR compares the arms without a screen"), "{said}");
}
