use super::*;

const PROCESS: &str = r#"[
  {"id": "own-0", "generator": "none", "problem": "Ann has 3 pens and buys 4. How many has she?",
   "steps": ["Ann has\n 3 pens.", "3 + 4 = 8, so she has 8."], "final_answer_correct": false, "label": 1},
  {"id": "own-1", "problem": "Two and two?", "steps": ["2 + 2 = 4."], "label": -1}
]"#;

const PLAN: &str = "[PLAN]\\nlift the cup\\nput down the cup\\n[PLAN END]";

fn planbench(verdict: &str) -> String {
    let example = format!("[STATEMENT]\\nThe cup is full.\\nMy plan is as follows:\\n\\n{PLAN}\\nsolved");
    let own =
        format!("[STATEMENT]\\nThe cup is empty.\\nMy plan is as follows:\\n\\n{PLAN}\\n[VERIFICATION]");
    format!(
        r#"{{"task": "t", "instances": [{{"instance_id": 7, "query": "Rules.\n\n{example}\n{own}",
            "ground_truth_plan": "{verdict}"}}]}}"#
    )
}

fn read(text: &str) -> Result<Labelled, LoadError> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("data.json");
    std::fs::write(&file, text).unwrap();
    load_labelled(file.to_str().unwrap())
}

fn label(verdict: &str) -> Result<Label, String> {
    read(&planbench(verdict)).map(|read| read.samples[0].label).map_err(|error| error.to_string())
}

#[test]
fn solutions_become_plans_of_steps() {
    let Labelled { format, samples } = read(PROCESS).unwrap();
    assert_eq!(format, "processbench");
    assert_eq!([samples[0].label, samples[1].label], [Label::WrongStep(1), Label::Right]);
    let text = plan::print(&samples[0].plan, plan::Style::Bare);
    assert_eq!(text, "S1: Ann has 3 pens.\nS2: 3 + 4 = 8, so she has 8.");
    assert!(!samples[0].problem.has_gold() && samples[0].problem.text.starts_with("Ann has 3"));
}

#[test]
fn rows_may_be_lines_and_their_names_and_labels_texts_or_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("data.jsonl");
    let rows = "{\"id\": 7, \"problem\": \"1 + 1?\", \"steps\": [\"It is 3.\"], \"label\": \"0\"}\n\
                {\"problem\": \"2 + 2?\", \"steps\": [\"It is 4.\"], \"label\": -1.0}\n";
    std::fs::write(&file, rows).unwrap();
    let samples = load_labelled(file.to_str().unwrap()).unwrap().samples;
    let labels: Vec<_> = samples.iter().map(|sample| (sample.problem.id.as_str(), sample.label)).collect();
    assert_eq!(labels, [("7", Label::WrongStep(0)), ("#1", Label::Right)]);
}

#[test]
fn the_last_statement_of_a_query_counts() {
    let Labelled { format, samples } = read(&planbench("The above plan is valid.")).unwrap();
    assert_eq!((format, samples[0].label), ("planbench", Label::Right));
    assert_eq!(samples[0].problem.text, "Rules.\n\nThe cup is empty.");
    assert_eq!(samples[0].plan.len(), 2);
}

#[test]
fn verdicts_name_the_step_or_the_goal() {
    let at = "The above plan is invalid.The following action at step 2 has an unmet precondition:\\n";
    assert_eq!(label(&format!("{at}put down the cup\\nwhich")), Ok(Label::WrongStep(1)));
    assert!(label(&format!("{at}lift the cup")).unwrap_err().contains("another action"));
    let goal = "The above plan is invalid. This is the unmet goal condition:\\nthe cup is full";
    assert_eq!(label(goal), Ok(Label::Incomplete));
    assert!(label("Who knows.").unwrap_err().contains("no known form"));
}

#[test]
fn what_is_no_labelled_data_is_refused_with_a_sentence() {
    let sentence = |text: &str| read(text).unwrap_err().to_string();
    assert!(sentence("{\"a\": 1}").contains("processbench"), "{}", sentence("{}"));
    assert!(sentence("nonsense").contains("line 1, column 2: expected"), "{}", sentence("nonsense"));
    assert!(sentence("[]").contains("no labelled plans"));
    assert!(sentence(&PROCESS.replace("\"label\": 1", "\"label\": 2")).contains("own-0"));
    assert!(sentence(&PROCESS.replace("\"label\": 1", "\"label\": -7")).contains("-7 is no label"));
    assert!(sentence(&PROCESS.replace("[\"2 + 2 = 4.\"]", "[]")).contains("no steps"));
    assert!(sentence(&PROCESS.replace("\"2 + 2 = 4.\"", "\" \"")).contains("S1"));
}

#[test]
fn an_empty_plan_is_left_out() {
    let text = planbench("The above plan is valid.").replace("lift the cup\\nput down the cup\\n", "");
    assert_eq!(read(&text).unwrap().samples, []);
}
