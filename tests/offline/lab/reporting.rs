//! Reports as pages and tables, from the cells of a scripted experiment.

use std::{fs, process::Output};

use support::experiment::{Bench, SMALL};

fn failed(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_report_is_written_as_a_page_a_table_and_data() {
    let bench = Bench::new(SMALL, 0);
    bench.finish("out", "0/1");
    assert_eq!(bench.said(&["lab", "report", "out", "--format", "html"]), "out/report.html: 16 cells\n");
    let page = fs::read_to_string(bench.path("out/report.html")).unwrap();
    for row in bench.rows("out") {
        assert!(
            page.contains(&format!("planscope replay out/sessions/{}", row.run.cell)),
            "{}",
            row.run.cell
        );
    }
    assert!(page.contains("Not enough data to compare refine with direct"), "the verdict comes first");
    assert!(page.contains("It needs two seeds a problem; there is one."));
    items_are_counted(&bench, &page);

    let said = bench.said(&["lab", "report", "out", "--format", "parquet", "--out", "cells.parquet"]);
    assert_eq!(said, "cells.parquet: 16 cells\n");
    bench.said(&["lab", "report", "out", "--format", "parquet"]);
    assert_eq!(
        fs::read(bench.path("cells.parquet")).unwrap(),
        fs::read(bench.path("out/results.parquet")).unwrap(),
        "it is the table that lab collect makes"
    );
    bench.said(&["lab", "report", "out", "--format", "md", "--out", "report.md"]);
    let written = fs::read_to_string(bench.path("report.md")).unwrap();
    assert_eq!(written, bench.said(&["lab", "report", "out", "--format", "md"]));
}

/// The figures say what the sessions do: the script's answer cites S2 of four items.
fn items_are_counted(bench: &Bench, page: &str) {
    let json: serde_json::Value =
        serde_json::from_str(&bench.said(&["lab", "report", "out", "--format", "json"])).unwrap();
    let arms = json["sections"][0]["arms"].as_array().unwrap();
    let line = |name: &str| arms.iter().find(|line| line["arm"] == name).unwrap();
    for row in bench.rows("out") {
        let planned = ["refine", "coin-flip"].contains(&row.run.arm.as_str());
        assert_eq!(row.coverage.items_cited, planned.then_some(1), "{}", row.run.arm);
        assert_eq!(row.coverage.citations_dangling, planned.then_some(0));
        assert_eq!(row.coverage.items_checked.is_some(), planned);
        assert!(
            row.coverage.items_satisfied <= row.coverage.items_checked
                && row.coverage.satisfied_cited <= row.coverage.items_cited
        );
    }
    let refine = &line("refine")["faithfulness"];
    assert_eq!(refine["answers"], 4);
    let uncited = refine["uncited"]["value"].as_f64().unwrap();
    let items: u64 = bench
        .rows("out")
        .iter()
        .filter(|row| row.run.arm == "refine")
        .filter_map(|row| row.plan.plan_items)
        .sum();
    assert!((uncited - (items - 4) as f64 / items as f64).abs() < 1e-12);
    assert!(page.contains(&format!("{:.1} %", 100.0 * uncited)));
    assert_eq!(line("direct")["faithfulness"]["satisfied"]["why"], "No answer was written from a plan.");
    assert_eq!(line("refine")["stability"]["pairwise"]["status"], "missing");
}

#[test]
fn a_report_says_where_right_answers_are_lost() {
    let bench = Bench::new(SMALL, 0);
    bench.finish("out", "0/1");
    // The script's edit makes the plan right on the problem whose boxes are 20, and its answer is always 75.
    for row in bench.rows("out").iter().filter(|row| row.run.arm == "refine") {
        let stages = (row.plan.draft_right, row.plan.seen_right, row.plan.plan_right, row.answer.right);
        let is_right = row.answer.answer.as_deref() == Some("75") && row.answer.right == Some(true);
        let loss = row.plan.loss.as_deref();
        if is_right {
            assert!(stages.3 == Some(true) && loss.is_none(), "{row:?}");
        } else {
            assert_eq!(stages, (Some(false), Some(false), Some(false), Some(false)), "{row:?}");
            assert_eq!(loss, Some("drawing"));
        }
    }
    let said = bench.said(&["lab", "report", "out"]);
    let line = |from: &str| {
        let below = &said[said.find(from).expect("its table")..];
        let line = below.lines().find(|line| line.starts_with("refine")).expect("the arm");
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(line("a plan seen right")[1..3], ["4", "0"], "all are known");
    assert_eq!(line("lost in drawing")[1], "3", "{said}");
    let page = bench.said(&["lab", "report", "out", "--format", "md"]);
    assert!(page.contains("| arm (oracle) | lost in drawing | in choosing | in answering |"), "{page}");
    bench.said(&["lab", "report", "out", "--format", "html"]);
    let page = fs::read_to_string(bench.path("out/report.html")).unwrap();
    assert!(page.contains("Where right answers are lost (oracle)") && page.contains("end end-4"));
    let json: serde_json::Value =
        serde_json::from_str(&bench.said(&["lab", "report", "out", "--format", "json"])).unwrap();
    let arms = json["sections"][0]["arms"].as_array().unwrap();
    let losses = |name: &str| &arms.iter().find(|line| line["arm"] == name).unwrap()["losses"];
    assert_eq!(losses("refine")["known"], 4);
    assert_eq!((&losses("direct")["known"], &losses("direct")["unknown"]), (&0.into(), &4.into()));
}

#[test]
fn a_report_begins_with_the_hash_of_all_settings() {
    let bench = Bench::new(SMALL, 0);
    let checked = bench.said(&["lab", "check", "all.toml"]);
    let line = checked.lines().find(|line| line.starts_with("settings: blake3 ")).expect("a hash");
    bench.finish("out", "0/1");
    let said = bench.said(&["lab", "report", "out"]);
    assert_eq!(said.lines().next(), Some(format!("{line} (settings.json)").as_str()), "{said}");
    let text = fs::read(bench.path("out/settings.json")).unwrap();
    assert!(line.ends_with(&session::BlobId::of(&text).0), "the file is what was hashed");
    for (format, file) in [("md", "report.md"), ("html", "report.html"), ("json", "report.json")] {
        bench.said(&["lab", "report", "out", "--format", format, "--out", file]);
        let written = fs::read_to_string(bench.path(file)).unwrap();
        let hash = line.rsplit(' ').next().unwrap();
        assert!(written.find(hash) < written.find("refine") && written.contains(hash), "{format}");
    }
}

#[test]
fn a_report_says_what_accepted_edits_and_proposers_did() {
    let bench = Bench::new(SMALL, 0);
    bench.finish("out", "0/1");
    let refined: Vec<_> = bench.rows("out").into_iter().filter(|row| row.run.arm == "refine").collect();
    // The draft is wrong on all problems, and the script's edit makes it right on the one with 20 boxes.
    let sum = |of: fn(&lab::ResultRow) -> Option<u64>| refined.iter().filter_map(of).sum::<u64>();
    assert_eq!(
        (sum(|row| row.edits.edits_known), sum(|row| row.edits.edits_worse)),
        (sum(|row| row.edits.edits_accepted), 0)
    );
    let better = refined.iter().filter(|row| row.edits.edits_better == Some(1)).count();
    assert_eq!(better, refined.iter().filter(|row| row.plan.plan_right == Some(true)).count());
    assert!(
        refined.iter().all(|row| row.edits.proposers.iter().any(|one| one.name == "edit" && one.tried > 0))
    );
    let direct = bench.rows("out").into_iter().find(|row| row.run.arm == "direct").unwrap();
    assert_eq!((direct.edits.edits_accepted, direct.edits.proposers.len()), (None, 0), "nothing is refined");
    let said = bench.said(&["lab", "report", "out"]);
    assert!(said.contains("accepted edits") && said.contains("refine, edit"), "{said}");
    bench.said(&["lab", "report", "out", "--format", "html"]);
    let page = fs::read_to_string(bench.path("out/report.html")).unwrap();
    assert!(page.contains("Accepted edits (oracle)") && page.contains("tokens per improvement"));
}

#[test]
fn a_run_ends_with_the_stages_that_were_right() {
    let bench = Bench::new(SMALL, 0);
    let said = bench.said(&[
        "run",
        "rows.jsonl#1",
        "--sessions",
        "s",
        "--set",
        "iterations=1",
        "--set",
        "surface=items",
    ]);
    let end: Vec<&str> = said.lines().rev().take(3).collect();
    assert!(end[2].starts_with("oracle: draft ✗ → seen ") && end[1].starts_with("Session:"), "{said}");
    let said = bench.said(&[
        "run",
        "rows.jsonl#1",
        "--sessions",
        "s",
        "--set",
        "iterations=1",
        "--set",
        "surface=items",
        "--json",
    ]);
    let last: serde_json::Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!(last["oracle_stages"]["draft"], false);
}

#[test]
fn what_cannot_be_reported_is_told_in_a_sentence() {
    let bench = Bench::new(SMALL, 0);
    let report = |args: &[&str]| {
        let output = bench.command(&[&["lab", "report"], args].concat()).output().unwrap();
        failed(&output)
    };
    assert!(report(&["nowhere", "--format", "html"]).contains("there are no results in nowhere"));
    fs::create_dir_all(bench.path("empty/cells")).unwrap();
    for format in ["html", "parquet", "text"] {
        assert!(report(&["empty", "--format", format]).contains("there are no results in empty"));
    }
    assert!(!bench.path("empty/results.parquet").exists(), "nothing makes no table");

    bench.finish("out", "0/1");
    for format in ["html", "parquet"] {
        let said = report(&["out", "--format", format, "--out", "missing/report"]);
        assert!(said.contains("writing missing/report failed: No such file or directory"), "{said}");
        let said = report(&["out", "--format", format, "--out", "out/cells"]);
        assert!(said.contains("writing out/cells failed"), "{said}");
    }
    assert!(
        report(&["out", "--baseline", "refined"])
            .contains("the arms are coin-flip, direct, majority, refine")
    );
    let cell = fs::read_dir(bench.path("out/cells")).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(&cell).unwrap();
    fs::write(&cell, &whole[..whole.len() / 2]).unwrap();
    let said = report(&["out", "--format", "html"]);
    assert!(said.contains("cannot be read: EOF while parsing") && said.contains("remove the file"), "{said}");
    assert!(!bench.path("out/report.html").exists());
}

#[test]
fn what_was_run_is_kept_beside_the_results() {
    let bench = Bench::new(SMALL, 0);
    bench.finish("out", "1/2");
    assert_eq!(fs::read_to_string(bench.path("out/experiment.toml")).unwrap(), SMALL);
    let entries = fs::read_dir(bench.path("out")).unwrap().map(|entry| entry.unwrap().path());
    let manifest = entries.into_iter().find(|path| path.display().to_string().contains("manifest-1-of-2"));
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(manifest.unwrap()).unwrap()).unwrap();
    assert_eq!(manifest["settings"]["answer_tokens"], 60);
    assert_eq!(manifest["settings"]["mode"], "refine", "defaults are said too");
}
