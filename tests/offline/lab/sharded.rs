//! How an experiment is cut into parts changes nothing.

use engine::gate::coin_flip;
use session::Session;

use support::experiment::{ARMS, BUDGETS, Bench, PROBLEMS, WHOLE};

#[test]
fn three_shards_are_one() {
    let bench = Bench::new(WHOLE, 0);
    bench.finish("whole", "0/1");
    let children: Vec<_> = ["0/3", "1/3", "2/3"].map(|shard| bench.start("parts", shard)).into();
    for child in children {
        assert!(child.wait_with_output().unwrap().status.success());
    }
    let whole = bench.canonical("whole");
    assert_eq!(whole.len(), ARMS * BUDGETS * PROBLEMS);
    assert_eq!(bench.canonical("parts"), whole);
    let rows = bench.rows("whole");
    assert!(
        rows.iter().all(|row| row.record.failure.is_none()),
        "{:?}",
        rows.iter().find_map(|row| row.record.failure.clone())
    );
    assert!(
        rows.iter().all(|row| row.answer.right.is_some() && row.spent.share <= 1.0),
        "no budget is passed"
    );
    assert!(
        bench.path("whole/results.parquet").is_file() && bench.path("parts/results-1-of-3.parquet").is_file()
    );
    assert!(bench.said(&["lab", "collect", "parts", "--csv"]).contains("104 cells"));
    assert_eq!(std::fs::read_to_string(bench.path("parts/results.csv")).unwrap().lines().count(), 105);
    a_coin_flip_took_over_the_acceptance(&bench);
    every_session_replays(&bench);
    reports_say_what_came_of_it(&bench);
}

fn a_coin_flip_took_over_the_acceptance(bench: &Bench) {
    let rows = bench.rows("whole");
    for flipped in rows.iter().filter(|row| row.run.arm == "coin-flip") {
        let same = |row: &&lab::ResultRow| {
            row.run.arm == "refine"
                && row.run.problem == flipped.run.problem
                && row.run.budget == flipped.run.budget
        };
        let rate = rows.iter().find(same).unwrap().acceptance().unwrap_or(0.0);
        let session = Session::open(&bench.path("whole").join(&flipped.record.session)).unwrap();
        let state = session::State::replay(&session.records);
        assert_eq!(state.settings.gate, coin_flip::at(rate));
    }
}

fn every_session_replays(bench: &Bench) {
    for row in bench.rows("whole").iter().take(ARMS * BUDGETS) {
        bench.said(&["replay", "--check", &format!("whole/{}", row.record.session)]);
    }
}

fn reports_say_what_came_of_it(bench: &Bench) {
    let text = bench.said(&["lab", "report", "whole"]);
    assert!(text.contains("SCRIPT.TOML, 150 GENERATED PER PROBLEM"), "{text}");
    assert!(text.contains("Not enough data to compare refine with majority"), "{text}");
    let json: serde_json::Value =
        serde_json::from_str(&bench.said(&["lab", "report", "whole", "--format", "json"])).unwrap();
    let sections = json["sections"].as_array().unwrap();
    assert_eq!(sections.len(), BUDGETS);
    assert_eq!(sections[0]["arms"].as_array().unwrap().len(), ARMS);
    assert_eq!(sections[0]["arms"][0]["arm"], "majority", "the baseline comes first");
    let csv = bench.said(&["lab", "report", "whole", "--format", "csv", "--baseline", "direct"]);
    assert_eq!(csv.lines().count(), 1 + ARMS * BUDGETS);
    assert!(bench.said(&["lab", "report", "whole", "--format", "md"]).contains("| arm | right |"));
    let checked = bench.said(&["lab", "check", "all.toml"]);
    assert!(checked.starts_with("all: 104 cells (4 problems, 1 seed, 13 arms, 2 budgets)"), "{checked}");
}
