use std::{collections::HashMap, io::Write};

use super::*;
use crate::{
    Gold,
    report::{Outcome, PlanReport, Satisfied, Severity},
    testing::plan,
};

/// Plans that solve the bundled problems; here, and not in the data, so that no prompt can hold them.
const REFERENCES: [(&str, &str); 12] = [
    ("dinner", "S1: ann = false\nS2: ben = true\nS3: cleo = false\nS4: dan = true\nS5: eva = false"),
    (
        "committee",
        "S1: ann = true\nS2: eva = true\nS3: ben = false\nS4: gus = true\nS5: cleo = true\nS6: finn = false\n\
         S7: dan = false",
    ),
    ("six", "S1: 47 - 41 = 6"),
    (
        "pens",
        "C1: boxes = 20\nC2: pens_per_box = 6\nC3: pens_sold = 45\nC4: price = 3\n\
         S1 <- C1 C2: pens = boxes * pens_per_box\nS2 <- S1 C3: pens_left = pens - pens_sold\n\
         S3 <- S2 C4: answer = pens_left * price",
    ),
    (
        "orchard",
        "C1: rows = 8\nC2: trees_per_row = 15\nC3: kilos_per_tree = 30\nC4: lost = 1/4\nC5: pressed = 1/3\n\
         S1 <- C1 C2 C3: kilos = rows * trees_per_row * kilos_per_tree\nS2 <- S1 C4: kept = kilos * (1 - lost)\n\
         S3 <- S2 C5: answer = kept - kept * pressed",
    ),
    (
        "choir",
        "C1: more_altos = 14\nC2: basses = 9\nC3: ill_altos = 5\nC4: guests_each = 3\nC5: guests_of_a_bass = 2\n\
         S1 <- C1 C2: altos = basses + more_altos\nS2 <- S1: sopranos = 2 * altos\n\
         S3 <- S1 C3: altos_there = altos - ill_altos\n\
         S4 <- S2 S3 C4: high_guests = (sopranos + altos_there) * guests_each\n\
         S5 <- S4 C2 C5: answer = high_guests + basses * guests_of_a_bass",
    ),
    (
        "ferry",
        "C1: minutes = 40\nC2: hours = 16\nC3: first = 75%\nC4: second = 50%\nC5: cars = 60\nC6: fare = 4\nC7: fuel = 90\n\
         S1 <- C1 C2: crossings = hours * 60 / minutes\nS2 <- S1: half = crossings / 2\n\
         S3 <- S2 C3 C4 C5: sold = half * cars * first + half * cars * second\n\
         S4 <- S3 C6 S1 C7: answer = sold * fare - crossings * fuel",
    ),
    (
        "print",
        "C1: new = 45\nC2: third = 1/3\nC3: pages = 2,550\nC4: together = 20\nS1 <- C1 C2: old = new * third\n\
         S2 <- C1 S1 C4: first_pages = (new + old) * together\nS3 <- C3 S2: pages_left = pages - first_pages\n\
         S4 <- S3 C1 C4: answer = together + pages_left / new",
    ),
    (
        "paint",
        "C1: long = 12 metres\nC2: wide = 8 metres\nC3: high = 350 centimetres\nC4: coats = 2\nC5: windows = 1/10\n\
         C6: per_litre = 7\nC7: litres_per_tin = 4\nC8: tin_price = 30\nC9: off = 20%\n\
         S1 <- C1 C2 C3: walls = 2 * (long + wide) * high / 100\nS2 <- S1 C5: painted = walls - walls * windows\n\
         S3 <- S2 C4 C6 C7: tins = painted * coats / per_litre / litres_per_tin\n\
         S4 <- S3 C8 C9: answer = tins * tin_price * (1 - off)",
    ),
    (
        "move",
        "T1: find_customer(name=\"Omar Haddad\")\nT2: find_product(name=\"teapot\")\n\
         T3 <- T1 T2: find_order(customer=T1.id, product=T2.id)\n\
         T4 <- T1: update_address(customer=T1.id, address=\"12 Quay Street\")\n\
         T5 <- T3 T4: ship_order(order=T3.id, address=T4.address)",
    ),
    (
        "kettle",
        "T1: find_customer(name=\"Lena Fischer\")\nT2: find_product(name=\"kettle\")\n\
         T3 <- T1 T2: find_order(customer=T1.id, product=T2.id)\nT4 <- T3: accept_return(order=T3.id)\n\
         T5 <- T4: refund_order(order=T4.id)\nT6 <- T1: send_message(customer=T1.id, text=\"Your money is on its way.\")\n\
         T7 <- T1: find_ticket(customer=T1.id)\nT8 <- T7 T6: close_ticket(ticket=T7.id)",
    ),
    (
        "lamp",
        "T1: find_customer(name=\"Iris Okafor\")\nT2: find_customer(name=\"Tomas Novak\")\n\
         T3: find_product(name=\"desk lamp\")\nT4 <- T1 T3: find_order(customer=T1.id, product=T3.id)\n\
         T5 <- T4: cancel_order(order=T4.id)\nT6 <- T5: refund_order(order=T5.id)\n\
         T7 <- T2 T3: place_order(customer=T2.id, product=T3.id, quantity=1)\n\
         T8 <- T7 T2: ship_order(order=T7.id, address=T2.address)\n\
         T9 <- T1: send_message(customer=T1.id, text=\"Your money is on its way.\")\n\
         T10 <- T2: send_message(customer=T2.id, text=\"Your lamp is on its way.\")",
    ),
];

