//! Groups of cells that run side by side.

use std::process::{Command, Output};

use support::experiment::{Bench, SMALL, WHOLE};

fn run(bench: &Bench, out: &str, parallel: &str) -> Output {
    bench.command(&["lab", "run", "all.toml", "--out", out, "--parallel", parallel]).output().unwrap()
}

#[test]
fn three_at_a_time_give_what_one_gives() {
    let bench = Bench::new(WHOLE, 0);
    for (out, parallel) in [("alone", "1"), ("together", "3")] {
        let output = run(&bench, out, parallel);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(bench.canonical("together"), bench.canonical("alone"));
    let again = run(&bench, "together", "2");
    let said = String::from_utf8(again.stdout).unwrap();
    assert!(said.contains("0 cells run, 104 finished before"), "{said}");
}

#[test]
fn a_budget_of_time_is_for_one_run_at_a_time() {
    let timed = SMALL.replace("meter = \"generated\", values = [150]", "meter = \"wall_s\", values = [2]");
    let bench = Bench::new(&timed, 0);
    let output = run(&bench, "out", "2");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("a budget of wall_s is not the same for all") && said.contains("--parallel 1"),
        "{said}"
    );
    assert!(!bench.path("out").exists());
    assert!(run(&bench, "out", "1").status.success());
}

#[test]
fn a_server_is_held_to_generated_tokens() {
    for meter in ["fresh", "flops", "wall_s"] {
        let other = SMALL.replace("meter = \"generated\"", &format!("meter = \"{meter}\""));
        let bench = Bench::new(&other, 0);
        // Nobody listens there; it is refused before anybody is asked.
        let mut command = Command::new(env!("CARGO_BIN_EXE_planscope"));
        command.current_dir(bench.path("")).args([
            "lab",
            "run",
            "all.toml",
            "--url",
            "http://127.0.0.1:9/v1",
        ]);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(&format!("a budget of {meter} is not the same for all")), "{said}");
    }
}
