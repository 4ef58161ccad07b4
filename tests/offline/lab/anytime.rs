//! Results at smaller budgets that are read from the record of a longer run.

use lab::ResultRow;

use support::experiment::Bench;

const ANYTIME: &str = r#"
name = "anytime"
problems = ["rows.jsonl#0..4"]
arms = ["direct", "long", "majority", "program", "best-draft", "refine", "coin-flip"]
budgets = [{ meter = "generated", values = [45, 70, 120], anytime = true }]

[settings]
surface = "items"
proposals = 4
proposers = { edit = 1.0, redraft = 0.0 }
gate = { rule = "greedy" }
answers = { style = "evaluated" }
rescore = { top = 0 }
"#;

fn at<'a>(rows: &'a [ResultRow], arm: &str, budget: f64) -> Vec<&'a ResultRow> {
    let mut found: Vec<&ResultRow> =
        rows.iter().filter(|row| row.run.arm == arm && row.run.budget == budget).collect();
    found.sort_by(|a, b| a.run.problem.cmp(&b.run.problem));
    assert_eq!(found.len(), 4, "{arm} at {budget}");
    found
}

#[test]
fn smaller_budgets_are_read_from_the_longest_run_where_its_record_says_them() {
    let bench = Bench::new(ANYTIME, 0);
    bench.finish("out", "0/1");
    let rows = bench.rows("out");
    for (arm, reads) in [
        ("direct", true),
        ("majority", true),
        ("program", true),
        ("best-draft", true),
        ("refine", true),
        ("long", false),
        ("coin-flip", false),
    ] {
        for (short, long) in at(&rows, arm, 45.0).into_iter().zip(at(&rows, arm, 120.0)) {
            assert_eq!(short.record.read_from.as_ref() == Some(&long.run.cell), reads, "{short:?}");
            assert!(long.record.read_from.is_none() && short.spent.generated <= 45, "{short:?}");
            if reads {
                assert_eq!(short.record.session, long.record.session);
                assert!(
                    short.spent.generated <= long.spent.generated && short.spent.calls <= long.spent.calls,
                    "{short:?}"
                );
            }
        }
    }
    // 20 boxes of 6 pens: the draft of 24 tokens is wrong, and the script's edit makes it right once 60 are drawn.
    let stages = |budget| {
        let row = at(&rows, "refine", budget)[1];
        (
            row.spent.generated,
            row.plan.draft_right,
            row.plan.plan_right,
            row.answer.right,
            row.refinement.iterations,
        )
    };
    assert_eq!(stages(45.0), (45, Some(false), Some(false), Some(false), 0));
    assert_eq!(stages(70.0), (70, Some(false), Some(true), Some(true), 1));
    let moments = at(&rows, "refine", 120.0)[1].record.moments.as_ref().unwrap();
    let moments: Vec<_> = moments.iter().map(|moment| (moment.generated, moment.right)).collect();
    assert_eq!(moments, [(24, Some(false)), (60, Some(true))]);
    // Each answer without a plan has 14 tokens.
    let answers = |budget| at(&rows, "majority", budget)[1].answer.answers;
    assert_eq!([45.0, 70.0, 120.0].map(answers), [3, 5, 8]);
}

#[test]
fn what_is_read_is_what_a_run_of_its_own_gives_where_nothing_was_cut() {
    let bench = Bench::new(ANYTIME, 0);
    bench.finish("read", "0/1");
    std::fs::write(bench.path("all.toml"), ANYTIME.replace(", anytime = true", "")).unwrap();
    bench.finish("run", "0/1");
    let (read, run) = (bench.rows("read"), bench.rows("run"));
    for arm in ["direct", "program"] {
        for (read, run) in at(&read, arm, 45.0).into_iter().zip(at(&run, arm, 45.0)) {
            assert!(run.record.read_from.is_none());
            let mut same = run.canonical();
            same.run.cell.clone_from(&read.run.cell);
            same.record.session.clone_from(&read.record.session);
            same.record.read_from.clone_from(&read.record.read_from);
            assert_eq!(lab::canonical(&read.canonical()), lab::canonical(&same));
        }
    }
}

#[test]
fn what_was_read_is_read_again_and_is_not_run() {
    let bench = Bench::new(ANYTIME, 0);
    bench.finish("out", "0/1");
    let before = bench.canonical("out");
    let said = bench.said(&["lab", "reread", "all.toml", "--out", "out"]);
    assert!(said.contains("0 results changed, 84 the same"), "{said}");
    bench.finish("out", "0/1");
    assert_eq!(bench.canonical("out"), before);
    let said = bench.said(&["lab", "report", "out"]);
    assert!(said.contains("refine: 4 of 4 results were read from longer runs."), "{said}");
}

#[test]
fn a_pool_is_computed_from_the_same_runs() {
    let pooled = ANYTIME.replace("anytime = true", "anytime = true, pools = [60]");
    let bench = Bench::new(&pooled, 0);
    bench.finish("out", "0/1");
    let json: serde_json::Value =
        serde_json::from_str(&bench.said(&["lab", "report", "out", "--pool", "120", "--format", "json"]))
            .unwrap();
    let pools = json["pools"].as_array().unwrap();
    assert_eq!(pools.iter().map(|pool| pool["value"].as_f64().unwrap()).collect::<Vec<_>>(), [60.0, 120.0]);
    let line = |pool: usize, arm: &str| {
        let arms = pools[pool]["arms"].as_array().unwrap();
        arms.iter().find(|line| line["arm"] == arm).unwrap().clone()
    };
    let refine = line(0, "refine");
    assert_eq!((&refine["right"], &refine["mean"]), (&1.into(), &60.0.into()), "{refine}");
    assert_eq!(refine["shares"], serde_json::json!({"rule": "level", "tokens": 60.0, "cap": 120.0}));
    let direct = line(0, "direct");
    assert_eq!(direct["shares"], serde_json::json!({"rule": "cap", "cap": 120.0}), "14 tokens are within it");
    assert!(line(1, "refine")["shares"]["tokens"].is_null(), "all finish");
    let said = bench.said(&["lab", "report", "out"]);
    assert!(said.contains("A POOL OF 60 GENERATED TOKENS PER PROBLEM"), "{said}");
    let said = bench.said(&["lab", "report", "out", "--format", "md"]);
    assert!(said.contains("a pool of 60 generated tokens per problem\n\n| arm | right |"), "{said}");
    bench.said(&["lab", "report", "out", "--format", "html"]);
    let page = std::fs::read_to_string(bench.path("out/report.html")).unwrap();
    assert!(page.contains("<h2>Pooled budgets</h2>") && page.contains("60 of 120"));
}

#[test]
fn only_generated_tokens_can_be_read_off() {
    let fresh = ANYTIME.replace("meter = \"generated\"", "meter = \"fresh\"");
    let bench = Bench::new(&fresh, 0);
    let output = bench.command(&["lab", "check", "all.toml"]).output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("anytime reads a record by its generated tokens; set the meter generated"),
        "{said}"
    );
}
