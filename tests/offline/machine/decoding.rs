//! How an answer is asked for: with the values of an exact plan, in one line or explained, citing or not.

use std::path::Path;

use engine::{Command, decoding::Decoding, prompt::Prompter};
use model::{Generation, Prompt, Request};
use plan::{Style, parse, print};
use problem::Problem;
use session::{
    AnswerSettings, AnswerStyle, Cite, Event, Judgement, Mode, Purpose, Session, Settings, State, StyleChoice,
};

use super::puppet::{DRAFT, Puppet, settings};

/// Has the draft answered from under `settings`, and returns what was asked for the answer, and the end.
fn answered(settings: Settings, draft: &'static str, answer: &'static str) -> (Generation, State) {
    let mut puppet = Puppet::new(Settings { mode: Mode::Draft, ..settings });
    (puppet.draft, puppet.answers) = (draft, vec![answer]);
    puppet.run();
    puppet.replays();
    let asked = puppet.requests.iter().find(|(purpose, _)| *purpose == Purpose::Answer);
    let Some((_, Request::Generate { generations })) = asked else { panic!("no answer was asked for") };
    (generations[0].clone(), puppet.state().clone())
}

fn with(answers: AnswerSettings, cite: Cite) -> Settings {
    Settings { answers, cite, ..settings() }
}

fn last(prompt: &Prompt) -> &str {
    &prompt.messages.last().expect("a message").content
}

#[test]
fn an_exact_plan_is_shown_with_its_values_and_answered_in_one_line() {
    let (asked, state) = answered(settings(), DRAFT, "The answer is 355. [S2]");
    let text = last(&asked.prompt);
    assert!(text.contains("C1: boxes = 20\n"), "what is given is not repeated: {text}");
    assert!(text.contains("S1 <- C1: total = boxes * boxes = 400\n"), "{text}");
    assert!(text.contains("S2 <- S1: answer = total - 45 = 355\n"), "{text}");
    assert!(
        text.ends_with("in one line, with the item it comes from in brackets: The answer is NUMBER. [S2]")
    );
    assert!(asked.grammar.as_ref().is_some_and(|grammar| grammar.contains("The answer is ")));
    let answer = state.answer.as_ref().unwrap();
    assert_eq!((answer.style, answer.value.as_deref()), (Some(AnswerStyle::Short), Some("355")));
    assert_eq!(answer.computed().as_deref(), Some("computed by the evaluator in S2"));
}

#[test]
fn the_value_of_an_answer_is_the_evaluators_only_where_it_computed_it_and_showed_it() {
    let evaluated = |settings: Settings, answer| {
        answered(settings, DRAFT, answer).1.answer.unwrap().evaluated.map(|item| item.to_string())
    };
    let hidden = AnswerSettings { values: false, ..AnswerSettings::default() };
    assert_eq!(evaluated(settings(), "The answer is 400.00. [S1]").as_deref(), Some("S1"));
    assert_eq!(evaluated(settings(), "The answer is 20. [C1]"), None, "a given number");
    assert_eq!(evaluated(settings(), "The answer is 356. [S2]"), None, "the model's own number");
    assert_eq!(evaluated(settings(), "There is none. [S2]"), None);
    assert_eq!(evaluated(with(hidden, Cite::Items), "The answer is 355. [S2]"), None, "it was not shown");
}

#[test]
fn a_plan_that_does_not_evaluate_is_shown_as_it_is_and_answered_at_length() {
    let draft = "C1: boxes = 20\nS1 <- C1: total = boxes * pens";
    let (asked, state) = answered(settings(), draft, "It is 5. [S1]\nThe answer is 5. [S1]");
    let text = last(&asked.prompt);
    assert!(text.contains(&format!("Plan:\n{draft}\n\nWrite the answer")), "{text}");
    let answer = state.answer.unwrap();
    assert_eq!((answer.style, answer.evaluated), (Some(AnswerStyle::Explained), None));
}

#[test]
fn what_is_set_is_kept_to() {
    let explained = AnswerSettings { style: StyleChoice::Explained, ..AnswerSettings::default() };
    let (asked, state) = answered(with(explained, Cite::Items), DRAFT, "The answer is 355. [S2]");
    let text = last(&asked.prompt);
    assert!(text.contains("= 355\n\nEach item ends with its exact value. Write the answer"), "{text}");
    assert_eq!(state.answer.unwrap().style, Some(AnswerStyle::Explained));

    let short = AnswerSettings { style: StyleChoice::Short, values: false, ..AnswerSettings::default() };
    let (asked, _) = answered(with(short, Cite::Off), "S1: total = pens", "The answer is 5.");
    assert_eq!((&asked.grammar, &asked.stop), (&None, &vec!["\n".to_owned()]));
    let text = last(&asked.prompt);
    assert!(text.ends_with("in one line: The answer is NUMBER"), "{text}");
    let items = answered(with(AnswerSettings::default(), Cite::Items), DRAFT, "").0.grammar;
    let values = answered(with(AnswerSettings::default(), Cite::Values), DRAFT, "").0.grammar;
    assert!(items != values && values.is_some());
}

