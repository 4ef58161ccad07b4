//! Tiny files in the public formats, written for these tests.

use std::{fs, io::Write, path::Path};

use crate::{
    Problem,
    load::{error::LoadError, load, load_set},
    report::Outcome,
};
use plan::Plan;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Writes a file and returns its path.
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn judged(problem: &Problem, answer: &str) -> Outcome {
    problem.family().check_answer(problem, &Plan::default(), answer).outcome
}

fn right(problem: &Problem, answer: &str) {
    assert_eq!(judged(problem, answer), Outcome::Correct, "{}: {answer}", problem.id);
}

fn wrong(problem: &Problem, answer: &str) {
    assert_eq!(judged(problem, answer), Outcome::Wrong, "{}: {answer}", problem.id);
}

#[test]
fn countdown_and_game_of_24() {
    let folder = Folder::new();
    let rows = "{\"input\": \"10,4,6,34\", \"output\": \"10*4=40,40-6=34\"}\n{\"input\": \"2,3,5\", \"output\": \"2+3=5\"}\n";
    let problem = load(&format!("{}#0", folder.file("cd.jsonl", rows))).unwrap();
    assert_eq!((problem.id.as_str(), problem.family.as_str()), ("cd#0", "countdown"));
    assert!(problem.text.contains("10, 4 and 6, each at most once") && problem.text.contains("make 34"));
    right(&problem, "The answer is 10 * 4 - 6.");
    let table = "Rank,Puzzles,AMT (s)\n1,3 3 8 8,4.40\n2,\"6 6 6 6\",5\n";
    let problems = load_set(&folder.file("24.csv", table)).unwrap();
    assert_eq!(problems.len(), 2);
    assert!(problems[0].text.contains("each of the numbers 3, 3, 8 and 8 exactly once"));
    right(&problems[0], "The answer is 8 / (3 - 8 / 3)");
    wrong(&problems[1], "The answer is 6 * 6 - 12");
}

#[test]
fn math_and_bbh() {
    let folder = Folder::new();
    let rows = [
        r#"{"problem": "Half of 3?", "level": "Level 2", "type": "Algebra", "solution": "It is $\\boxed{\\frac{3}{2}}$."}"#,
        r#"{"problem": "Factor.", "solution": "So $\\boxed{(x-1)(x+1)}$."}"#,
        r#"{"problem": "None.", "solution": "Nothing."}"#,
    ];
    let path = folder.file("math.jsonl", rows.join("\n"));
    let problem = load(&format!("{path}#0")).unwrap();
    assert_eq!((problem.family.as_str(), problem.difficulty), ("math", Some(2)));
    right(&problem, "It is \\(\\boxed{\\dfrac32}\\)");
    right(&problem, "The answer is 1.5");
    let problem = load(&format!("{path}#1")).unwrap();
    assert_eq!(problem.family, "free");
    right(&problem, "The answer is $(x - 1)(x + 1)$.");
    wrong(&problem, "The answer is (x-1)(x-1)");
    assert!(
        load(&format!("{path}#2"))
            .unwrap_err()
            .to_string()
            .contains("problem math#2: there is no answer, and the solution has no \\boxed")
    );
    let document = "{\"canary\": \"x\",\n \"examples\": [\n  {\"input\": \"A or B?\", \"target\": \"(B)\"},\n  {\"input\": \"2 + 2 =\", \"target\": \"4\"}]}";
    let problems = load_set(&folder.file("task.json", document)).unwrap();
    right(&problems[0], "The answer is (B) it.");
    right(&problems[1], "The answer is 4.");
}

