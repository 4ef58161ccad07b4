#![allow(clippy::field_reassign_with_default, reason = "a state has private parts")]

use super::*;
use plan::parse;
use session::{
    Candidate, CandidateStatus, CandidateView, Event, Phase, PlanView, Record, Ruling, Score, State, Verdict,
};

/// Iteration 5, best 0.71, score 0.48, three items; and a decision that rejects.
fn moment() -> (State, Record) {
    let view = |total| PlanView {
        plan: parse("C1: a\nC2: b\nS1 <- C1: c").unwrap(),
        score: Some(Score { total, parts: Vec::new() }),
        ..PlanView::default()
    };
    let mut state = State::default();
    state.incumbent = Some(view(Some(0.48)));
    state.best = Some(view(Some(0.71)));
    state.iteration = 5;
    state.phase = Phase::Decide;
    let candidate = Candidate {
        canvas: None,
        index: 0,
        kind: "remove".to_owned(),
        reply: String::new(),
        seed: 1,
        edit: None,
        hash: None,
        proposer: None,
        confidence: Default::default(),
        pressure: None,
        tokens: None,
        status: CandidateStatus::Ready,
        drawn: None,
    };
    state.candidates =
        vec![CandidateView { candidate, view: None, verdict: None, ruled: None, edited: false }];
    let verdict = Verdict {
        candidate: 0,
        ruling: Ruling::Reject,
        reason: "no gain".to_owned(),
        before: Some(0.48),
        after: Some(0.25),
        probability: None,
        draw: None,
        control: None,
    };
    let record = Record { seq: 40, at_ms: 2_500, event: Event::Decided { verdicts: vec![verdict] } };
    state.apply(&record);
    (state, record)
}

fn holds(text: &str) -> bool {
    let (state, record) = moment();
    let expr: Expr = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(expr.kind(), Kind::Truth, "{text}");
    expr.holds(&Moment { state: &state, record: Some(&record) })
}

#[test]
fn expressions_compute() {
    for text in [
        "best - score > 0.2 && iteration > 3",
        "ruling == \"reject\"",
        "ruling != \"accept\" && !(iteration < 5)",
        "1 + 2 * 3 == 7 && (1 + 2) * 3 == 9",
        "10 - 3 - 2 == 5 && 12 / 3 / 2 == 2",
        "- iteration == -5 && --iteration == 5",
        "1 < 2 || 2 < 1 && false",
        "!false && !!true",
        "delta < 0 && delta == candidate_score - score",
        "1.5e1 == 15 && event == 40 && at_s == 2.5",
        "phase == \"decide\" && items == 3",
        "\"a\\\"b\" == \"a\\\"b\"",
        "(true) == !false",
    ] {
        assert!(holds(text), "{text}");
    }
}

#[test]
fn a_comparison_with_a_missing_value_is_false_and_never_an_error() {
    // The checker has not looked, no part was evaluated, and nothing can be divided by zero.
    for missing in
        ["errors", "part.checker", "part.checker * 2 + 1", "-errors", "1 / 0", "score / (items - 3)"]
    {
        for op in ["<", "<=", ">", ">=", "==", "!="] {
            assert!(!holds(&format!("{missing} {op} 0")), "{missing} {op} 0");
            assert!(!holds(&format!("0 {op} {missing}")), "0 {op} {missing}");
            assert!(holds(&format!("{missing} {op} 0 || iteration == 5")), "the other side still counts");
        }
        assert!(holds(&format!("!({missing} > 0)")));
    }
    let (state, _) = moment();
    let before = Moment { state: &state, record: None };
    let ruling: Expr = "ruling".parse().unwrap();
    assert_eq!(ruling.value(&before), None, "a value of one event is gone without it");
}

#[test]
fn an_explanation_shows_the_numbers() {
    let (state, record) = moment();
    let moment = Moment { state: &state, record: Some(&record) };
    let explained = |text: &str| text.parse::<Expr>().unwrap().explain(&moment);
    assert_eq!(
        explained("best - score > 0.2 && iteration > 3"),
        "best - score > 0.2 (0.71 - 0.48) && iteration > 3 (5)"
    );
    assert_eq!(explained("best > score"), "best > score (0.71 > 0.48)");
    assert_eq!(explained("ruling == \"reject\""), "ruling == \"reject\"");
    assert_eq!(explained("ruling == \"accept\""), "ruling == \"accept\" (\"reject\")");
    assert_eq!(
        explained("errors > 0 || 3 < (items + 1)"),
        "errors > 0 (no value) || 3 < (items + 1) ((3 + 1))"
    );
}

