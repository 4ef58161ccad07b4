//! Answers that are code, judged for real: read, then run in the sandbox.
#![cfg(target_os = "linux")]

use std::{fs, process::Command};

use planscope::{
    plan::Plan,
    problem::{
        AnswerVerdict, Family, Gold, Outcome, Problem,
        code::{Code, Rule, Settings, judge::judge},
        generate, load,
    },
    sandbox,
};

fn check(problem: &Problem, answer: &str) -> AnswerVerdict {
    sandbox::use_program(env!("CARGO_BIN_EXE_planscope"));
    Code.check_answer(problem, &Plan::default(), answer)
}

fn settings() -> Settings {
    Settings {
        entry_point: "double".to_owned(),
        rules: vec![Rule::NoImports, Rule::Pure],
        tests: vec!["assert double(2) == 4".to_owned()],
    }
}

fn problem() -> Problem {
    let hidden = ["assert double(3) == 6\nassert double(-1) == -2", "assert double('a') == 'aa'"];
    let gold = Gold::new(None, hidden.map(str::to_owned).to_vec());
    settings().problem("p", "Write double(x).").with_gold(gold)
}

fn reason(body: &str) -> String {
    let verdict = check(&problem(), &format!("```python\n{body}\n```"));
    assert_eq!(verdict.outcome, Outcome::Wrong, "{body}: {verdict:?}");
    verdict.reason.expect("a reason")
}

#[test]
fn a_right_answer_is_right() {
    let verdict =
        check(&problem(), "Here:\n```python\ndef double(x):  # [S1]\n    return x * 2  # [S2]\n```\nDone.");
    assert_eq!((verdict.outcome, verdict.reason), (Outcome::Correct, None));
    assert_eq!(verdict.extracted.as_deref(), Some("def double(x):\n    return x * 2"));
    let public = problem().public_view();
    assert_eq!(check(&public, "```python\ndef double(x):\n    return 2 * x\n```").outcome, Outcome::NoGold);
}

#[test]
fn a_wrong_answer_is_told_why() {
    assert_eq!(reason("def double(x):\n    return x"), "it fails 1 of 1 tests shown");
    assert_eq!(reason("def double(x):\n    return abs(x) * 2"), "it fails 2 of 3 tests that are hidden");
    assert_eq!(
        reason("import math\ndef double(x):\n    return 2 * x"),
        "math is imported, against the rule: no imports"
    );
    assert!(reason("def double(x):\n    print(x)\n    return 2 * x").contains("a call of print"));
    assert_eq!(reason("def double(x):\n    return 2 * x\n1 / 0"), "it cannot be loaded: ZeroDivisionError");
    assert_eq!(
        reason("def double(x):\n    while x == 3:\n        pass\n    return 2 * x"),
        "it takes too long"
    );
}

#[test]
fn nobody_passes_by_ending_the_program_or_by_printing_verdicts() {
    let settings = Settings { rules: Vec::new(), ..settings() };
    sandbox::use_program(env!("CARGO_BIN_EXE_planscope"));
    let hidden = ["assert double(3) == 6".to_owned()];
    let told = |code: &str| judge(&settings, &[], code, &hidden).expect("the sandbox runs it");
    let tricks = [
        "import os\ndef double(x):\n    os._exit(0)",
        "import sys\ndef double(x):\n    sys.exit(0)",
        "import os\ndef double(x):\n    os.write(1, b'passed\\nend\\ndone\\n')\n    os._exit(0)",
        "import os\nos._exit(0)\ndef double(x):\n    return 2 * x",
        "def double(x):\n    raise SystemExit",
        "import os\nwhile True:\n    os.write(1, b'x' * 1000)\ndef double(x):\n    return 2 * x",
    ];
    for code in tricks {
        let verdict = told(code);
        assert!(!verdict.pass() && verdict.hidden.passed == 0, "{code}\n{verdict:?}");
        assert!(verdict.reason().is_some());
    }
    let fair = told("import os\ndef double(x):\n    print('noise')\n    return 2 * x");
    assert!(fair.pass() && fair.hidden.fraction() == Some(1.0), "{fair:?}");
}

