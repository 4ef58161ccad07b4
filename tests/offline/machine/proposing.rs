//! Proposers at work: with a question first, without the model, and mixed.

use model::{EarlierText, ModelInfo, Request};
use session::{CandidateStatus, Event, Outcome, Purpose, RefinementStop, Settings, Weights};

use super::puppet::{Puppet, problem as puppet_problem, settings};

fn only(names: &[&str]) -> Settings {
    Settings { proposers: Weights::of(names.iter().map(|name| (*name, 1.0))), ..settings() }
}

fn proposed(puppet: &Puppet) -> Vec<(Option<String>, String, CandidateStatus)> {
    let candidates = puppet.records.iter().filter_map(|record| match &record.event {
        Event::Proposed { candidates } => Some(candidates.clone()),
        _ => None,
    });
    candidates.flatten().map(|one| (one.proposer, one.kind, one.status)).collect()
}

fn prompts(puppet: &Puppet, purpose: Purpose) -> Vec<String> {
    let of = puppet.requests.iter().filter(|(of, _)| *of == purpose);
    let texts = of.flat_map(|(_, request)| match request {
        Request::Generate { generations } => {
            generations.iter().map(|one| serde_json::to_string(&one.prompt).unwrap()).collect()
        }
        _ => Vec::new(),
    });
    texts.collect()
}

/// What the text of each proposal had to differ from.
fn distinct_from(puppet: &Puppet) -> Vec<Option<Vec<EarlierText>>> {
    let of = puppet.requests.iter().filter(|(of, _)| *of == Purpose::Propose);
    let lists = of.flat_map(|(_, request)| match request {
        Request::Generate { generations } => {
            generations.iter().map(|one| one.distinct_from.clone()).collect()
        }
        _ => Vec::new(),
    });
    lists.collect()
}

fn local(model: &mut ModelInfo) {
    model.backend = "llama.cpp".into();
}

#[test]
fn a_line_is_not_written_twice_for_one_plan_and_the_candidate_says_why_there_is_none() {
    let config = Settings { distinct: true, ..only(&["edit"]) };
    let mut puppet = Puppet::of_model(puppet_problem(), config.clone(), local);
    // No edit, so the plan stands, and then nothing new is left: there is nothing more to ask for.
    let (none, good) = (" nothing of the kind", " S1 <- C1 C2: total = boxes * pens");
    puppet.proposals = vec![vec![none], vec![none], vec![good]];
    puppet.run();
    let statuses: Vec<String> =
        proposed(&puppet).into_iter().map(|(.., status)| format!("{status:?}")).collect();
    assert!(statuses[0].starts_with("Invalid") && !statuses[0].contains("nothing new"), "{statuses:?}");
    assert!(statuses[1].contains("The model has nothing new to propose here"), "{statuses:?}");
    let known = EarlierText { text: none.into(), tokens: vec![7], shares: vec![-0.5] };
    assert_eq!(distinct_from(&puppet), [Some(vec![]), Some(vec![known.clone()])]);
    assert_eq!(puppet.state().refinement_stop, Some(RefinementStop::Fruitless { iterations: 0 }));
    puppet.replays();

    // An edit that is taken makes another plan, about which nothing was asked yet.
    let mut another = Puppet::of_model(puppet_problem(), config, local);
    another.proposals = vec![vec![none], vec![good], vec![none]];
    another.run();
    assert_eq!(another.state().proposals.rulings.accepted, 1);
    assert_eq!(distinct_from(&another), [Some(vec![]), Some(vec![known]), Some(vec![])]);
}

#[test]
fn servers_plans_and_settings_of_older_sessions_draw_independently() {
    let distinct = |name: &str, distinct, model: fn(&mut ModelInfo)| {
        let mut puppet = Puppet::of_model(puppet_problem(), Settings { distinct, ..only(&[name]) }, model);
        puppet.run();
        distinct_from(&puppet)
    };
    let server = |model: &mut ModelInfo| model.backend = "openai".into();
    for asked in
        [distinct("edit", false, local), distinct("edit", true, server), distinct("redraft", true, local)]
    {
        assert!(!asked.is_empty() && asked.iter().all(Option::is_none), "{asked:?}");
    }
}

#[test]
fn what_the_critic_says_stands_in_the_prompt_of_the_edit() {
    let mut puppet = Puppet::new(only(&["critique"]));
    puppet.run();
    assert_eq!(puppet.outcome(), Outcome::Answered);
    let asked = prompts(&puppet, Purpose::Propose);
    assert!(
        asked
            .iter()
            .all(|prompt| prompt.contains("S1 multiplies boxes by boxes") && !prompt.contains("{critique}"))
    );
    assert_eq!(prompts(&puppet, Purpose::Critique).len(), asked.len());
    assert_eq!(puppet.state().proposals.rulings.accepted, 1);
    puppet.replays();
}