#[test]
fn what_is_no_expression_is_refused_with_its_place() {
    for (text, place, message, hint) in [
        ("bset > 1", "bset", "there is no variable `bset`", "did you mean `best`?"),
        ("zzzzzzzz > 1", "zzzzzzzz", "there is no variable `zzzzzzzz`", "there are score, best"),
        ("prat.structure > 1", "prat.structure", "no variable `prat.structure`", "there are score"),
        ("part. > 1", "part.", "no variable `part.`", "there are score"),
        ("part.a.b > 1", "part.a.b", "no variable `part.a.b`", "part.NAME"),
        ("iteration > \"3\"", "\"3\"", "this is a text, and a number is needed here", ""),
        ("best && true", "best", "this is a number, and true or false is needed here", ""),
        ("-ruling == 1", "ruling", "this is a text, and a number", ""),
        ("ruling == 1", "1", "this is a number, and a text", ""),
        ("ruling == \"rejct\"", "\"rejct\"", "`ruling` is never \"rejct\"", "did you mean \"reject\"?"),
        ("\"thinking\" == phase", "\"thinking\"", "`phase` is never", "it is one of load model"),
        ("best >", "", "the text ends where a value should be", ""),
        ("best > > 1", ">", "`>` stands where a value should be", ""),
        ("(best > 1", "", "the text ends where `)` should be", ""),
        ("best = 1", "=", "`=` stands", "write =="),
        ("1 < best < 2", "<", "`<` stands", "do not chain"),
        ("best > 1 and true", "and", "`and` stands", "write &&"),
        ("ruling == 'reject'", "'reject'", "`'reject'` stands", "double quotes"),
        ("ruling == \"reject", "", "a closing quote", ""),
        ("1e999 > best", "1e999", "too large", ""),
        ("", "", "the text ends where a value should be", ""),
    ] {
        let error = text.parse::<Expr>().unwrap_err();
        assert!(error.message.contains(message), "{text}: {error}");
        let at = error.at.clone().unwrap();
        assert_eq!(&text[at.clone()], place, "{text}: {error}");
        assert!(error.hint().unwrap_or_default().contains(hint), "{text}: {:?}", error.hint());
    }
    let error = "best - 1".parse::<Expr>().and_then(Expr::condition).unwrap_err();
    assert_eq!(error.message, "a condition is true or false, and `best - 1` is a number");
    let marked = "1 + bset > 1".parse::<Expr>().unwrap_err().marked("1 + bset > 1").unwrap();
    assert_eq!(marked, "1 + bset > 1\n    ^^^^");
}

/// A session that knows `scorers`, as a record says it.
fn begun(scorers: &str) -> State {
    let problem = session::ProblemCard {
        reference: "pens".to_owned(),
        title: String::new(),
        family: "math".to_owned(),
        text: String::new(),
        has_gold: false,
    };
    let settings = serde_json::from_str(&format!("{{\"scorers\":{scorers}}}")).unwrap();
    let mut state = State::default();
    state.apply(&Record { seq: 0, at_ms: 0, event: Event::Started { problem, settings } });
    state
}

#[test]
fn the_scorers_of_the_session_can_be_named_and_no_others() {
    let known = |text: &str, state: &State| text.parse::<Expr>().unwrap().known_in(state);
    let old = begun("{}");
    for text in ["part.checker < 0.5", "part.prm > 0 && part.command > 0", "score > 0.5"] {
        assert_eq!(known(text, &old), Ok(()), "{text}");
    }
    let text = "score > 1 || part.structur > 1";
    let error = known(text, &old).unwrap_err();
    assert_eq!(error.message, "there is no variable `part.structur` in this session");
    assert_eq!(error.hint(), Some("did you mean `part.structure`?"));
    assert_eq!(&text[error.at.unwrap()], "part.structur");
    let error = known("part.entailment > 1", &old).unwrap_err();
    assert!(error.hint().unwrap().starts_with("there are part.agreement, part.checker"), "{error:?}");
    // A session of a later version says itself which scorers it has.
    let later = begun("{\"entailment\":0.0}");
    assert_eq!(known("part.entailment > 1", &later), Ok(()));
    // Before the session begins nobody knows.
    assert_eq!(known("part.entailment > 1", &State::default()), Ok(()));
}

#[test]
fn hostile_texts_cannot_exhaust_the_stack() {
    for text in ["(".repeat(400), "-".repeat(400), "!(".repeat(200), "1+".repeat(400)] {
        assert!(text.parse::<Expr>().is_err());
    }
    assert!(holds(&format!("{}1{} == 1", "(".repeat(16), ")".repeat(16))));
    let long = vec!["1"; 240].join("+") + " > 1";
    assert!(holds(&long));
}

#[test]
fn an_expression_knows_what_can_change_it() {
    use session::EventKind;
    let expr: Expr = "iteration > 3 && part.checker < 0.5".parse().unwrap();
    assert!(expr.changes().contains(EventKind::PhaseBegan) && expr.changes().contains(EventKind::Scored));
    assert!(!expr.changes().contains(EventKind::CallFinished) && !expr.momentary());
    assert!("delta > 0".parse::<Expr>().unwrap().momentary());
}
