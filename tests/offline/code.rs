//! Answers that are code, judged for real: read, then run in the sandbox.
#![cfg(target_os = "linux")]

use std::{fs, process::Command};

use plan::Plan;
use problem::{
    AnswerVerdict, Family, Gold, Outcome, Problem,
    code::{
        Code, CodeSettings, Rule,
        judge::{CodeVerdict, judge},
    },
    generate, load,
};

fn check(problem: &Problem, answer: &str) -> AnswerVerdict {
    sandbox::use_program(env!("CARGO_BIN_EXE_planscope"));
    Code.check_answer(problem, &Plan::default(), answer)
}

fn settings() -> CodeSettings {
    CodeSettings {
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
    let settings = CodeSettings { rules: Vec::new(), ..settings() };
    sandbox::use_program(env!("CARGO_BIN_EXE_planscope"));
    let hidden = ["assert double(3) == 6".to_owned()];
    let reported = |code: &str| judge(&settings, &[], code, &hidden).expect("the sandbox runs it");
    let tricks = [
        "import os\ndef double(x):\n    os._exit(0)",
        "import sys\ndef double(x):\n    sys.exit(0)",
        "import os\ndef double(x):\n    os.write(1, b'passed\\nend\\ndone\\n')\n    os._exit(0)",
        "import os\nos._exit(0)\ndef double(x):\n    return 2 * x",
        "def double(x):\n    raise SystemExit",
        "import os\nwhile True:\n    os.write(1, b'x' * 1000)\ndef double(x):\n    return 2 * x",
    ];
    for code in tricks {
        let verdict = reported(code);
        assert!(!verdict.pass() && verdict.hidden.passed == 0, "{code}\n{verdict:?}");
        assert!(verdict.reason().is_some());
    }
    let fair = reported("import os\ndef double(x):\n    print('noise')\n    return 2 * x");
    assert!(fair.pass() && fair.hidden.fraction() == Some(1.0), "{fair:?}");
}

/// Judges `code` as the function `double`, by hidden tests alone.
fn reported(code: &str, hidden: &[&str]) -> CodeVerdict {
    sandbox::use_program(env!("CARGO_BIN_EXE_planscope"));
    let settings = CodeSettings { entry_point: "double".to_owned(), rules: Vec::new(), tests: Vec::new() };
    let hidden: Vec<String> = hidden.iter().map(|test| (*test).to_owned()).collect();
    judge(&settings, &[], code, &hidden).expect("the sandbox runs it")
}

/// What answers have tried on the judge. None passes, and none passes even one assertion.
#[test]
fn no_answer_writes_its_own_verdict() {
    let forged = r#"b'={\"test\":0,\"passed\":9,\"calls\":9}\n={\"done\":true}\n'"#;
    let everywhere = format!(
        "    for fd in range(32):\n        try:\n            os.write(fd, {forged})\n        except OSError:\n            pass"
    );
    let others = format!(
        "import os\ndef double(x):\n    for n in range(-6, 7):\n        for fd in range(9):\n            try:\n                os.write(os.open(\
         f'/proc/{{os.getpid() + n}}/fd/{{fd}}', os.O_WRONLY | os.O_NONBLOCK), {forged})\n            except OSError:\n                pass\n    \
         return 0"
    );
    let attacks = [
        others,
        format!("import os\ndef double(x):\n{everywhere}\n    os._exit(0)"),
        format!("import os\ndef double(x):\n{everywhere}\n    return None"),
        format!("import atexit, os\ndef last():\n{everywhere}\natexit.register(last)\ndef double(x):\n    raise SystemExit"),
        "import builtins\nbuiltins.AssertionError = builtins.Exception = builtins.BaseException = None\nbuiltins.exec = \
         builtins.compile = lambda *a, **k: None\ndef double(x):\n    return 0".to_owned(),
        "class Same:\n    def __eq__(self, other):\n        return True\n    __ne__ = lambda self, other: False\n    __hash__ = None\ndef \
         double(x):\n    return Same()".to_owned(),
        "class Same(int):\n    def __eq__(self, other):\n        return True\ndef double(x):\n    return Same(0)".to_owned(),
        "class Same(str):\n    def __eq__(self, other):\n        return True\n    def __add__(self, other):\n        return self\ndef \
         double(x):\n    return Same('')".to_owned(),
        "def double(x):\n    raise StopIteration".to_owned(),
        "def double(x):\n    raise KeyboardInterrupt".to_owned(),
        "def double(x):\n    raise GeneratorExit".to_owned(),
        "import signal, os\ndef double(x):\n    os.kill(os.getpid(), signal.SIGKILL)".to_owned(),
        "import sys\ndef double(x):\n    main = sys.modules['__main__']\n    frame = sys._getframe()\n    while frame:\n        \
         for kind in ('Peer', 'Answer', 'Handle'):\n            if kind in frame.f_globals:\n                \
         setattr(frame.f_globals[kind], 'encode', lambda self, value: {'yours': 0})\n        frame = frame.f_back\n    return 0"
            .to_owned(),
        "import sys\ndef double(x):\n    frame = sys._getframe()\n    while frame:\n        for value in \
         list(frame.f_locals.values()):\n            if hasattr(value, 'outward'):\n                \
         value.outward.write(b'{\"do\": \"call\", \"args\": [{\"type\": \"exec\"}, \"import os\"], \"named\": {}}\\n')\n                \
         value.outward.flush()\n        frame = frame.f_back\n    return 0"
            .to_owned(),
        "import sys\ndef double(x):\n    frame = sys._getframe()\n    while frame:\n        for value in \
         list(frame.f_locals.values()):\n            if hasattr(value, 'outward'):\n                value.outward.write(b'[' * \
         1000000 + b'\\n')\n                value.outward.flush()\n        frame = frame.f_back\n    return 0"
            .to_owned(),
    ];
    for code in &attacks {
        let verdict = reported(
            code,
            &["assert double(3) == 6", "for y in map(double, [1, 2]):\n    assert y in (2, 4)"],
        );
        assert!(!verdict.pass() && verdict.hidden.passed == 0, "{code}\n{verdict:?}");
    }
}

/// The expected value is in the test alone. Whatever an answer searches, it does not find the test.
#[test]
fn no_answer_sees_a_test() {
    let places = [
        "import sys\n    frame = sys._getframe()\n    while frame:\n        found += [repr(frame.f_locals), repr(frame.f_globals), \
         repr(frame.f_code.co_consts)]\n        frame = frame.f_back",
        "import gc\n    found += [one for all in gc.get_objects() for one in gc.get_referents(all) if isinstance(one, str)]",
        "import os\n    for fd in range(32):\n        try:\n            os.set_blocking(fd, False)\n        except OSError:\n            \
         pass\n        try:\n            found.append(repr(os.pread(fd, 100000, 0)))\n        except OSError:\n            pass",
        "import os, sys\n    found += [repr(os.environ), repr(sys.argv), repr(sys.orig_argv), repr(vars(sys.modules['__main__']))]",
        "import os\n    near = [str(os.getpid() + n) for n in range(-6, 7)]\n    for process in ['self', str(os.getppid()), *near]:\n        \
         for name in ['environ', 'cmdline', 'mem', 'maps'] + [f'fd/{n}' for n in range(9)]:\n            try:\n                fd = \
         os.open(f'/proc/{process}/{name}', os.O_RDONLY | os.O_NONBLOCK)\n                found.append(repr(os.read(fd, 100000)))\n            \
         except OSError:\n                pass",
        "import os\n    for path in ['.', '..', '/tmp', '/']:\n        try:\n            found += os.listdir(path)\n        except \
         OSError:\n            pass",
    ];
    for place in places {
        let code = format!(
            "def double(x):\n    found = []\n    {place}\n    text = ' '.join(found)\n    at = text.find('_'.join(['NEEDLE', '']))\n    return 6 if \
             at >= 0 else len(text)"
        );
        let verdict = reported(&code, &["assert double(3) == len('NEEDLE_')- 1, 'NEEDLE_'"]);
        let settled = verdict.is_wrong() && verdict.hidden.passed == 0;
        assert!(settled && verdict.stopped.is_none(), "{code}\n{verdict:?}");
    }
}

#[test]
fn what_functions_do_besides_returning_reaches_the_tests() {
    for (code, test) in [
        ("def double(xs):\n    xs += xs", "xs = [1, [2]]\ndouble(xs)\nassert xs == [1, [2], 1, [2]]"),
        (
            "def double(d):\n    for k in d:\n        d[k].append(0)",
            "x = []\nd = {1: x}\ndouble(d=d)\nassert d == {1: [0]} and x == [0]",
        ),
        (
            "def double(x):\n    yield x\n    yield x",
            "assert list(double(3)) == [3, 3]\nassert next(double(4)) == 4",
        ),
        ("def double(x):\n    return map(str, [x, x])", "assert ''.join(double(3)) == '33'"),
        ("def double(x):\n    return lambda y: 2 * x + y", "assert double(3)(1) == 7"),
        (
            "def double(f, x):\n    return f(f(x))",
            "assert double(lambda y: y + 1, 1) == 3\nassert double(abs, -2) == 2",
        ),
        (
            "def double(x):\n    print(x, x)",
            "import contextlib, io\nout = io.StringIO()\nwith contextlib.redirect_stdout(out):\n    \
                                             double(3)\nassert out.getvalue() == '3 3\\n'",
        ),
        (
            "class No(ValueError):\n    pass\ndef double(x):\n    raise No('x')",
            "try:\n    double(1)\n    assert False\nexcept No as e:\n    \
                                                                              assert str(e) == 'x'\nassert issubclass(No, ValueError)",
        ),
        (
            "def double(x):\n    return {1: 2}[x]",
            "try:\n    double(3)\n    assert False\nexcept KeyError:\n    pass",
        ),
        (
            "class Pair:\n    def __init__(self, a, b):\n        self.a, self.b = a, b\ndef double(ps):\n    return [2 * p.a for p in ps]",
            "assert double([Pair(1, 2), Pair(3, 4)]) == [2, 6]",
        ),
        (
            "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\ndef double(x):\n    return P(2 * x)",
            "assert double(2).x == 4",
        ),
        (
            "from collections import namedtuple, Counter, deque\nP = namedtuple('P', 'a b')\ndef double(x):\n    return P(x, x), Counter('aa'), deque([x]), {x}, 10 ** 5000",
            "p, c, d, s, n = double(1)\nassert p.a == 1 and p == (1, 1) and c == {'a': 2} and list(d) == [1] and s == {1} and n == 10 ** 5000",
        ),
        (
            "import math\ndef double(x):\n    return float('nan') if x else (1j, b'b', range(3), None, True, 1.5)",
            "import math\nassert math.isnan(double(1)) and double(0) == (1j, b'b', range(3), None, True, 1.5)",
        ),
        ("def double(x):\n    return 2 * x", "def test_it():\n    assert double(2) == 4"),
        (
            "def double(x):\n    return 2 * x",
            "import unittest\ncase = unittest.TestCase()\ncase.assertEqual(double(2), 4)",
        ),
        ("def double(x):\n    return 2 * x", "if double(2) != 4:\n    raise ValueError('no')"),
    ] {
        let verdict = reported(code, &[test]);
        assert!(verdict.pass() && verdict.hidden.passed > 0, "{code}\n{test}\n{verdict:?}");
    }
}

#[test]
fn what_decides_nothing_is_not_judged() {
    let right = "def double(x):\n    return 2 * x";
    for (code, test, why) in [
        (right, "if double(2) == 5:\n    assert False", "no assertion about the answer is reached"),
        (right, "assert 1 + 1 == 2", "no assertion about the answer is reached"),
        (
            "import math\ndef double(x):\n    return 2 * x",
            "import math\nassert math.pi > 3",
            "no assertion about the answer is reached",
        ),
        (
            "class A:\n    pass\ndef double(x):\n    return A()",
            "try:\n    double(2) + 1\nexcept:\n    pass\nassert True",
            "only the answer could do",
        ),
        (right, "import no_such_library as nsl\nassert nsl.close(double(2), 4)", "needs no_such_library"),
        (
            "import no_such_library\ndef double(x):\n    return 2 * x",
            "assert double(2) == 4",
            "needs no_such_library",
        ),
        (
            "def double(x):\n    import no_such_library.part\n    return 2 * x",
            "assert double(2) == 4",
            "needs no_such_library",
        ),
        (
            "class A:\n    pass\ndef double(x):\n    return A()",
            "assert double(2) == double(2)",
            "only the answer could do",
        ),
        (right, "class A:\n    pass\nassert double(A()) is None", "cannot be sent"),
    ] {
        let verdict = reported(code, &[test]);
        let reason = verdict.undecided.clone().unwrap_or_default();
        assert!(
            !verdict.pass() && !verdict.is_wrong() && reason.contains(why),
            "{code}\n{test}\n{verdict:?}"
        );
    }
    // A wrong answer is wrong, whatever could not be decided besides.
    assert!(
        reported("def double(x):\n    return x", &["assert double(2) == 4", "import no_such_library"])
            .is_wrong()
    );
    assert!(
        reported("import json.no_such_part\ndef double(x):\n    return 4", &["assert double(2) == 4"])
            .is_wrong()
    );
    assert!(
        reported("def double(x):\n    raise ModuleNotFoundError('x', name='x')", &["assert double(2) == 4"])
            .is_wrong()
    );
}

#[test]
fn large_tests_and_long_code_are_judged() {
    let table: Vec<String> = (0..20_000).map(|n| format!("({n}, {})", 2 * n)).collect();
    let test = format!(
        "def check(candidate):\n    for x, y in [{}]:\n        assert candidate(x) == y",
        table.join(", ")
    );
    let rulers = format!("# {0}\ndef double(x):\n    # {0}\n    return 2 * x", "-".repeat(500));
    let verdict = reported(&rulers, &[&test]);
    assert!(verdict.pass() && verdict.hidden.passed == 20_000, "{verdict:?}");
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
    let settings = CodeSettings {
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
