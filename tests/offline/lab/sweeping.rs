//! A sweep over known noise on the score, from the experiment's file to the report.

use lab::ResultRow;

use support::experiment::Bench;

const SWEEP: &str = r#"
name = "sweep"
problems = ["rows.jsonl#0..4"]
budgets = [{ meter = "generated", values = [400] }]
baseline = "best-draft"
arms = [
  "best-draft", "refine", "direct",
  { arm = "best-draft", name = "best-draft 0.1", set = { score_noise = { checker = { sigma = 0.1 } } } },
  { arm = "refine", name = "refine 0.1", set = { score_noise = { checker = { sigma = 0.1 } } } },
  { arm = "refine", name = "refine frozen", set = { score_noise = { checker = { sigma = 0.1, frozen = true } } } },
]

[settings]
surface = "items"
answer_tokens = 60
proposals = 2
proposers = { edit = 1.0, redraft = 0.0 }
gate = { rule = "greedy" }
scorers = { structure = 0.5, checker = 0.5, self_check = 0.0 }
"#;

#[test]
fn settings_alone_make_a_sweep() {
    let bench = Bench::new(SWEEP, 0);
    bench.finish("out", "0/1");
    let rows = bench.rows("out");
    let of = |arm: &str| -> ResultRow { rows.iter().find(|row| row.run.arm == arm).unwrap().clone() };
    for row in &rows {
        let noisy = row.run.arm.contains(' ');
        let sigma = if noisy { 0.05 } else { 0.0 };
        let found = row.scores.noise_sigma;
        match row.run.kind.as_str() {
            "direct" => assert_eq!((found, &row.scores.sweep, row.scores.step), (None, &None, None)),
            _ => assert!(
                (found.unwrap() - sigma).abs() < 1e-12,
                "half of the weight is the checker's: {found:?}"
            ),
        }
        let kind = noisy.then_some(if row.run.arm.contains("frozen") { "frozen" } else { "fresh" });
        assert_eq!(row.scores.noise_kind.as_deref(), kind, "{}", row.run.arm);
    }
    assert_eq!(of("refine").scores.sweep, of("refine 0.1").scores.sweep);
    assert_eq!(of("refine").scores.sweep, of("refine frozen").scores.sweep);
    assert_ne!(of("refine").scores.sweep, of("best-draft").scores.sweep);
    assert!(of("refine").scores.step.is_some_and(|step| step >= 0.0), "edits were scored");

    let json: serde_json::Value =
        serde_json::from_str(&bench.said(&["lab", "report", "out", "--format", "json"])).unwrap();
    let sweeps = json["sweeps"].as_array().unwrap();
    let kinds: Vec<&str> = sweeps.iter().map(|sweep| sweep["noise"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["fresh", "frozen"]);
    let points = sweeps[0]["points"].as_array().unwrap();
    assert_eq!(points.len(), 2);
    assert_eq!((&points[0]["arm"], &points[1]["arm"]), (&"refine".into(), &"refine 0.1".into()));
    assert_eq!(points[1]["best_of_n"], "best-draft 0.1", "the one under the same noise");
    assert_eq!(points[1]["contrast"]["problems"], 4);
    assert!(sweeps[1]["points"][1]["best_of_n"].is_null(), "no best-of-N has frozen noise");

    let said = "Not enough data to say at which fresh noise refine stops beating best-draft";
    for format in ["text", "md"] {
        let report = bench.said(&["lab", "report", "out", "--format", format]);
        assert!(report.split_whitespace().collect::<Vec<_>>().join(" ").contains(said), "{report}");
    }
    bench.said(&["lab", "report", "out", "--format", "html"]);
    let page = std::fs::read_to_string(bench.path("out/report.html")).unwrap();
    assert!(
        page.contains(said) && page.contains("<figcaption>fresh noise, 400 generated tokens</figcaption>")
    );
}
