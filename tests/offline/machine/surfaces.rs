//! Runs whose model reads and writes plans as a program or as bare lines.

use engine::Command;
use model::{Generation, Prompt, Request};
use plan::Edit;
use problem::Problem;
use session::{Mode, Outcome, Purpose, Settings, Weights};

use support::walks::rule;

use super::puppet::{Puppet, id, paused, settings};

const PROGRAM: &str = "    boxes = 20\n    pens = 6\n    total = boxes * boxes\n    return total - 45\n";

fn with(surface: &str, proposer: &str) -> Settings {
    let proposers = Weights::of([(proposer, 1.0)]);
    Settings { surface: surface.into(), proposers, iterations: 1, ..settings() }
}

fn programmed(settings: Settings, proposal: &'static str) -> Puppet {
    let mut puppet = Puppet::new(settings);
    puppet.draft = PROGRAM;
    puppet.proposals = vec![vec![proposal]];
    puppet.run();
    puppet
}

/// The generations of the first call for a purpose.
fn asked(puppet: &Puppet, purpose: Purpose) -> Vec<Generation> {
    let call = puppet.requests.iter().find(|(of, _)| *of == purpose);
    match call {
        Some((_, Request::Generate { generations })) => generations.clone(),
        other => panic!("no text is asked for: {other:?}"),
    }
}

fn last(prompt: &Prompt) -> &str {
    &prompt.messages.last().expect("a message").content
}

#[test]
fn a_draft_is_a_program_and_its_prompt_is_short() {
    let puppet = programmed(Settings { mode: Mode::Draft, ..with("code", "edit") }, "");
    assert_eq!(puppet.outcome(), Outcome::Answered);
    assert_eq!(
        puppet.plan(),
        "C1: boxes = 20\nC2: pens = 6\nS1 <- C1: total = boxes * boxes\nS2 <- S1: answer = total - 45"
    );
    let draft = &asked(&puppet, Purpose::Draft)[0];
    assert_eq!(draft.prompt.messages.len(), 2, "no worked example");
    assert_eq!(draft.prompt.prefill, "```python\ndef solution():\n");
    let beyond: usize = draft.prompt.messages.iter().map(|message| message.content.len()).sum();
    assert!(beyond < 200 * 4 + puppet.state().problem.as_ref().unwrap().text.len());
    assert_eq!(draft.stop, ["```"]);
    // The answer is decoded from items, which it cites.
    let answer = &asked(&puppet, Purpose::Answer)[0];
    assert!(last(&answer.prompt).contains("S1 <- C1: total = boxes * boxes"), "{}", last(&answer.prompt));
    puppet.replays();
}

#[test]
fn what_is_no_program_ends_the_run_with_line_and_column() {
    let mut puppet = Puppet::new(with("code", "edit"));
    puppet.draft = "    a = 5\n    for i in range(a):\n        a += 1\n";
    puppet.run();
    let Outcome::Failed { reason, .. } = puppet.outcome() else { panic!("{:?}", puppet.outcome()) };
    assert!(
        reason.starts_with("The draft is not a valid plan: line 2, column 5: a plan has no loops"),
        "{reason}"
    );
}

#[test]
fn a_surface_that_does_not_fit_the_family_is_named_before_anything_is_asked() {
    let mut puppet = Puppet::on(Problem::new("p", "boolean", "Set."), with("code", "edit"));
    puppet.run();
    let Outcome::Failed { reason, hint } = puppet.outcome() else { panic!("{:?}", puppet.outcome()) };
    assert!(reason.contains("surface code cannot express plans of the family boolean"), "{reason}");
    assert!(hint.unwrap().contains("surface=items") && puppet.requests.is_empty());
}

