//! What is wrong with a session, as the screen shows it: lints of the record, and questions to the model.

use std::{path::Path, sync::Arc, time::Duration};

use diagnose::{
    experiment::Forecast,
    runner::{ExperimentEvent, ExperimentReport, ExperimentRequest, ExperimentRunner, ModelProvider},
};
use engine::{Command, Consultant, Update};
use model::{
    Backend, Cost, Progress,
    scripted::{CannedReply, ReplyScript, ScriptedBackend},
};
use problem::Problem;
use session::{Event, Evidence, Finding, FindingVerdict, ItemReading, Journal, Readings, Severity, State};
use tokio_util::sync::CancellationToken;
use tui::{commands::OverlayKind, msg::Msg};

use super::driver::{Driver, canned_engine, one_proposal};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

fn choir(size: (u16, u16)) -> Driver {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/choir");
    Driver::of_replay(Journal::open(&dir).unwrap().into_replay(), size)
}

fn snapshot(name: &str, driver: &mut Driver) {
    let (columns, rows) = driver.size;
    insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), driver.screen());
}

fn tell(driver: &mut Driver, check: &'static str, news: ExperimentEvent) {
    driver.tell(Msg::Examined(ExperimentReport { check, news }));
}

fn reading(item: &str, value: f64, cited: Option<bool>) -> ItemReading {
    ItemReading { item: item.parse().unwrap(), value, cited }
}

fn finding(check: &str, sentence: &str, readings: Readings, evidence: Evidence) -> Finding {
    let decorative =
        |row: &&ItemReading| readings.class(row).is_some_and(|class| class.contains("decorative"));
    Finding {
        check: check.to_owned(),
        verdict: FindingVerdict::Fault,
        severity: Severity::Warning,
        sentence: sentence.to_owned(),
        evidence: vec![evidence],
        cost: Cost { calls: 2, fresh: 8_454, cached: 12_178, wall_ms: 54_000.0, ..Cost::default() },
        advice: Some("Read citations as what the model says, not as why it says so.".to_owned()),
        at: None,
        items: readings.rows.iter().filter(decorative).map(|row| row.item).collect(),
        readings: Some(readings),
    }
}

fn citations() -> Finding {
    let readings = Readings {
        label: "influence on the answer, nats".to_owned(),
        mark: 0.18,
        rows: vec![
            reading("C1", 4.1, Some(true)),
            reading("C2", 0.02, Some(true)),
            reading("S1", 2.2, Some(false)),
            reading("S2", -0.1, Some(false)),
        ],
    };
    let evidence = Evidence {
        label: "AUC of influence, cited against uncited".to_owned(),
        value: 0.5,
        interval: Some((0.1, 0.9)),
    };
    let sentence =
        "Citations and causes differ: C2 cited without effect on the answer; S1 with effect, but not cited.";
    finding("citations", sentence, readings, evidence)
}

fn leak() -> Finding {
    let rows = vec![reading("C1", 0.1, None), reading("S1", 0.92, None)];
    let readings = Readings { label: "λ with the plan up to this item".to_owned(), mark: 0.8, rows };
    let evidence =
        Evidence { label: "λ, the plan's share of what is known".to_owned(), value: 0.92, interval: None };
    finding(
        "leak",
        "Without the problem, the plan up to S1 is enough for the model to say 75.",
        readings,
        evidence,
    )
}

#[test]
fn the_list_tells_what_the_record_shows_and_what_nobody_asked() {
    for size in SIZES {
        let mut driver = choir(size);
        driver.keys("W");
        assert_eq!(driver.open(), Some(OverlayKind::Findings));
        driver.shows("random_walk");
        driver.shows("not asked");
        snapshot("list", &mut driver);
        driver.keys("W");
        assert_eq!(driver.open(), None);
    }
}

#[test]
fn the_model_is_asked_about_the_moment_and_its_word_is_shown() {
    for size in SIZES {
        let mut driver = choir(size);
        driver.keys(":examine cit<tab><enter>");
        assert_eq!(driver.examined, ["citations"]);
        driver.shows("waits for the model");
        let forecast = Forecast { sequences: 27, tokens: 8_000.0, naive: 16_488.0, drawn: 0 };
        tell(&mut driver, "citations", ExperimentEvent::Asks(forecast));
        tell(
            &mut driver,
            "citations",
            ExperimentEvent::Progress(Progress::Prefill { done: 512, total: 8_000 }),
        );
        driver.shows("reads 512 of 8000 tokens");
        driver.shows("27 sequences in one batch");
        tell(&mut driver, "citations", ExperimentEvent::Found(Box::new(citations())));
        driver.shows("cited only: decorative");
        snapshot("citations", &mut driver);
        driver.keys("<esc>");
        // What the finding is about is marked in the plan, and the fault is counted.
        assert_eq!(driver.tui.model.background.findings.flags("C2".parse().unwrap()), ["citations"]);
        driver.shows("⚑");
    }
}

#[test]
fn meters_stand_above_the_list_once_they_are_known() {
    let mut driver = choir((120, 40));
    driver.keys("W");
    driver.shows("leak      ░░░░░░░░░░░░░░░░░░░░  –  not asked");
    driver.keys("<esc>:examine leak<enter>");
    tell(&mut driver, "leak", ExperimentEvent::Found(Box::new(leak())));
    driver.shows("leak      ██████████████████░░  92 % of what is known");
}