fn bundled(id: &str) -> Problem {
    load(id).unwrap_or_else(|error| panic!("{error}"))
}

/// Checks a plan and answers with what it derives; returns the report and whether the oracle agrees.
fn judge(id: &str, lines: &str) -> (PlanReport, Outcome) {
    let (problem, plan) = (bundled(id), plan(lines));
    let report = problem.family().check_plan(&problem, &plan);
    let answer = report.derived.clone().unwrap_or_default();
    let blind = problem.family().check_plan(&problem.public_view(), &plan);
    assert_eq!(report, blind, "{id}: the checker must not see the gold");
    let verdict = problem.family().check_answer(&problem, &plan, &answer);
    (report, verdict.outcome)
}

#[test]
fn each_bundled_problem_is_solved_by_its_reference() {
    let problems = own::read_toml("bundled", BUNDLED).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(problems.len(), 13);
    let checked: Vec<_> = problems.iter().filter(|problem| problem.family != "free").collect();
    assert!(checked.is_sorted_by_key(|problem| problem.difficulty));
    let references: HashMap<_, _> = REFERENCES.into_iter().collect();
    for problem in checked {
        let (report, outcome) = judge(&problem.id, references[problem.id.as_str()]);
        assert_eq!(report.at_least(Severity::Error).collect::<Vec<_>>(), [] as [&_; 0], "{}", problem.id);
        assert_eq!(outcome, Outcome::Correct, "{}", problem.id);
        assert!(report.items.iter().all(|item| item.status == Satisfied::Satisfied), "{}", problem.id);
        let by_rules = ["boolean", "countdown"].contains(&problem.family.as_str());
        let says_all = !problem.visible_goal.is_empty() || by_rules;
        let exact = says_all.then_some(true);
        assert_eq!(report.exact_pass, exact, "{}", problem.id);
    }
}

#[test]
fn the_traps_of_bundled_problems_are_traps() {
    let wrong = |id: &str, from: &str, to: &str| {
        let lines = REFERENCES.iter().find(|(name, _)| *name == id).unwrap().1;
        assert!(lines.contains(from), "{id}: {from}");
        let (report, outcome) = judge(id, &lines.replace(from, to));
        assert_eq!(outcome, Outcome::Wrong, "{id}: {to}");
        report.at_least(Severity::Error).count()
    };
    assert_eq!(wrong("orchard", "kept - kept * pressed", "kilos * (1 - lost - pressed)"), 0);
    assert_eq!(wrong("choir", "sopranos = 2 * altos", "sopranos = 2 * basses"), 0);
    assert_eq!(wrong("ferry", "crossings * fuel", "fuel"), 0);
    assert_eq!(wrong("print", "answer = together + pages_left", "answer = pages_left"), 0);
    assert_eq!(wrong("paint", "high / 100", "high"), 0);
    assert_eq!(wrong("kettle", "accept_return", "get_order"), 1, "a refund needs a return");
    assert_eq!(wrong("lamp", "T5 <- T4: cancel_order", "T5 <- T4: get_order"), 1, "the lamp is not free");
    assert_eq!(wrong("move", "address=T4.address", "address=T1.address"), 1, "the goal is shown");
}

#[test]
fn the_public_view_of_bundled_problems_holds_no_hidden_goal() {
    for problem in list_bundled() {
        let json = serde_json::to_string(&problem).unwrap();
        assert_eq!(json.contains("SELECT"), problem.id == "move", "{}", problem.id);
        let framing = problem.family().framing(&problem);
        assert_eq!(framing, problem.family().framing(&problem.public_view()));
    }
}