#[test]
fn edits_that_need_no_model_make_no_call() {
    for names in [&["random"][..], &["sort", "random"]] {
        let mut config = only(names);
        config.proposals = 4;
        let mut puppet = Puppet::new(config);
        puppet.run();
        assert_eq!(puppet.outcome(), Outcome::Answered);
        assert!(prompts(&puppet, Purpose::Propose).is_empty());
        let proposed = proposed(&puppet);
        assert_eq!(proposed.len(), 12);
        assert!(proposed.iter().all(|(proposer, ..)| proposer.as_deref() == Some("random")));
        assert!(proposed.iter().any(|(.., status)| *status == CandidateStatus::Ready));
        puppet.replays();
    }
}

#[test]
fn a_proposer_that_has_nothing_to_say_ends_refinement() {
    let mut puppet = Puppet::new(only(&["sort"]));
    puppet.run();
    assert_eq!(puppet.outcome(), Outcome::Answered);
    assert!(proposed(&puppet).is_empty());
}

#[test]
fn masked_lines_are_hidden_and_come_back() {
    let mut config = only(&["restore"]);
    config.iterations = 1;
    let mut puppet = Puppet::new(config);
    puppet.proposals = vec![vec!["S1 <- C1 C2: total = boxes * pens\n"]];
    puppet.run();
    let prompts = prompts(&puppet, Purpose::Propose);
    assert!(prompts.iter().all(|prompt| prompt.contains(": [mask]")));
    let (proposer, kind, status) = &proposed(&puppet)[0];
    assert_eq!(
        (proposer.as_deref(), kind.as_str(), status),
        (Some("restore"), "restore", &CandidateStatus::Ready)
    );
    puppet.replays();
}

#[test]
fn proposers_are_mixed_by_weight() {
    let mut config = only(&["edit", "random", "crossover"]);
    config.proposals = 8;
    config.iterations = 4;
    let mut puppet = Puppet::new(config);
    puppet.run();
    let names: std::collections::BTreeSet<String> =
        proposed(&puppet).into_iter().filter_map(|(proposer, ..)| proposer).collect();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["crossover", "edit", "random"]);
    puppet.replays();
}

/// The plan that a small model drafts: T3 gives a customer where a product is wanted.
const MOVED: &str = "T1: find_customer(name=\"Omar Haddad\")\n\
                     T2 <- T1: update_address(customer=T1.id, address=\"12 Quay Street\")\n\
                     T3 <- T1 T2: find_order(customer=T1.id, product=T2.id)\n\
                     T4 <- T3: ship_order(order=T3.id, address=\"12 Quay Street\")";

fn repaired(reply: &'static str) -> Puppet {
    let problem = problem::load("move").expect("a bundled problem");
    let mut puppet = Puppet::on(problem, only(&["repair"]));
    (puppet.draft, puppet.proposals) = (MOVED, vec![vec![reply]]);
    puppet.run();
    puppet.replays();
    puppet
}

#[test]
fn a_repair_inserts_what_the_faulty_call_lacks_as_one_proposal() {
    let puppet =
        repaired("T5: find_product(name=\"teapot\")\nT3 <- T1: find_order(customer=T1.id, product=T5.id)");
    let asked = prompts(&puppet, Purpose::Propose);
    assert!(asked[0].contains(
        "T3 cannot run: product of find_order wants a product id, but T2.id is a customer id; find_product returns one."
    ));
    assert!(asked[0].contains("as a new line T5, then T6"), "{}", asked[0]);
    assert_eq!(proposed(&puppet).len(), 1, "the checker is exact, so the run is over");
    assert_eq!(
        puppet.plan(),
        MOVED.replace(
            "T3 <- T1 T2: find_order(customer=T1.id, product=T2.id)",
            "T5 {refined}: find_product(name=\"teapot\")\nT3 {refined} <- T1 T5: find_order(customer=T1.id, product=T5.id)"
        )
    );
    assert_eq!(puppet.state().refinement_stop, Some(session::RefinementStop::Exact));
    let candidate = puppet.records.iter().find_map(|record| match &record.event {
        Event::Proposed { candidates } => candidates.first().cloned(),
        _ => None,
    });
    let edit = candidate.and_then(|candidate| candidate.edit);
    assert!(matches!(&edit, Some(plan::Edit::Batch { edits }) if edits.len() == 3), "{edit:?}");
}