#[test]
fn edits_name_the_numbers_of_lines() {
    let puppet = programmed(with("code", "edit"), " 3: total = boxes * pens");
    assert!(puppet.plan().contains("S1 {refined} <- C1 C2: total = boxes * pens"), "{}", puppet.plan());
    let edit = &asked(&puppet, Purpose::Propose)[0];
    let text = last(&edit.prompt);
    assert!(
        text.contains("Plan:\n1: boxes = 20\n2: pens = 6\n3: total = boxes * boxes\n4: return total - 45\n"),
        "{text}"
    );
    assert!(text.contains("replace NUMBER: ") && !text.contains("S1"), "{text}");
    assert_eq!(edit.prompt.prefill, "replace");
    puppet.replays();
    for (weight, reply, plan) in [
        ("insert", " 2: sold = 45", "C1: boxes = 20\nC2: pens = 6\nC3 {refined}: sold = 45\nS1 <-"),
        (
            "insert",
            " 3: left = total - 45",
            "S1 <- C1: total = boxes * boxes\nS3 {refined} <- S1: left = total - 45\nS2",
        ),
        ("remove", " 2", "C1: boxes = 20\nS1 <- C1"),
        ("reorder", " 1 after 2", "C2: pens = 6\nC1: boxes = 20\nS1"),
        (
            "replace",
            " 1: boxes = 4 * 5",
            "S3 {refined}: boxes = 4 * 5\nC2: pens = 6\nS1 <- S3: total = boxes * boxes",
        ),
    ] {
        let mut config = with("code", "edit");
        let mut edits = serde_json::json!({"replace": 0.0, "tighten": 0.0, "insert": 0.0, "remove": 0.0,
            "reorder": 0.0, "depend": 1.0});
        edits[weight] = 1.0.into();
        config.edits = serde_json::from_value(edits).unwrap();
        config.gate = rule("threshold -2.0");
        let puppet = programmed(config, reply);
        assert!(puppet.plan().contains(plan), "{weight}{reply}: {}", puppet.plan());
        puppet.replays();
    }
}

/// The edits that were proposed first.
fn proposed(puppet: &Puppet) -> Option<Edit> {
    puppet.records.iter().find_map(|record| match &record.event {
        session::Event::Proposed { candidates } => candidates[0].edit.clone(),
        _ => None,
    })
}

#[test]
fn a_repair_quotes_the_line_and_asks_for_it_again() {
    let mut puppet = Puppet::new(with("code", "repair"));
    puppet.draft = "    boxes = 20\n    pens = 6\n    total = boxes * pens\n    return total - 10\n";
    puppet.proposals = vec![vec!["4: return total - 45"]];
    puppet.run();
    let text = last(&asked(&puppet, Purpose::Propose)[0].prompt).to_owned();
    assert!(text.contains("A checker found: Line 4 uses 10, which is not in the problem."), "{text}");
    assert!(text.contains("The line is: return total - 10\nWrite line 4 again without this fault"), "{text}");
    let repaired = Edit::Replace { id: id("S2"), text: "answer = total - 45".into() };
    assert_eq!(proposed(&puppet), Some(repaired));
}

#[test]
fn a_repair_supplies_what_a_call_lacks() {
    let problem = problem::load("move").expect("a problem");
    let mut puppet = Puppet::on(problem, with("lines", "repair"));
    puppet.draft = "customer = find_customer(name=\"Omar Haddad\")\norder = find_order(customer=customer.id, \
                    product=customer.id)\n";
    puppet.proposals = vec![vec![
        "new: product = find_product(name=\"teapot\")\n2: order = find_order(customer=customer.id, product=product.id)",
    ]];
    puppet.run();
    let repair = &asked(&puppet, Purpose::Propose)[0];
    let text = last(&repair.prompt);
    assert!(
        text.contains(
            "The line is: order = find_order(customer=customer.id, product=customer.id)\nIf it needs"
        ),
        "{text}"
    );
    assert!(text.contains("as new: LINE. Then write line 2 again"), "{text}");
    let edit = proposed(&puppet).expect("an edit");
    let before = plan::parse(
        "T1: find_customer(name=\"Omar Haddad\")\nT2 <- T1: find_order(customer=T1.id, product=T1.id)",
    );
    let (after, _) = edit.apply(&before.unwrap(), plan::Origin::Refined).expect("it applies");
    assert_eq!(
        plan::print(&after, plan::Style::Bare),
        "T1: find_customer(name=\"Omar Haddad\")\nT3: find_product(name=\"teapot\")\nT2 <- T1 T3: \
         find_order(customer=T1.id, product=T3.id)"
    );
    puppet.replays();
}

#[test]
fn masked_lines_come_back_by_number_and_redrafts_keep_ids() {
    let puppet = programmed(with("code", "restore"), "3: total = boxes * pens\n");
    let restore = &asked(&puppet, Purpose::Propose)[0];
    assert!(last(&restore.prompt).contains(": [mask]\n"), "{}", last(&restore.prompt));
    assert!(puppet.plan().contains("total = boxes * pens"), "{}", puppet.plan());
    let puppet = programmed(
        with("code", "redraft"),
        "    boxes = 20\n    pens = 6\n    sold = 45\n    total = boxes * pens\n    return total - sold\n",
    );
    assert_eq!(
        puppet.plan(),
        "C1: boxes = 20\nC2: pens = 6\nC3: sold = 45\nS1 <- C1 C2: total = boxes * pens\nS2 <- S1 C3: answer = total - sold"
    );
    let redraft = &asked(&puppet, Purpose::Propose)[0];
    assert_eq!(redraft.prompt, asked(&puppet, Purpose::Draft)[0].prompt);
}