#[test]
fn rows_as_collections_of_problems_have_them() {
    let folder = Folder::new();
    for (row, gold) in [
        (r#"{"ID": "2024-I-1", "Year": 2024, "Problem": "How far?", "Answer": 204}"#, "204"),
        (
            r#"{"id": 60, "problem": "How far?", "solution": "x", "answer": "025", "url": "u", "year": "2024"}"#,
            "25",
        ),
        (r#"{"id": 0, "problem": "How far?", "answer": 142.0, "url": "u"}"#, "142"),
        (r#"{"id": 0, "question": "How far?", "answer": ["27.0"]}"#, "27"),
        (r#"{"input": "How far?", "code": "def solution():\n  return 1", "target": -4900000.0}"#, "-4900000"),
        (
            r#"{"problem": "How far?", "solution": "$\\boxed{56}$", "answer": "56", "level": 2, "unique_id": "test/1.json"}"#,
            "56",
        ),
        (
            r#"{"source": "s", "problem": "How far?", "solution": "So \\boxed{7}.", "messages": [{"role": "user"}]}"#,
            "7",
        ),
        (
            r#"{"question": "How far?", "final_answer": ["$\\frac{1}{2}$"], "solution": ["s"], "context": null}"#,
            "1/2",
        ),
        (r#"{"question": "How far?", "answer": 12345678901234567890123}"#, "12345678901234567890123"),
    ] {
        let problem = load(&folder.file("rows.jsonl", row)).unwrap_or_else(|error| panic!("{row}: {error}"));
        assert_eq!((problem.text.as_str(), problem.family.as_str()), ("How far?", "math"), "{row}");
        right(&problem, &format!("The answer is {gold}."));
        wrong(&problem, "The answer is 3.");
    }
    let refused = |row: &str| load(&folder.file("rows.jsonl", row)).unwrap_err().to_string();
    for (row, why) in [
        (
            r#"{"question": "Which?", "choices": ["a", "b"], "answer": 1}"#,
            "the task would lack its member choices",
        ),
        (r#"{"Body": "Ann has 2.", "Question": "How many?", "Answer": 2.0}"#, "lack its member body"),
        (r#"{"question": "Is it?", "answer": true}"#, "its answer is true or false"),
        (r#"{"problem": "Prove it.", "answer": "proof"}"#, "nothing can be compared"),
        (r#"{"problem": "p", "question": "q", "answer": 3}"#, "fit the formats math and gsm8k"),
        (r#"{"claim": "c", "evidence": "e"}"#, "(claim, evidence) are those of no known format"),
        (r#"{"instruction": "i", "input": "words", "output": "o"}"#, "not a list of whole numbers"),
    ] {
        assert!(refused(row).contains(why), "{row}: {}", refused(row));
    }
}

#[test]
fn tables_of_several_kinds() {
    let folder = Folder::new();
    for (name, text) in [
        ("a.csv", "id,Question,Answer\n1,\"How many, all in all?\",\"1,200\"\n"),
        ("a.tsv", "id\tquestion\tanswer\n1\tHow many, all in all?\t1200\n"),
        ("b.csv", "question;answer;level\nHow many, all in all?;1200;\n"),
        ("B.CSV", "\u{feff}question,answer\r\n\"How many, all in all?\",1200\r\n"),
    ] {
        let problem = load(&folder.file(name, text)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(problem.text, "How many, all in all?", "{name}");
        right(&problem, "The answer is 1200.");
    }
    let twice = load(&folder.file("c.csv", "question,answer,Answer\na,1,2\n")).unwrap_err().to_string();
    assert!(twice.contains("two columns are called answer"), "{twice}");
}

#[test]
fn parquet_rows_are_read_and_damaged_files_are_not() {
    use parquet::{
        basic::Compression,
        data_type::{ByteArray, ByteArrayType, DoubleType},
        file::{properties::WriterProperties, writer::SerializedFileWriter},
        schema::parser::parse_message_type,
    };
    let folder = Folder::new();
    let write = |compression| {
        let schema = "message rows { required binary question (STRING); optional double answer; }";
        let schema = std::sync::Arc::new(parse_message_type(schema).unwrap());
        let properties =
            std::sync::Arc::new(WriterProperties::builder().set_compression(compression).build());
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let texts = ["How many?", "And how many?"].map(ByteArray::from);
        column.typed::<ByteArrayType>().write_batch(&texts, None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<DoubleType>().write_batch(&[15.0], Some(&[1, 0]), None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.into_inner().unwrap()
    };
    for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY] {
        let bytes = write(compression);
        for name in ["a.parquet", "A.PARQUET", "misnamed.jsonl"] {
            let path = folder.file(name, &bytes);
            right(&load(&format!("{path}#0")).unwrap(), "The answer is 15.");
            assert!(load(&format!("{path}#1")).unwrap_err().to_string().contains("no answer"));
            assert!(load(&format!("{path}#2")).unwrap_err().to_string().contains("has 2 rows"));
        }
        for at in (4..bytes.len()).step_by(7) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            // Whatever it says, it does not panic.
            let _ = load_set(&folder.file("damaged.parquet", &damaged));
            let cut = load_set(&folder.file("cut.parquet", &bytes[..at])).unwrap_err().to_string();
            assert!(cut.contains("cannot be read"), "{cut}");
        }
    }
    let none = load(&folder.file("none.parquet", "words")).unwrap_err().to_string();
    assert!(none.contains("it is no Parquet file"), "{none}");
}

#[test]
fn humaneval_packed_or_not() {
    let folder = Folder::new();
    let row = r#"{"task_id": "X/0", "prompt": "def one():\n    \"\"\" One. \"\"\"\n", "entry_point": "one", "canonical_solution": "    return 1\n", "test": "def check(f):\n    assert f() == 1\n"}"#;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(row.as_bytes()).unwrap();
    for path in [folder.file("he.jsonl", row), folder.file("he.jsonl.gz", packed.finish().unwrap())] {
        let problem = load(&format!("{path}#0")).unwrap();
        assert_eq!(
            (problem.id.as_str(), problem.family.as_str(), problem.title.as_str()),
            ("he#0", "code", "one")
        );
        assert_eq!(problem.settings["entry_point"], "one");
        assert!(problem.oracle().unwrap().goal()[0].starts_with("def check"));
        assert!(!serde_json::to_string(&problem).unwrap().contains("return 1"));
        assert_eq!(load(&problem.reference().unwrap()).unwrap(), problem);
    }
    let error = load(&folder.file("bad.jsonl.gz", "no gzip")).unwrap_err().to_string();
    assert!(error.contains("bad.jsonl.gz cannot be read"), "{error}");
}

#[test]
fn ifeval() {
    let folder = Folder::new();
    let row = r#"{"key": 1, "prompt": "Say it without commas in 2 words.", "instruction_id_list": ["punctuation:no_comma", "length_constraints:number_words"], "kwargs": [{"num_words": null}, {"relation": "less than", "num_words": 3}]}"#;
    let problem = load(&folder.file("if.jsonl", row)).unwrap();
    right(&problem, "So be");
    wrong(&problem, "So, be");
    let error = |row: String| load(&folder.file("bad.jsonl", row)).unwrap_err().to_string();
    assert!(error(row.replace("\"relation\"", "\"relatoin\"")).contains("it needs relation"));
    assert!(error(row.replace("[\"punctuation:no_comma\", ", "[")).contains("not as many kwargs"));
}

#[test]
fn planbench_and_pddl() {
    let folder = Folder::new();
    let query = "Rules.\\n[STATEMENT]\\nAs initial conditions I have that, the red block is on the table.\\nMy goal is to have that x.\\n[PLAN]\\n(a)\\n[PLAN END]\\n\\n[STATEMENT]\\nAs initial conditions I have that, the tan block is clear, the hand is empty, the tan block is on top of the red block and the red block is on the table.\\nMy goal is to have that the red block is on top of the tan block.\\n\\nMy plan is as follows:\\n\\n[PLAN]\\n";
    let document = format!(
        "{{\"task\": \"t\", \"instances\": [\n {{\"instance_id\": 2, \"query\": \"{query}\", \"ground_truth_plan\": \"(x)\"}}]}}"
    );
    let problem = load(&folder.file("bw.json", document)).unwrap();
    assert_eq!((problem.family.as_str(), problem.id.as_str()), ("blocksworld", "bw#0"));
    right(&problem, "(unstack tan red)\n(put-down tan)\n(pick-up red)\n(stack red tan)");
    wrong(&problem, "(pick-up red)\n(stack red tan)");
    let pddl = "(define (problem p) (:domain d) ; comment\n(:objects a b)\n(:init (handempty) (ontable a) (on b a) (clear b))\n(:goal (and (on a b))))";
    let path = folder.file("inner/instance-1.pddl", pddl);
    let problem = load(&path).unwrap();
    assert_eq!(problem.reference(), Some(path));
    right(&problem, "unstack b a, put down b, pick up a, stack a on b");
    let list = folder.file(
        "lists/step_4.json",
        "[[\"inner/instance-1.pddl\", \"(unstack b a)\\n\", 4],\n [\"inner/gone.pddl\", \"\", 2]]",
    );
    assert_eq!(load(&format!("{list}#0")).unwrap().text, problem.text);
    assert!(
        load(&format!("{list}#1"))
            .unwrap_err()
            .to_string()
            .contains("inner/gone.pddl is neither next to the file")
    );
    assert!(
        load(&folder.file("x.pddl", "(define (domain d))"))
            .unwrap_err()
            .to_string()
            .contains("no PDDL problem")
    );
    let cycle = pddl.replace("(on b a)", "(on b c) (on c b)");
    assert!(load(&folder.file("c.pddl", cycle)).unwrap_err().to_string().contains("do not stand in stacks"));
}

#[test]
fn bfcl_in_one_turn_and_in_several() {
    let folder = Folder::new();
    let function = r#"{"name": "area", "description": "Area.", "parameters": {"type": "dict", "properties": {"r": {"type": "float", "description": "Radius."}, "unit": {"type": "string"}}, "required": ["r"]}}"#;
    let row = format!(
        "{{\"id\": \"p_0\", \"question\": [[{{\"role\": \"user\", \"content\": \"Areas of 2 and 3.\"}}]], \"function\": [{function}]}}"
    );
    let path = folder.file("calls.json", row);
    let alone = load(&path).unwrap();
    assert_eq!((alone.family.as_str(), alone.has_gold()), ("calls", false));
    assert!(alone.text.contains("- area(r: float, unit?: string): Area. r: Radius"), "{}", alone.text);
    let answers = r#"{"id": "p_0", "ground_truth": [{"area": {"r": [2.0], "unit": ["", "m"]}}, {"area": {"r": [3.0], "unit": [""]}}]}"#;
    folder.file("possible_answer/calls.json", answers);
    let problem = load(&path).unwrap();
    right(&problem, "area(r=3)\narea(r=2, unit=\"m\")");
    wrong(&problem, "area(r=3, unit=\"m\")\narea(r=2)");
    let row = r#"{"id": "m_0", "question": [[{"role": "user", "content": "Add."}], [{"role": "user", "content": "Again."}]], "initial_config": {"a": 1}, "involved_classes": ["MathAPI"], "excluded_function": ["divide"]}"#;
    let path = folder.file("turns.json", format!("{row}\n"));
    assert!(
        load(&path).unwrap_err().to_string().contains("the functions of MathAPI are not next to the file")
    );
    folder.file(
        "func_doc.math_api.json",
        format!("{}\n{}\n", function.replace("area", "add"), function.replace("area", "divide")),
    );
    folder.file("possible_answer.turns.json", r#"{"id": "m_0", "ground_truth": [["add(r=1)"], ["add(2)"]]}"#);
    let problem = load(&path).unwrap();
    assert!(
        problem.text.starts_with("1. Add.\n2. Again.\nAt first: {\"a\":1}")
            && !problem.text.contains("divide")
    );
    right(&problem, "add(r=1), add(r=2)");
    wrong(&problem, "add(r=2), add(r=1)");
}

#[test]
fn a_format_can_be_named_and_is_part_of_the_reference() {
    let folder = Folder::new();
    let row =
        "{\"question\": \"How many?\", \"answer\": \"#### 3\", \"input\": \"1,2,3\", \"output\": \"\"}\n";
    let path = folder.file("rows", row);
    let problem = load(&format!("gsm8k:{path}#0")).unwrap();
    right(&problem, "The answer is 3");
    assert_eq!(problem.reference(), Some(format!("gsm8k:{path}#0")));
    right(&load(&format!("countdown:{path}#0")).unwrap(), "The answer is 1 + 2");
    let error = load(&format!("math:{path}#0")).unwrap_err().to_string();
    assert!(error.contains("problem rows#0: it has no problem"), "{error}");
    // Without the format nobody knows which of them it is.
    let error = load(&folder.file("rows.jsonl", row)).unwrap_err().to_string();
    assert!(
        error.contains("fit the formats countdown and gsm8k") && error.contains("countdown:FILE"),
        "{error}"
    );
    assert!(matches!(load("gsm8k:nowhere.jsonl#3"), Err(LoadError::NotFound { .. })));
}

#[test]
fn hostile_files_give_a_sentence() {
    let folder = Folder::new();
    let deep = "[".repeat(50_000) + &"]".repeat(50_000);
    let long = format!("{{\"input\": \"{}\"}}", "1,".repeat(1 << 20));
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("deep.json", deep.clone().into_bytes()),
        ("deep.jsonl", format!("{{\"input\": {deep}, \"output\": \"\"}}").into_bytes()),
        ("long.jsonl", long.into_bytes()),
        ("types.jsonl", b"{\"input\": [1], \"output\": 2}".to_vec()),
        ("numbers.jsonl", b"{\"input\": \"1,-2,99999999999\", \"output\": \"\"}".to_vec()),
        ("many.jsonl", format!("{{\"input\": \"{}1\", \"output\": \"\"}}", "1,".repeat(50)).into_bytes()),
        ("bytes.json", b"[{\"input\": \"\xff\"}]".to_vec()),
        ("bytes.csv", b"Puzzles\n\xff\xfe\n".to_vec()),
        ("short.csv", b"Rank,Puzzles\n1\n".to_vec()),
        ("words.csv", b"Puzzles\none two\n".to_vec()),
        ("empty.json", Vec::new()),
        ("list.json", b"[1, \"two\", null]".to_vec()),
        ("steps.json", b"[[1, 2, 3]]".to_vec()),
        ("query.json", b"{\"instances\": [{\"query\": \"x\", \"ground_truth_plan\": \"\"}]}".to_vec()),
        ("examples.json", b"{\"examples\": 3}".to_vec()),
        (
            "code.jsonl",
            b"{\"task_id\": \"x\", \"prompt\": \"\\u0000\", \"entry_point\": \"f\", \"test\": \"\"}".to_vec(),
        ),
        (
            "entry.jsonl",
            b"{\"task_id\": \"x\", \"prompt\": \"p\", \"entry_point\": \"f(); g\", \"test\": \"\"}".to_vec(),
        ),
        ("boxed.jsonl", b"{\"problem\": \"p\", \"solution\": \"\\\\boxed{{{{\"}".to_vec()),
        ("classes.json", b"{\"id\": \"x\", \"question\": [], \"involved_classes\": [\"Z\"]}".to_vec()),
        ("bad.gz", b"\x1f\x8b".to_vec()),
    ];
    for (name, bytes) in cases {
        let path = folder.file(name, bytes);
        let error = load(&path).map(|problem| problem.text).expect_err(name).to_string();
        let file = Path::new(&path).file_stem().unwrap().to_str().unwrap();
        assert!(error.contains(file) && error.len() < 1500, "{name}: {error}");
    }
}
