//! Several runs in one folder, files of one name, and gold answers that are corrected.

use std::{fs, thread::sleep, time::Duration};

use session::{Outcome, Session, verify};

use support::experiment::{Bench, SMALL, finished};

/// Holds every result to its session: whole, answered, and the one that the result was made of.
fn every_result_is_of_its_session(bench: &Bench, out: &str) {
    for row in bench.rows(out) {
        let dir = bench.path(out).join(&row.record.session);
        assert_eq!(verify(&dir).unwrap().faults, [], "{}", row.run.cell);
        let session = Session::open(&dir).unwrap();
        let end = session.manifest.finished.map(|finished| finished.outcome);
        assert_eq!(end, Some(Outcome::Answered), "{}", row.run.cell);
        assert_eq!(
            session.records.last().unwrap().at_ms as f64 / 1e3,
            row.record.seconds,
            "{}",
            row.run.cell
        );
    }
}

#[test]
fn runs_at_once_in_one_folder_share_the_cells() {
    let bench = Bench::new(SMALL, 4);
    let children = ["0/1", "0/1", "1/2"].map(|shard| bench.start("out", shard));
    let mut run = 0;
    for child in children {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        run += said.lines().filter(|line| line.starts_with('[')).count();
    }
    assert_eq!(run, 16, "no cell is run twice");
    assert_eq!(fs::read_dir(bench.path("out/cells")).unwrap().count(), 16, "nothing unfinished is left");
    every_result_is_of_its_session(&bench, "out");
    bench.finish("alone", "0/1");
    assert_eq!(bench.canonical("out"), bench.canonical("alone"));
}

#[test]
fn what_a_killed_run_held_is_run_by_the_other() {
    let bench = Bench::new(SMALL, 4);
    let mut first = bench.start("out", "0/1");
    while finished(&bench.path("out")).is_empty() {
        sleep(Duration::from_millis(5));
    }
    let second = bench.start("out", "0/1");
    sleep(Duration::from_millis(300));
    first.kill().unwrap();
    first.wait().unwrap();
    let output = second.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(finished(&bench.path("out")).len(), 16);
    every_result_is_of_its_session(&bench, "out");
    let said = bench.said(&["lab", "reread", "all.toml", "--out", "out"]);
    assert!(said.contains("0 results changed, 16 the same"), "{said}");
}

#[test]
fn a_corrected_gold_answer_is_noticed_by_the_next_run_and_by_reread() {
    let bench = Bench::new(SMALL, 0);
    let rows = fs::read_to_string(bench.path("rows.jsonl")).unwrap();
    let correct =
        |gold: &str| fs::write(bench.path("rows.jsonl"), rows.replacen("#### 75", gold, 1)).unwrap();
    bench.finish("out", "0/1");
    let right = || bench.rows("out").iter().filter(|row| row.answer.right == Some(true)).count();
    assert_eq!(right(), 4, "all arms say 75, which is right of one problem");
    correct("#### 76");
    let output = bench.start("out", "0/1").wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let reported = said.lines().filter(|line| line.starts_with("judged again:")).count();
    assert!(
        reported == 4 && said.contains("\"75\" correct → \"75\" wrong (the gold answer was corrected)"),
        "{said}"
    );
    assert_eq!(right(), 0);
    let reread = || bench.said(&["lab", "reread", "all.toml", "--out", "out"]);
    assert!(reread().contains("0 results changed, 16 the same"));
    correct("#### 75");
    let said = reread();
    assert!(said.contains("\"75\" wrong → \"75\" correct (the gold answer was corrected)"), "{said}");
    assert!(said.starts_with("4 results with a changed value or verdict:\n"), "{said}");
    assert!(said.contains("4 results changed, 12 the same"), "{said}");
    assert_eq!(right(), 4);
}