#[test]
fn scorers_see_the_program() {
    let mut config = with("code", "edit");
    for name in ["self_check", "likelihood", "pmi"] {
        config.scorers.set(name, 0.5);
    }
    let puppet = programmed(config, " 3: total = boxes * pens");
    assert_eq!(puppet.outcome(), Outcome::Answered);
    let prompts = puppet.requests.iter().flat_map(|(_, request)| match request {
        Request::Choose { prompts, .. } => prompts.clone(),
        _ => Vec::new(),
    });
    let about: Vec<Prompt> = prompts.filter(|prompt| last(prompt).contains("boxes = 20")).collect();
    assert!(!about.is_empty());
    assert!(
        about.iter().all(|prompt| last(prompt).contains("    boxes = 20\n") && !last(prompt).contains("C1:"))
    );
    let pairs = puppet.requests.iter().flat_map(|(_, request)| match request {
        Request::Score { pairs } => pairs.clone(),
        _ => Vec::new(),
    });
    let pairs: Vec<(Prompt, String)> = pairs.collect();
    assert!(pairs.iter().any(|(_, text)| text == PROGRAM));
    assert!(pairs.iter().all(|(prompt, _)| prompt.prefill == "```python\ndef solution():\n"));
}

#[test]
fn a_plan_that_the_surface_cannot_express_is_shown_as_items() {
    let mut config = with("code", "edit");
    config.paused = true;
    let mut puppet = Puppet::new(config);
    puppet.draft = PROGRAM;
    puppet.proposals = vec![vec![" S1 <- C1 C2: total = boxes * pens"]];
    puppet.run();
    puppet.tell(Command::StepPhase);
    puppet.tell(Command::Edit(Edit::Replace { id: id("S1"), text: "think".into() }));
    let said = puppet.refusal();
    assert!(said.contains("the surface code cannot express S1: it has no equals sign"), "{said}");
    puppet.tell(Command::Continue);
    assert_eq!(puppet.outcome(), Outcome::Answered);
    let edit = &asked(&puppet, Purpose::Propose)[0];
    assert!(
        last(&edit.prompt).contains("S1 <- C1: think") && last(&edit.prompt).contains("replace ID <- IDS")
    );
    puppet.replays();
}

#[test]
fn settings_of_switches_are_bare_lines() {
    let made = problem::generate("boolean", 2, 0).expect("a problem");
    let lines: Vec<String> = made.solution.items().iter().map(|item| item.text.clone()).collect();
    let flipped =
        |at: usize| lines[at].replace("true", "yes").replace("false", "true").replace("yes", "false");
    let fails = |at: &usize| {
        let mut items = made.solution.items().to_vec();
        items[*at].text = flipped(*at);
        let plan = plan::Plan::new(items).expect("a plan");
        made.problem.family().check_plan(&made.problem, &plan).exact_pass == Some(false)
    };
    let at = (0..lines.len()).find(fails).expect("a setting that matters");
    let mut wrong = lines.clone();
    wrong[at] = flipped(at);
    let (item, right) = (made.solution.items()[at].id, format!(" {}: {}", at + 1, lines[at]));
    let mut puppet = Puppet::on(made.problem.clone(), with("lines", "edit"));
    puppet.draft = wrong.join("\n").leak();
    puppet.proposals = vec![vec![right.leak()]];
    puppet.run();
    assert!(puppet.plan().contains(&format!("{item} {{refined}}: {}", lines[at])), "{}", puppet.plan());
    let texts: Vec<String> =
        puppet.plan().lines().map(|line| line.split_once(": ").unwrap().1.to_owned()).collect();
    assert_eq!(texts, lines);
    assert!(!puppet.plan().contains("<-"), "nothing builds on anything");
    let prompt = &asked(&puppet, Purpose::Draft)[0].prompt;
    assert!(last(prompt).ends_with("before you set it.") && prompt.prefill == "```\n", "{}", last(prompt));
    puppet.replays();
}

#[test]
fn an_old_record_means_items() {
    let mut old = serde_json::to_value(paused()).unwrap();
    assert!(old.as_object_mut().unwrap().remove("surface").is_some());
    assert_eq!(serde_json::from_value::<Settings>(old).unwrap().surface, "items");
    for family in problem::FAMILIES {
        assert_eq!(engine::defaults::of(*family).surface, family.surface(), "{}", family.name());
    }
}