#[test]
fn a_line_is_added_where_the_goal_is_missed_and_no_line_is_at_fault() {
    let problem = problem::load("move").expect("a bundled problem");
    let mut puppet = Puppet::on(problem, only(&["repair"]));
    // All calls run, but the address is not recorded.
    puppet.draft = "T1: find_customer(name=\"Omar Haddad\")\nT2: find_product(name=\"teapot\")\n\
                    T3 <- T1 T2: find_order(customer=T1.id, product=T2.id)\n\
                    T4 <- T3: ship_order(order=T3.id, address=\"12 Quay Street\")";
    puppet.proposals =
        vec![vec![" T1: T5 <- T1: update_address(customer=T1.id, address=\"12 Quay Street\")"]];
    puppet.run();
    puppet.replays();
    let asked = prompts(&puppet, Purpose::Propose);
    assert!(
        asked[0].contains("this does not hold: the address of the customer Omar Haddad is 12 Quay Street."),
        "{}",
        asked[0]
    );
    let (proposer, kind, _) = proposed(&puppet).remove(0);
    assert_eq!((proposer.as_deref(), kind.as_str()), (Some("repair"), "insert"));
    assert_eq!(puppet.state().refinement_stop, Some(RefinementStop::Exact), "{}", puppet.plan());
}

#[test]
fn a_repair_may_be_one_line_or_two_new_ones_and_what_is_none_is_refused() {
    let status = |reply| proposed(&repaired(reply)).remove(0).2;
    assert_eq!(status("T3 <- T1: find_order(customer=T1.id, product=T1.id)"), CandidateStatus::Ready);
    assert_eq!(
        status(
            "T5: find_product(name=\"teapot\")\nT6: find_product(name=\"vase\")\nT3: find_order(customer=T1.id, product=T6.id)"
        ),
        CandidateStatus::Ready
    );
    let refused = |reply| match status(reply) {
        CandidateStatus::Invalid { reason } => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused("T5: find_product(name=\"teapot\")"), "The reply has no line of the plan.");
    assert_eq!(refused("Sure, here it is:"), "The reply has no line of the plan.");
    assert!(refused("T3 <- T9 T: find_order()").contains("\"T\""));
    let known =
        refused("T5: find_product(name=\"teapot\")\nT5: get_order(order=1)\nT3: get_order(order=T5.id)");
    assert!(known.contains("T5"), "{known}");
}

#[test]
fn where_a_family_knows_moves_random_edits_change_values_and_no_words() {
    let problem = problem::load("boolean:3#0").expect("a generated problem");
    let names: Vec<String> = serde_json::from_value(problem.settings["names"].clone()).unwrap();
    let draft: String = (1..).zip(&names).map(|(at, name)| format!("S{at}: {name} = true\n")).collect();
    let mut config = only(&["random"]);
    (config.proposals, config.iterations) = (4, 20);
    let mut puppet = Puppet::on(problem, config.clone());
    puppet.draft = draft.leak();
    puppet.run();
    puppet.replays();
    let edits = puppet.records.iter().filter_map(|record| match &record.event {
        Event::Proposed { candidates } => Some(candidates.clone()),
        _ => None,
    });
    let edits: Vec<plan::Edit> = edits.flatten().filter_map(|candidate| candidate.edit).collect();
    let flips = |edit: &plan::Edit| {
        matches!(edit, plan::Edit::Replace { text, .. }
        if names.iter().any(|name| *text == format!("{name} = true") || *text == format!("{name} = false")))
    };
    assert!(!edits.is_empty() && edits.iter().all(flips), "{edits:?}");
    let mut again = Puppet::on(problem::load("boolean:3#0").unwrap(), config);
    again.draft = puppet.draft;
    again.run();
    assert_eq!(again.plan(), puppet.plan(), "the same seed draws the same moves");
}

