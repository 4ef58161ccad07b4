//! Two programs that talk: one asks, the other answers, and each is held in a sandbox of its own.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{ChildStdin, ChildStdout, ExitStatus},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Instant,
};

use super::parent::{Started, Stop, conclude, read};
use super::{
    Limits, Refused, Talk,
    child::ChildInput,
    parent::{FOLDER_EVERY, GLANCE},
    python::Interpreter,
};

/// How many bytes may cross in one direction.
const TRAFFIC: u64 = 64 << 20;
/// How long the answering program may take to end by itself, in glances.
const GOODBYE: u32 = 50;
/// Begins the lines of the asking program that are for the other one.
const QUESTION: u8 = b'?';

/// Runs both programs until the asking one ends, or either reaches a limit.
pub(super) fn run(
    program: &Path,
    python: &Interpreter,
    asking: &str,
    answering: &str,
    limits: &Limits,
) -> Result<Talk, Refused> {
    // What crosses costs the asking program more, and it has the tests to run besides.
    let patient = Limits { cpu_seconds: limits.cpu_seconds.saturating_mul(4), ..*limits };
    let mut both = [
        Started::new(program, python, &patient, ChildInput::Line)?,
        Started::new(program, python, limits, ChildInput::Line)?,
    ];
    let [(to_asking, from_asking, asking_err), (to_answering, from_answering, answering_err)] =
        both.each_mut().map(Started::pipes);
    let (asking_floods, answering_floods) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        let said = scope.spawn(|| questions(from_asking, to_answering, answering, &asking_floods));
        scope.spawn(|| replies(from_answering, to_asking, asking, &answering_floods));
        let errors = [
            scope.spawn(|| read(asking_err, limits.output, &asking_floods)),
            scope.spawn(|| read(answering_err, limits.output, &answering_floods)),
        ];
        let [asked, answered] = watch(&mut both, limits, [&asking_floods, &answering_floods]);
        let [asking_err, answering_err] = errors.map(|error| error.join().unwrap_or_default());
        let said = said.join().unwrap_or_default();
        let (asking, _) = conclude(asked.0, asked.1, &said, &asking_err)?;
        let (answering, _) = conclude(answered.0, answered.1, &[], &answering_err)?;
        Ok(Talk { asking, answering })
    })
}

/// Gives a program to its child; what it is to read comes after it.
fn begin(stdin: &mut Option<ChildStdin>, program: &str) {
    send(stdin, format!("{}\n{program}", program.len()).as_bytes());
}

/// Writes to a child. One that has ended reads no more, which its exit status says better.
fn send(stdin: &mut Option<ChildStdin>, bytes: &[u8]) {
    if stdin.as_mut().is_some_and(|pipe| pipe.write_all(bytes).is_err()) {
        *stdin = None;
    }
}

/// Hands the questions of the asking program on. Returns the other lines that it writes.
fn questions(
    from: Option<ChildStdout>,
    mut to: Option<ChildStdin>,
    program: &str,
    flood: &AtomicBool,
) -> Vec<u8> {
    begin(&mut to, program);
    let mut said = Vec::new();
    each_line(from, flood, |line| match line.split_first() {
        Some((&QUESTION, question)) => send(&mut to, question),
        Some(_) | None => said.extend_from_slice(line),
    });
    said
}

/// Hands what the other program writes to the asking one.
fn replies(from: Option<ChildStdout>, mut to: Option<ChildStdin>, program: &str, flood: &AtomicBool) {
    begin(&mut to, program);
    each_line(from, flood, |line| send(&mut to, line));
}

/// Has `take` see each line until the end or a bound; `flood` is set at the bound.
fn each_line(from: Option<impl Read>, flood: &AtomicBool, mut take: impl FnMut(&[u8])) {
    let Some(from) = from else { return };
    let mut lines = BufReader::new(from.take(TRAFFIC));
    let mut line = Vec::new();
    // An error ends it like the end: what came before is there.
    while lines.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        take(&line);
        line.clear();
    }
    if lines.into_inner().limit() == 0 {
        flood.store(true, Ordering::Relaxed);
    }
}

/// Why a child was stopped, where it was, and its exit status.
type ChildEnd = (Option<Stop>, Option<ExitStatus>);

/// Waits for the asking program to end, and then ends the other. A limit that one of them reaches ends that one; the clock
/// ends both.
fn watch(both: &mut [Started; 2], limits: &Limits, floods: [&AtomicBool; 2]) -> [ChildEnd; 2] {
    let begun = Instant::now();
    let mut stops = [None, None];
    for glance in 0_u32.. {
        for ((child, stop), flood) in both.iter_mut().zip(&mut stops).zip(floods) {
            let full = || glance % FOLDER_EVERY == 0 && child.is_full(limits);
            if stop.is_none() && (flood.load(Ordering::Relaxed) || full()) {
                *stop = Some(Stop::Flood);
                child.end();
            }
        }
        if both[0].ended().is_some() {
            break;
        }
        if begun.elapsed() > limits.wall {
            stops = stops.map(|stop| stop.or(Some(Stop::Time)));
            break;
        }
        thread::sleep(GLANCE);
    }
    // The other one reads to the end of its input now, and ends by itself.
    for _ in 0..GOODBYE {
        if both[1].ended().is_none() {
            thread::sleep(GLANCE);
        }
    }
    let [asking, answering] = both.each_mut().map(Started::end);
    [(stops[0], asking), (stops[1], answering)]
}