fn file(name: &str, bytes: impl AsRef<[u8]>) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    File::create(&path).unwrap().write_all(bytes.as_ref()).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (dir, path)
}

/// Returns the error of loading `suffix` of a file with these bytes, without its directory.
fn error(name: &str, suffix: &str, bytes: impl AsRef<[u8]>) -> String {
    let (dir, path) = file(name, bytes);
    let text = load(&(path + suffix)).expect_err("an error").to_string();
    text.replace(&format!("{}/", dir.path().display()), "")
}

const ROWS: &str = "{\"question\": \"2 bags hold 600 nuts each. How many nuts?\", \"answer\": \"2*600=1200\\n#### 1,200\"}\n\n\
                    {\"question\": \"How much is 1 + 1?\", \"answer\": \"#### 2\", \"extra\": [1]}\n";

#[test]
fn rows_are_read_as_they_are() {
    let (_dir, path) = file("nuts.jsonl", ROWS);
    let problem = load(&format!("{path}#0")).unwrap();
    assert_eq!((problem.id.as_str(), problem.family.as_str()), ("nuts#0", "math"));
    assert_eq!(problem.oracle().and_then(Gold::answer), Some("1,200"));
    let outcome = |answer: &str| problem.family().check_answer(&problem, &plan(""), answer).outcome;
    assert_eq!(outcome("The answer is 1200."), Outcome::Correct);
    let ids = |suffix: &str| {
        let set = load_set(&format!("{path}{suffix}")).unwrap();
        set.into_iter().map(|problem| problem.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(""), ["nuts#0", "nuts#1"]);
    assert_eq!(ids("#1..2"), ["nuts#1"]);
    let own = "{\"family\": \"free\", \"text\": \"Write.\", \"title\": \"T\"}";
    let (_dir, path) = file("own.jsonl", own);
    assert_eq!(load(&path).unwrap().title, "T");
}

#[test]
fn broken_rows_are_told_by_line() {
    assert_eq!(
        error("a.jsonl", "#2", ROWS),
        "a.jsonl has 2 rows, so there is no row 2; rows are counted from 0"
    );
    assert_eq!(
        error("a.jsonl", "#1..9", ROWS),
        "a.jsonl has 2 rows, so there is no row 2; rows are counted from 0"
    );
    assert_eq!(error("a.jsonl", "", ROWS), "a.jsonl has several problems; choose one, such as a.jsonl#0");
    assert!(error("a.jsonl", "#-1", ROWS).contains("a row is a number from 0"));
    assert!(error("a.jsonl", "#99999999999999999999", ROWS).contains("a row is a number"));
    assert!(
        error("a.jsonl", "#2", format!("{ROWS}{{\"question\": 3}}"))
            .contains("problem a#2: its question is a number where a text is due")
    );
    assert!(
        error("a.jsonl", "#2", format!("{ROWS}{{\"question\": 3]")).starts_with("a.jsonl, line 4, column 15")
    );
    assert!(error("a.jsonl", "#0", "{\"question\": \"?\"}").contains("it has no answer to compare with"));
    assert!(
        error("a.jsonl", "#0", "{\"question\": \"?\", \"answer\": \"many\"}").contains("#### and a number")
    );
    assert!(error("a.jsonl", "#0", "[1]").starts_with("a.jsonl, line 1, column"));
    assert!(error("a.jsonl", "#0", "[".repeat(100_000)).starts_with("a.jsonl, line 1, column"));
    assert_eq!(
        error("a.jsonl", "#0", b"{\"question\": \"\xff\"}"),
        "a.jsonl, line 1, column 15: this is not UTF-8 text; convert the file to UTF-8"
    );
    assert!(
        error("a.jsonl", "#0", vec![b' '; 2 << 20]).starts_with("line 1 of a.jsonl is larger than 1024 KiB")
    );
    assert!(error("a.jsonl", "#0", "").contains("has 0 rows"));
}

#[test]
fn toml_files_hold_one_problem_or_several() {
    let (_dir, path) = file("one.toml", "family = \"math\"\ntext = \"How much is 1 + 1?\"\ngold = 2.5");
    assert_eq!(load(&path).unwrap().id, "one");
    let two = "[[problem]]\nid = \"a\"\nfamily = \"free\"\ntext = \"A.\"\n[[problem]]\nid = \"b\"\nfamily = \"free\"\ntext = \"B.\"\n";
    let (_dir, path) = file("two.toml", two);
    assert_eq!(load(&format!("{path}#b")).unwrap().text, "B.");
    assert_eq!(error("t.toml", "", two), "t.toml has several problems; choose one, such as t.toml#a");
    assert_eq!(error("t.toml", "#c", two), "t.toml has no problem c; its problems are a, b");
    assert!(error("t.toml", "", two.replace("\"b\"", "\"a\"")).contains("the same id"));
    assert!(
        error("t.toml", "", "family = \"math\"\ntext = \"x\"\ncolour = 1")
            .starts_with("t.toml, line 3, column 1: unknown field `colour`")
    );
    assert!(error("t.toml", "", "family = \"math\"").contains("missing field `text`"));
    assert!(error("t.toml", "", "family = \"math\ntext = 1").starts_with("t.toml, line 1, column"));
    assert!(
        error("t.toml", "", "family = \"maths\"\ntext = \"x\"")
            .contains("the families are math, chain, countdown")
    );
    assert!(
        error("t.toml", "", "family = \"math\"\ntext = \"x\"\ngold = \"many\"").contains("must be a number")
    );
    assert!(
        error("t.toml", "", "family = \"math\"\ntext = \"x\"\ngold = [1]").contains("a text or a number")
    );
    assert!(error("t.toml", "", "family = \"math\"\ntext = \"x\"\ndifficulty = 9").contains("from 1 to 5"));
    assert!(
        error("t.toml", "", "family = \"free\"\ntext = \"a\\u001b[2J\"")
            .contains("U+001B (escape) in line 1")
    );
    let tools = "family = \"tools\"\ntext = \"x\"\ngoal = [\"DROP TABLE orders\"]";
    assert!(error("t.toml", "", tools).contains("starts with SELECT"));
    assert!(
        error("t.toml", "", tools.replace("DROP TABLE orders", "SELECT 1"))
            .contains("before anything is done")
    );
    assert!(error("t.toml", "", "problem = []").contains("the file or the range is empty"));
    assert!(error("t.toml", "", vec![b'#'; 5 << 20]).contains("larger than 4096 KiB"));
}

#[test]
fn other_files_are_free_text() {
    let (_dir, path) = file("task.md", "\u{feff}Write a poem.\r\nShort.\n");
    let problem = load(&path).unwrap();
    assert_eq!(
        (problem.text.as_str(), problem.title.as_str()),
        ("Write a poem.\nShort.", "Write a poem. Short.")
    );
    assert_eq!((problem.family.as_str(), problem.id.as_str()), ("free", "task"));
    assert!(error("t.txt", "", "").contains("the text is empty"));
    assert!(
        error("t.txt", "", "ok\nab\u{7}\n")
            .contains("the text has the character U+0007 (bell) in line 2, column 3")
    );
    assert!(error("t.txt", "", b"ok\nab\xff").starts_with("t.txt, line 2, column 3: this is not UTF-8"));
    assert!(error("t.txt", "", vec![b'a'; 100 << 10]).contains("larger than 64 KiB"));
    let missing = load("no-such-thing").expect_err("an error").to_string();
    assert!(missing.contains("the bundled problems are dinner, pens"), "{missing}");
    assert!(load(".").expect_err("an error").to_string().contains("it is a folder"));
}

#[test]
fn a_gold_answer_reaches_no_prompt_whatever_its_file_is_called() {
    for name in ["a.jsonl", "a.ndjson", "A.JSONL", "a.NdJson", "a.jsonlines", "a.json"] {
        let (_dir, path) = file(name, ROWS);
        let problems = load_set(&path).unwrap();
        let texts: Vec<&str> = problems.iter().map(|problem| problem.text.as_str()).collect();
        assert_eq!(texts, ["2 bags hold 600 nuts each. How many nuts?", "How much is 1 + 1?"], "{name}");
        assert_eq!(load(&problems[1].reference().unwrap()).unwrap(), problems[1], "{name}");
    }
    for name in
        ["a.jsonl.bak", "a.jsonl~", "a.data", "a.json5", "a.jsonl.zst", "a.xz", "a.zip", "a.tar", "a.yaml"]
    {
        let said = error(name, "", ROWS);
        assert!(said.starts_with(&format!("{name} is not read: ")), "{said}");
        assert!(error(name, "#0", ROWS).starts_with(&format!("{name} is not read: ")));
    }
    assert!(error("a.zst", "", ROWS).contains("zstd -d") && error("a.bak", "", ROWS).contains("gsm8k:FILE"));
    for name in ["a.txt", "a.md", "rows"] {
        let said = error(name, "", ROWS);
        assert!(said.contains("it is rows of JSON and no task in words"), "{said}");
    }
    assert!(error("a.txt", "", "question,answer\nHow many?,3\n").contains("it is a table"));
    assert!(error("a.txt", "#3", "How many?").contains("it is one problem"));
    let typed = free_text("stdin", ROWS.as_bytes()).unwrap_err().to_string();
    assert!(typed.contains("stdin is not read: it is rows of JSON"), "{typed}");
}

#[test]
fn what_a_file_holds_counts_where_its_name_is_wrong() {
    let packed = {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(ROWS.as_bytes()).unwrap();
        packed.finish().unwrap()
    };
    for name in ["a.jsonl", "a.jsonl.gz", "a.ndjson", "A.JSONL.GZ"] {
        let (_dir, path) = file(name, &packed);
        assert_eq!(load_set(&path).unwrap().len(), 2, "{name}");
    }
    assert!(error("a.txt", "", &packed).contains("unpack it with gunzip"));
    assert!(error("a.txt.gz", "", &packed).contains("gunzip"));
    for (bytes, said) in [
        (&b"PK\x03\x04..."[..], "a zip archive"),
        (b"\x28\xb5\x2f\xfd...", "zstd -d"),
        (b"\xfd7zXZ\0...", "xz -dk"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        (b"<!DOCTYPE html><html>", "a web page"),
    ] {
        for name in ["a.jsonl", "a.json", "a.csv", "a.txt"] {
            assert!(error(name, "", bytes).contains(said), "{name}: {}", error(name, "", bytes));
        }
    }
    let array = format!("[{}]", ROWS.trim().replace("\n\n", ",\n"));
    let (_dir, path) = file("a.jsonl", &array);
    assert_eq!(load_set(&path).unwrap().len(), 2, "a document in a file of lines");
    let served = "{\"features\": [], \"rows\": [{\"row_idx\": 0, \"row\": {\"question\": \"1 + 1?\", \"answer\": \"#### 2\"}, \
                  \"truncated_cells\": []}], \"num_rows_total\": 1}";
    let (_dir, path) = file("a.json", served);
    assert_eq!(load(&path).unwrap().text, "1 + 1?");
    assert!(
        error("a.json", "", served.replace("[]}]", "[\"question\"]}]"))
            .contains("has cut its question short")
    );
}

#[test]
fn rows_are_lines_that_end_with_a_line_feed_alone() {
    let row = |text: &str| format!("{{\"question\": \"{text}\", \"answer\": \"#### 2\"}}\n");
    let rows = [row("One\u{2028}line?"), row("One\u{85}line?"), row("One\u{2029}line?")].concat();
    let (_dir, path) = file("a.jsonl", rows);
    let texts: Vec<String> = load_set(&path).unwrap().into_iter().map(|problem| problem.text).collect();
    assert_eq!(texts, ["One\u{2028}line?", "One\nline?", "One\u{2029}line?"]);
    let said = error("a.jsonl", "", row("Half of $\\frac{1}{2}$?"));
    assert!(
        said.contains("a#0: its question has the character U+000C (form feed) in line 1, column 10"),
        "{said}"
    );
    assert!(said.contains("write it with two backslashes, \\\\frac"), "{said}");
    let boxed =
        r#"{"problem": "What is 7 times 8?", "solution": "It is $\boxed{56}$."}"#.replace("\\\\", "\\");
    let said = error("a.jsonl", "", boxed);
    assert!(
        said.contains("its solution has the character U+0008 (backspace)")
            && said.contains("\\boxed is meant"),
        "{said}"
    );
    let gold = error("t.toml", "", "family = \"free\"\ntext = \"x\"\ngold = \"\\frac12\"");
    assert!(gold.contains("the gold answer has the character U+000C"), "{gold}");
}

#[test]
fn our_own_rows_take_numbers_and_texts_alike() {
    let row = |more: &str| format!("{{\"family\": \"math\", \"text\": \"1 + 1?\", \"id\": 7, {more}}}");
    for more in ["\"gold\": 2, \"difficulty\": \"3\"", "\"gold\": \"2\", \"difficulty\": 3"] {
        let (_dir, path) = file("a.jsonl", row(more));
        let problem = load(&path).unwrap();
        assert_eq!((problem.difficulty, problem.oracle().unwrap().answer()), (Some(3), Some("2")));
    }
    assert!(
        error("a.jsonl", "", row("\"difficulty\": \"hard\""))
            .contains("is \"hard\", and must be from 1 to 5")
    );
    let long = error("a.jsonl", "", row("\"gold\": 123456789012345678901"));
    assert!(long.contains("write it in quotes"), "{long}");
}
