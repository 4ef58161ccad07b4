//! A cell that fails is kept as failed, and the others continue.

use std::fs;

use support::experiment::{Bench, SMALL};

#[test]
fn cells_fail_by_themselves_and_are_run_again_when_asked() {
    let bench = Bench::new(SMALL, 0);
    let script = fs::read_to_string(bench.path("script.toml")).unwrap();
    // Without log-probabilities there is no self-check, which only refinement asks for.
    let cut = script.find("[[reply]]\nwhen = \"N/A\"").unwrap();
    fs::write(bench.path("script.toml"), &script[..cut]).unwrap();
    bench.finish("out", "0/1");
    let rows = bench.rows("out");
    assert_eq!(rows.len(), 16);
    for row in &rows {
        let refines = ["refine", "coin-flip"].contains(&row.run.arm.as_str());
        assert_eq!(row.record.failure.is_some(), refines, "{}", row.run.arm);
        assert_eq!(row.answer.right.is_none(), refines, "what failed in its calls is not judged");
        let why = row.record.failure.clone().unwrap_or_default();
        assert!(row.run.arm != "refine" || why.contains("no more logprobs"), "{why}");
        assert!(row.run.arm != "coin-flip" || why.contains("follows"), "{why}");
    }
    assert!(bench.said(&["lab", "report", "out"]).contains("refine, 4 failed"));
    let finished = |args: &[&str]| {
        let known = ["lab", "run", "all.toml", "--out", "out"];
        bench.said(&[&known[..], args].concat())
    };
    assert!(finished(&[]).contains("0 cells run, 16 finished before, 0 failed"));
    fs::write(bench.path("script.toml"), script).unwrap();
    assert!(finished(&["--retry"]).contains("8 cells run, 8 finished before, 0 failed"));
    assert!(bench.rows("out").iter().all(|row| row.record.failure.is_none()));
}

#[test]
fn results_of_an_older_version_are_made_anew_from_their_sessions() {
    let bench = Bench::new(SMALL, 0);
    bench.finish("out", "0/1");
    let rows = bench.rows("out");
    let answered = rows.iter().filter(|row| row.plan.plan_right.is_some()).count();
    assert!(answered > 0, "plans give values");
    for row in &rows {
        let path = bench.path("out").join("cells").join(format!("{}.json", row.run.cell));
        let mut old: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        for key in ["plan_right", "draft_right", "seen_right", "loss"] {
            old.as_object_mut().unwrap().remove(key).unwrap();
        }
        fs::write(path, old.to_string()).unwrap();
    }
    // One is not whole any more, and stays as it is.
    let torn = rows.iter().find(|row| row.plan.plan_right.is_some()).unwrap().clone();
    let events = bench.path("out").join(&torn.record.session).join("events.jsonl");
    let text = fs::read_to_string(&events).unwrap();
    fs::write(&events, &text[..text.len() / 2]).unwrap();
    let said = bench.said(&["lab", "reread", "all.toml", "--out", "out"]);
    let same = rows.len() - answered;
    let changed = answered - 1;
    assert!(
        said.contains(&format!("{changed} results changed, {same} the same, 1 left as they were")),
        "{said}"
    );
    let again: Vec<_> = bench.rows("out").into_iter().filter(|row| row.run.cell != torn.run.cell).collect();
    assert_eq!(again, rows.into_iter().filter(|row| row.run.cell != torn.run.cell).collect::<Vec<_>>());
}

#[test]
fn mistakes_in_an_experiment_are_told_with_a_hint() {
    let bench = Bench::new("name = 'x'\nproblems = ['pens']\narms = ['direkt']\n", 0);
    let output = bench.command(&["lab", "check", "all.toml"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("missing field `budgets`") && said.contains("docs/lab.md"), "{said}");
    let output = bench.command(&["lab", "report", "nowhere"]).output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("there are no results in nowhere"));
}