#[test]
fn a_question_can_be_given_up_and_asked_again() {
    let mut driver = choir((120, 40));
    driver.keys(":examine leak<enter>");
    driver.keys(":examine leak<enter>");
    driver.shows("already being asked for leak");
    tell(&mut driver, "leak", ExperimentEvent::Failed("It was given up.".to_owned()));
    driver.shows("given up");
    // The prompt stays open at what could not be done.
    driver.keys("<esc>r");
    assert_eq!(driver.examined, ["leak", "leak"]);
    driver.keys("<esc>:examine gold<enter>");
    driver.shows("The model can be asked for fluff, leak, exposure, citations, contradiction.");
}

#[test]
fn enter_goes_to_the_event_that_shows_a_fault() {
    let mut driver = choir((120, 40));
    driver.keys("W");
    let fault = driver.tui.model.background.findings.faults().find_map(|fault| fault.at);
    if let Some(seq) = fault {
        driver.keys("<enter>");
        assert_eq!(driver.tui.model.session.replay.position() as u64, seq + 1);
    } else {
        driver.keys("<enter>");
        driver.shows("about the whole record");
    }
}

/// The bundled problem of `choir`, and a model that finds every text equally probable.
#[derive(Debug)]
struct Canned;

impl ModelProvider for Canned {
    fn problem(&self, _: &State) -> Result<Problem, String> {
        problem::load("choir").map_err(|error| error.to_string())
    }

    fn backend(&self, _: &State) -> Result<Box<dyn Backend>, String> {
        let replies = [
            CannedReply {
                fill: None,
                when: None,
                text: Some("Result: 84".into()),
                thinking: None,
                pressure: None,
                logprobs: None,
                repeat: true,
            },
            CannedReply {
                fill: None,
                when: None,
                text: None,
                thinking: None,
                pressure: None,
                logprobs: Some(vec![-1.0]),
                repeat: true,
            },
        ];
        let script = ReplyScript { name: "canned".into(), delay_ms: 0, replies: replies.into() };
        Ok(Box::new(ScriptedBackend::new(script)))
    }
}

#[test]
fn where_a_right_answer_was_lost_is_said_at_the_end_alone() {
    let line = "oracle: draft ✗ → seen ✗ → kept ✗ → answer ✗ (lost in drawing)";
    let mut driver = choir((120, 40));
    driver.means = Some(Arc::new(Canned));
    driver.keys(":goto 20<enter>W");
    driver.hides("oracle: draft");
    driver.keys("W:newest<enter>W");
    driver.shows(line);
    driver.keys("W");
    driver.shows("oracle: draft ✗");
    driver.keys(":goto 20<enter>");
    driver.hides("oracle: draft");
    let mut blind = choir((120, 40));
    blind.keys(":newest<enter>W");
    blind.hides("oracle: draft");
}

async fn ends(runner: &mut ExperimentRunner) -> ExperimentEvent {
    loop {
        let reported = tokio::time::timeout(Duration::from_secs(20), runner.next()).await.unwrap().unwrap();
        match reported.news {
            ExperimentEvent::Asks(_) | ExperimentEvent::Progress(_) => {}
            news @ (ExperimentEvent::Found(_) | ExperimentEvent::Failed(_)) => return news,
        }
    }
}

fn question(check: &'static str) -> ExperimentRequest {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions/choir");
    let mut replay = Journal::open(&dir).unwrap().into_replay();
    replay.seek(usize::MAX);
    ExperimentRequest { check, state: Box::new(replay.state().clone()), cancel: CancellationToken::new() }
}

#[tokio::test]
async fn a_recorded_moment_is_examined_with_a_model_of_its_own() {
    let mut runner = ExperimentRunner::begin(Arc::new(Canned), None);
    assert!(runner.ask(question("leak")));
    let ExperimentEvent::Found(found) = ends(&mut runner).await else { panic!("nothing was found") };
    assert_eq!((found.check.as_str(), found.verdict), ("leak", FindingVerdict::Undecided));
    assert!(found.cost.calls > 0 && found.sentence.contains("less than 1 nat"), "{}", found.sentence);
    let given_up = question("leak");
    given_up.cancel.cancel();
    assert!(runner.ask(given_up));
    let ExperimentEvent::Failed(why) = ends(&mut runner).await else { panic!("it was given up") };
    assert!(why.contains("given up"));
}

#[tokio::test]
async fn a_run_that_goes_on_is_asked_with_its_own_model_and_the_record_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let replies = [("", "S1: total = 1 + 1")];
    let mut handle = canned_engine(dir.path(), problem::load("choir").unwrap(), one_proposal(1), &replies);
    let (consultant, consulted) = Consultant::new(handle.commands.clone());
    let mut runner = ExperimentRunner::begin(Arc::new(Canned), Some(consultant));
    let found = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            tokio::select! {
                reported = runner.next() => match reported.unwrap().news {
                    ExperimentEvent::Asks(_) | ExperimentEvent::Progress(_) => {}
                    news @ (ExperimentEvent::Found(_) | ExperimentEvent::Failed(_)) => return news,
                },
                Some(update) = handle.updates.recv() => {
                    if let Update::Event(record) = &update
                        && let Event::ModelReady { .. } = record.event
                    {
                        assert!(runner.ask(question("leak")));
                    }
                    if let Update::Consulted(reply) = update {
                        consulted.try_send(reply).unwrap();
                    }
                }
            }
        }
    })
    .await
    .unwrap();
    // This engine's model has no log-probabilities, which is what comes back through the run.
    let ExperimentEvent::Failed(why) = found else { panic!("{found:?}") };
    assert!(why.contains("logprobs"), "{why}");
    handle.commands.send(Command::Stop).await.unwrap();
}