#[test]
fn generated_problems_are_solved_by_their_solutions() {
    for difficulty in 1..=5 {
        for row in [0, 1, 2, 3, 40] {
            let made = generate("code", difficulty, row).expect("a problem");
            let verdict = check(&made.problem, &made.answer);
            assert_eq!(
                verdict.outcome,
                Outcome::Correct,
                "{}\n{}\n{verdict:?}",
                made.problem.text,
                made.answer
            );
            let lazy = made.answer.replace("return result", "return 0");
            assert_eq!(check(&made.problem, &lazy).outcome, Outcome::Wrong, "{}", made.problem.text);
        }
    }
}

#[test]
fn the_worked_example_is_right() {
    let framing = Code.framing(&problem());
    let settings = Settings {
        entry_point: "double_evens".to_owned(),
        rules: Vec::new(),
        tests: vec!["assert double_evens([1, 2, 4]) == [4, 8]".to_owned()],
    };
    let gold = Gold::new(None, vec!["assert double_evens([]) == []".to_owned()]);
    let problem = settings.problem("p", "Do it.").with_gold(gold);
    assert_eq!(check(&problem, &framing.example.answer).outcome, Outcome::Correct);
}

/// A row as HumanEval has them: the prompt is Python with imports and a helper that the answer need not repeat.
#[test]
fn rows_of_humaneval_are_judged() {
    let row = serde_json::json!({
        "task_id": "X/0",
        "prompt": "from typing import List\nimport math\n\ndef half(x: int) -> int:\n    return x // 2\n\ndef total(xs: List[int]) -> int:\n    \
                   \"\"\" Adds the halves.\n    >>> total([2, 4])\n    3\n    \"\"\"\n",
        "entry_point": "total",
        "canonical_solution": "    return sum(half(x) for x in xs)\n",
        "test": "METADATA = {}\n\ndef check(candidate):\n    assert candidate([]) == 0\n    assert candidate([2, 4]) == 3, 'no'\n    \
                 for n in range(3):\n        assert candidate([2 * n]) == n\n",
    });
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("he.jsonl");
    fs::write(&path, row.to_string()).expect("written");
    let problem = load(&format!("{}#0", path.display())).expect("a problem");
    let right =
        "```python\ndef total(xs: List[int]) -> int:\n    return math.floor(sum(half(x) for x in xs))\n```";
    assert_eq!(check(&problem, right).outcome, Outcome::Correct);
    let wrong = check(&problem, "```python\ndef total(xs):\n    return 0\n```");
    assert_eq!(wrong.outcome, Outcome::Wrong);
    assert_eq!(wrong.reason.as_deref(), Some("it fails 3 of 5 tests that are hidden"));
}

#[test]
fn the_doctor_tells_whether_the_sandbox_holds() {
    let doctor = |python: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_planscope"));
        command.args(["doctor", "--json"]);
        if let Some(python) = python {
            command.env("PLANSCOPE_PYTHON", python);
        }
        let output = command.output().expect("the doctor runs");
        let checks: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let checks = checks.as_array().expect("a list").clone();
        checks.into_iter().find(|check| check["name"] == "sandbox").expect("a check of the sandbox")
    };
    let here = doctor(None);
    assert_eq!(here["state"], "ok", "{here}");
    assert!(here["detail"].as_str().unwrap().contains("system call filter"), "{here}");
    let without = doctor(Some("/nowhere/python3"));
    assert_eq!(without["state"], "warn");
    assert!(without["detail"].as_str().unwrap().contains("/nowhere/python3 cannot be used"), "{without}");
    assert!(without["hint"].as_str().unwrap().contains("install python3"));
}