#[test]
fn the_evaluator_answers_at_no_cost_and_no_model_is_asked() {
    let style = AnswerSettings { style: StyleChoice::Evaluated, n: 3, ..AnswerSettings::default() };
    let evaluated = Settings { answer_temperature: 0.7, ..with(style, Cite::Items) };
    let (puppet, state) = computed(evaluated.clone(), DRAFT);
    assert!(puppet.requests.iter().all(|(purpose, _)| *purpose == Purpose::Draft), "{:?}", puppet.requests);
    let answer = state.answer.unwrap();
    assert_eq!((answer.text.as_str(), answer.value.as_deref()), ("The answer is 355", Some("355")));
    assert_eq!(answer.computed().as_deref(), Some("computed by the evaluator in S2"));
    assert_eq!((answer.style, answer.cite, answer.poll), (Some(AnswerStyle::Evaluated), false, None));
    assert_eq!(state.judgement, Some(Judgement::Wrong), "the gold is another number");

    let (_, state) = computed(evaluated, "C1: boxes = 20\nS1 <- C1: total = boxes * pens");
    let answer = state.answer.unwrap();
    assert_eq!((answer.value.as_deref(), answer.text.as_str()), (None, ""), "a plan without a result");
    assert_eq!(answer.shown(), "The plan's steps have no result, so there is no answer.");
    assert_eq!(state.judgement, Some(Judgement::Unreadable));
}

/// A run whose draft is answered from by the evaluator, and its end.
fn computed(settings: Settings, draft: &'static str) -> (Puppet, State) {
    let mut puppet = Puppet::new(Settings { mode: Mode::Draft, ..settings });
    puppet.draft = draft;
    puppet.run();
    puppet.replays();
    let state = puppet.state().clone();
    (puppet, state)
}

#[test]
fn earlier_plans_and_the_shadow_lane_are_answered_by_the_evaluator_too() {
    let style = AnswerSettings { style: StyleChoice::Evaluated, ..AnswerSettings::default() };
    let settings = Settings { iterations: 1, shadow: true, ..with(style, Cite::Items) };
    let mut puppet = Puppet::new(Settings { mode: Mode::Refine, paused: true, ..settings });
    puppet.tell(Command::NextIteration);
    let (seq, plan) = (puppet.state().events - 1, puppet.state().incumbent.as_ref().unwrap().plan.clone());
    puppet.tell(Command::AnswerFrom { seq, plan: Box::new(plan) });
    let side = &puppet.state().side_answers[0];
    assert_eq!((side.answer.style, side.answer.value.is_some()), (Some(AnswerStyle::Evaluated), true));
    puppet.tell(Command::Continue);
    puppet.run();
    puppet.replays();
    let refined = puppet.state().shadow.last().map(|point| point.length);
    assert_eq!(refined, Some(0), "the answer from the plan is free");
    let asked = |purpose| puppet.requests.iter().filter(|(of, _)| *of == purpose).count();
    assert_eq!((asked(Purpose::Answer), asked(Purpose::SideAnswer)), (0, 0));
}

#[test]
fn families_that_do_not_evaluate_plans_ask_the_model() {
    let style = AnswerSettings { style: StyleChoice::Evaluated, ..AnswerSettings::default() };
    let plan = parse("S1: speak\n").unwrap();
    for family in problem::FAMILIES {
        let problem = Problem::new("p", family.name(), "Text.");
        let decoding = Decoding::of(&with(style, Cite::Items), &Prompter::new(&problem, true), &plan);
        assert_eq!(decoding.answer().is_some(), family.evaluates_plans(), "{}", family.name());
        let direct = Settings { mode: Mode::Direct, ..with(style, Cite::Items) };
        assert!(!engine::decoding::is_evaluated(&direct, &problem), "an answer without a plan");
    }
}

#[test]
fn families_without_a_stated_result_are_answered_at_length() {
    let short = AnswerSettings { style: StyleChoice::Short, ..AnswerSettings::default() };
    let plan = parse("S1: speak\n").unwrap();
    for family in problem::FAMILIES {
        let problem = Problem::new("p", family.name(), "Text.");
        let prompter = Prompter::new(&problem, true);
        let style = Decoding::of(&with(short, Cite::Items), &prompter, &plan).style();
        let stated = family.framing(&problem).example.answer.contains("The answer is ");
        assert_eq!(style == AnswerStyle::Short, stated, "{}", family.name());
    }
}

#[test]
fn a_session_of_an_earlier_version_is_answered_as_it_was() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/choir");
    let session = Session::open(&dir).unwrap();
    let state = State::replay(&session.records);
    assert_eq!(state.settings.answers, AnswerSettings::of_older_sessions());
    assert_eq!(state.settings.cite, Cite::Items);
    let blob = session.records.iter().find_map(|record| match &record.event {
        Event::CallStarted { purpose: Purpose::Answer, request, .. } => Some(request.clone()),
        _ => None,
    });
    let request: Request = serde_json::from_slice(&session.blob(&blob.unwrap()).unwrap()).unwrap();
    let Request::Generate { generations } = request else { panic!("an answer is generated") };
    let problem = problem::load("choir").unwrap();
    let plan = &state.answer_plan().unwrap().plan;
    let decoding = Decoding::of(&state.settings, &Prompter::new(&problem, true), plan);
    let prompt = decoding.prompt(&Prompter::new(&problem, true));
    assert_eq!(last(&prompt), last(&generations[0].prompt));
    assert!(last(&prompt).contains(&print(plan, Style::Bare)));
    assert_eq!(decoding.grammar(), generations[0].grammar);
    assert!(decoding.stop().is_empty());
}