#[test]
fn a_plan_is_regrown_from_the_line_that_the_checker_faults_without_an_instruction() {
    let mut config = only(&["regrow"]);
    config.iterations = 1;
    let mut puppet = Puppet::new(config);
    puppet.draft =
        "C1: boxes = 20\nC2: pens = 6\nS1 <- C1 C2: total = boxes * pens\nS2 <- S1: answer = rest - 45";
    puppet.proposals = vec![vec!["S3 <- S1: rest = total - 45\nS4 <- S3: answer = rest"]];
    puppet.run();
    let asked = puppet.requests.iter().find_map(|(purpose, request)| match request {
        Request::Generate { generations } if *purpose == Purpose::Propose => {
            Some(generations[0].prompt.clone())
        }
        _ => None,
    });
    let draft = puppet.requests.iter().find_map(|(purpose, request)| match request {
        Request::Generate { generations } if *purpose == Purpose::Draft => {
            Some(generations[0].prompt.clone())
        }
        _ => None,
    });
    let (asked, draft) = (asked.unwrap(), draft.unwrap());
    assert_eq!(asked.messages, draft.messages, "the prompt of a draft");
    assert_eq!(
        asked.prefill, "C1: boxes = 20\nC2: pens = 6\nS1 <- C1 C2: total = boxes * pens\n",
        "up to S2, which uses what nothing defines"
    );
    assert_eq!(proposed(&puppet)[0].2, CandidateStatus::Ready);
    assert_eq!(
        puppet.plan(),
        "C1: boxes = 20\nC2: pens = 6\nS1 <- C1 C2: total = boxes * pens\nS3 {refined} <- S1: rest = total - 45\n\
         S4 {refined} <- S3: answer = rest"
    );
    puppet.replays();
}

#[test]
fn plans_are_regrown_from_anywhere_but_the_start_where_no_line_is_at_fault() {
    let mut config = only(&["regrow"]);
    (config.proposals, config.iterations, config.fruitless) = (8, 2, 0);
    let mut puppet = Puppet::new(config);
    puppet.draft =
        "C1: boxes = 20\nC2: pens = 6\nS1 <- C1 C2: total = boxes * pens\nS2 <- S1: answer = total - 45";
    puppet.proposals = vec![vec!["S9: answer = 1"]];
    puppet.run();
    let kept: std::collections::BTreeSet<usize> = puppet
        .requests
        .iter()
        .filter(|(purpose, _)| *purpose == Purpose::Propose)
        .flat_map(|(_, request)| match request {
            Request::Generate { generations } => {
                generations.iter().map(|one| one.prompt.prefill.lines().count()).collect()
            }
            _ => Vec::new(),
        })
        .collect();
    assert_eq!(kept.into_iter().collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_hole_is_filled_between_the_lines_around_it_and_keeps_its_name() {
    let mut config = only(&["infill"]);
    (config.iterations, config.proposals) = (1, 8);
    let mut puppet = Puppet::of_model(puppet_problem(), config, |model| model.infill = Some(true));
    puppet.proposals = vec![vec!["boxes * pens"]];
    puppet.run();
    let raws = puppet.requests.iter().filter(|(purpose, _)| *purpose == Purpose::Propose);
    let raws: Vec<_> = raws
        .flat_map(|(_, request)| match request {
            Request::Generate { generations } => {
                generations.iter().filter_map(|one| one.prompt.raw.clone()).collect::<Vec<_>>()
            }
            _ => Vec::new(),
        })
        .collect();
    assert_eq!(raws.len(), 8);
    let total = raws.iter().find_map(|raw| match raw {
        model::Raw::Infill { before, after } if before.ends_with("    total = ") => Some((before, after)),
        _ => None,
    });
    let (before, after) = total.expect("each line is a hole at some time");
    assert!(before.starts_with("# A shop has 20 boxes of 6 pens"), "{before}");
    assert!(before.contains("def solution():\n    boxes = 20\n    pens = 6\n"), "{before}");
    assert_eq!(after, "\n    return total - 45\n");
    let filled = puppet.records.iter().find_map(|record| match &record.event {
        Event::Proposed { candidates } => candidates
            .iter()
            .filter_map(|one| one.edit.clone())
            .find(|edit| edit.touches().first().is_some_and(|item| item.to_string() == "S1")),
        _ => None,
    });
    let said = |edit: &plan::Edit| edit.summary();
    assert!(said(&filled.clone().expect("S1 is filled")).contains("S1: total = boxes * pens"), "{filled:?}");
    puppet.replays();
}

#[test]
fn a_model_that_fills_no_holes_switches_infill_off_and_says_so() {
    for infill in [None, Some(false)] {
        let mut config = only(&["infill", "random"]);
        config.proposals = 6;
        let mut puppet = Puppet::of_model(puppet_problem(), config, |model| model.infill = infill);
        puppet.run();
        assert!(proposed(&puppet).iter().all(|(proposer, ..)| proposer.as_deref() == Some("random")));
        let notes = &puppet.state().model.as_ref().expect("a model").notes;
        assert!(notes[0].starts_with("The proposer infill is off: puppet is not known"), "{notes:?}");
    }
    let fine = Puppet::new(only(&["edit"]));
    assert!(fine.state().model.as_ref().expect("a model").notes.is_empty());
}