#[test]
fn reread_leaves_a_result_alone_that_the_session_is_not_of() {
    let bench = Bench::new(SMALL, 0);
    bench.finish("out", "0/1");
    let row = bench.rows("out").remove(0);
    let path = bench.path("out").join("cells").join(format!("{}.json", row.run.cell));
    let mut other: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    other["seconds"] = 1234.5.into();
    other["right"] = (row.answer.right != Some(true)).into();
    fs::write(&path, other.to_string()).unwrap();
    let kept = fs::read(&path).unwrap();
    let said = bench.said(&["lab", "reread", "all.toml", "--out", "out"]);
    assert!(said.contains("0 results changed, 15 the same, 1 left as they were"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), kept);
}

#[test]
fn verdicts_of_an_older_version_are_listed_as_they_change() {
    let bench = Bench::new(SMALL, 0);
    bench.finish("out", "0/1");
    let row = bench.rows("out").into_iter().find(|row| row.answer.right == Some(true)).unwrap();
    let path = bench.path("out").join("cells").join(format!("{}.json", row.run.cell));
    let mut old: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let map = old.as_object_mut().unwrap();
    for key in ["gold_hash", "problem_hash"] {
        assert!(map.remove(key).is_some());
    }
    map["right"] = false.into();
    map["judgement"] = "wrong".into();
    map["answer"] = "7".into();
    fs::write(&path, old.to_string()).unwrap();
    let said = bench.said(&["lab", "reread", "all.toml", "--out", "out"]);
    let line = said.lines().nth(1).unwrap();
    assert!(
        line.contains("\"7\" wrong → \"75\" correct (this version reads the answer differently)"),
        "{line}"
    );
    assert!(
        line.contains(&row.run.arm)
            && line.contains(&row.run.problem)
            && line.ends_with(&format!("[{}]", row.run.cell))
    );
    assert!(said.contains("1 result changed, 15 the same"), "{said}");
}

#[test]
fn files_of_one_name_in_two_folders_hold_different_problems() {
    let text = "name = 'two'\nproblems = ['alpha/test.jsonl', 'beta/test.jsonl']\narms = ['direct', { arm = 'direct', name = 'again' }]\n\
                baseline = 'direct'\nbudgets = [{ meter = 'generated', values = [150] }]\n";
    let bench = Bench::new(text, 0);
    for (folder, gold) in [("alpha", 75), ("beta", 76)] {
        fs::create_dir(bench.path(folder)).unwrap();
        let rows =
            [1, 2].map(|n| format!("{{\"question\": \"{folder} {n}?\", \"answer\": \"#### {gold}\"}}\n"));
        fs::write(bench.path(folder).join("test.jsonl"), rows.concat()).unwrap();
    }
    bench.finish("out", "0/1");
    let report: serde_json::Value =
        serde_json::from_str(&bench.said(&["lab", "report", "out", "--format", "json"])).unwrap();
    for arm in report["sections"][0]["arms"].as_array().unwrap() {
        assert_eq!((arm["judged"].as_u64(), arm["right"].as_u64()), (Some(4), Some(2)), "{}", arm["arm"]);
    }
    assert_eq!(report["sections"][0]["arms"][1]["contrast"]["problems"], 4);
    let names: std::collections::BTreeSet<String> =
        bench.rows("out").into_iter().map(|row| row.run.problem).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(names, ["alpha/test#0", "alpha/test#1", "beta/test#0", "beta/test#1"]);
    // What was run of one of them alone is found again, and is the same problem.
    fs::write(bench.path("all.toml"), text.replace(", 'beta/test.jsonl'", "")).unwrap();
    bench.finish("grown", "0/1");
    assert!(bench.rows("grown").iter().all(|row| row.run.problem.starts_with("test#")));
    fs::write(bench.path("all.toml"), text).unwrap();
    let said = bench.said(&["lab", "run", "all.toml", "--out", "grown"]);
    assert!(said.contains("4 cells run, 4 finished before"), "{said}");
    assert!(bench.said(&["lab", "report", "grown", "--format", "json"]).contains("\"problems\": 4"));
}
