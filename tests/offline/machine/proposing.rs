//! Proposers at work: with a question first, without the model, and mixed.

use model::Request;
use session::{CandidateStatus, Event, Outcome, Purpose, Settings, Weights};

use super::puppet::{Puppet, settings};

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
    assert_eq!(puppet.state().rulings.accepted, 1);
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
