//! Exit codes, closed pipes, full outputs and limits.

use std::{
    fs::{self, File, OpenOptions},
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use session::{Outcome, Session};
use tempfile::TempDir;

const CHOIR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/sessions/choir");

/// A folder with models that answer at once, after two seconds, and after minutes.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, delay, words) in [("quick", 0, 1), ("soon", 20, 100), ("slow", 100, 2000)] {
            let text = format!("{}The answer is 15.", "word ".repeat(words));
            let script = format!("delay_ms = {delay}\n[[reply]]\ntext = \"{text}\"\nrepeat = true\n");
            fs::write(dir.path().join(format!("{name}.toml")), script).unwrap();
        }
        Self(dir)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_planscope"));
        command.current_dir(self.0.path()).args(args).env("HOME", self.0.path());
        command
    }

    /// A run with one of the models.
    fn run(&self, model: &str, more: &[&str]) -> Command {
        let model = format!("{model}.toml");
        let args =
            ["run", "pens", "--backend", "scripted", "--model", &model, "--sessions", "s", "--no-cite"];
        self.command(&[&args[..], &["--set", "mode=direct"], more].concat())
    }

    /// The session of the run, once it has a folder.
    fn begun(&self) -> Option<PathBuf> {
        Some(fs::read_dir(self.0.path().join("s")).ok()?.next()?.unwrap().path())
    }

    fn session(&self) -> PathBuf {
        self.begun().unwrap()
    }

    fn outcome(&self) -> Option<Outcome> {
        Session::open(&self.session()).unwrap().manifest.finished.map(|finished| finished.outcome)
    }
}

fn code(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn full() -> File {
    OpenOptions::new().write(true).open("/dev/full").unwrap()
}

#[test]
fn done_no_and_failed_have_their_codes() {
    let place = Place::new();
    for (args, expected) in [
        (&["--help"][..], 0),
        (&["--version"], 0),
        (&["problems"], 0),
        (&["grep", CHOIR, "catch reject"], 0),
        (&["grep", CHOIR, "iteration > 900"], 1),
        (&["diagnose", CHOIR], 1),
        (&["diagnose", "--list"], 0),
        (&["grep", CHOIR, "no such probe"], 2),
        (&["show", "nothing"], 2),
        (&["no-such-command"], 2),
        (&["run", "pens", "--set", "no=1"], 2),
        (&["debug", "pens"], 2),
    ] {
        let (code, said) = code(&mut place.command(args));
        assert_eq!(code, Some(expected), "{args:?}: {said}");
        assert_eq!(said.starts_with("error: "), expected == 2, "{args:?}: {said}");
    }
    let (code, _) = code(&mut place.run("quick", &[]));
    assert_eq!((code, place.outcome()), (Some(0), Some(Outcome::Answered)));
}

/// Waits until the run has recorded something.
fn begun(place: &Place) {
    let records = |path: PathBuf| Session::open(&path).map_or(0, |session| session.records.len());
    while place.begun().map_or(0, records) < 4 {
        sleep(Duration::from_millis(20));
    }
}

fn signal(child: &Child, signal: i32) {
    // SAFETY: kill takes no pointers, and the process is this test's own child, which was not waited for.
    assert_eq!(unsafe { libc::kill(libc::pid_t::try_from(child.id()).unwrap(), signal) }, 0);
}

#[test]
fn a_signal_closes_the_session_and_is_the_code() {
    for (number, expected) in [(libc::SIGINT, 130), (libc::SIGTERM, 143), (libc::SIGHUP, 129)] {
        let place = Place::new();
        let mut command = place.run("slow", &[]);
        // Whoever runs the tests may ignore some of them.
        // SAFETY: signal is safe between fork and exec.
        unsafe {
            command.pre_exec(move || {
                libc::signal(number, libc::SIG_DFL);
                Ok(())
            });
        }
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        begun(&place);
        signal(&child, number);
        assert_eq!(child.wait().unwrap().code(), Some(expected));
        assert_eq!(place.outcome(), Some(Outcome::Interrupted));
    }
}

#[test]
fn a_run_under_nohup_outlives_its_terminal() {
    let place = Place::new();
    let mut command = place.run("soon", &[]);
    // SAFETY: signal is safe between fork and exec.
    unsafe {
        command.pre_exec(|| {
            libc::signal(libc::SIGHUP, libc::SIG_IGN);
            Ok(())
        });
    }
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    begun(&place);
    signal(&child, libc::SIGHUP);
    assert_eq!((child.wait().unwrap().code(), place.outcome()), (Some(0), Some(Outcome::Answered)));
}

#[test]
fn a_run_ends_in_order_when_its_reader_leaves() {
    let place = Place::new();
    let mut child =
        place.run("soon", &["--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with('{'), "{line}");
    // The reader is gone; a run notices with its next event.
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(place.outcome().is_some(), "the session is closed");
    let interrupted = place.outcome() == Some(Outcome::Interrupted);
    assert_eq!(output.status.code(), Some(if interrupted { 141 } else { 0 }));
}

/// Commands that print a lot, or anything at all.
const PRINTS: &[&[&str]] = &[
    &["problems", "countdown:2#0..500", "--text"],
    &["problems", "countdown:2#0..500", "--control"],
    &["problems"],
    &["show", CHOIR],
    &["show", CHOIR, "--json"],
    &["compare", CHOIR, CHOIR],
    &["diagnose", CHOIR],
    &["grep", CHOIR, "catch reject"],
    &["replay", CHOIR, "--check"],
    &["replay", CHOIR, "--linear"],
    &["scorer", "list"],
    &["model", "list"],
    &["lab", "arms"],
    &["theme", "list"],
    &["theme", "show", "dark"],
    &["completions", "bash"],
    &["man"],
    &["--help"],
    &["lab", "--help"],
    &["--version"],
];

#[test]
fn a_closed_pipe_is_no_failure() {
    let place = Place::new();
    for args in PRINTS {
        let mut child = place.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        let status = child.wait().unwrap();
        assert!(matches!(status.code(), Some(0 | 1)) && said.is_empty(), "{args:?}: {status} {said}");
    }
}

#[test]
fn an_output_that_is_full_is_a_failure_with_a_sentence() {
    let place = Place::new();
    for args in PRINTS {
        let (code, said) = code(place.command(args).stdout(full()));
        assert_eq!(code, Some(2), "{args:?}");
        assert!(
            said.starts_with("error: standard output cannot be written to: No space left"),
            "{args:?}: {said}"
        );
    }
    let (code, said) = code(place.run("slow", &[]).stdout(full()));
    assert_eq!((code, place.outcome()), (Some(2), Some(Outcome::Interrupted)), "{said}");
    // Where standard error is full or closed there is no place for the sentence, and the code says it alone.
    let status = place.command(&["show", "nothing"]).stdout(full()).stderr(full()).status().unwrap();
    assert_eq!(status.code(), Some(2));
}

/// Sets a limit on the size of files for a command.
fn limited(command: &mut Command, bytes: u64) -> &mut Command {
    // SAFETY: setrlimit is safe between fork and exec, and reads a value that lives through the call.
    unsafe {
        command.pre_exec(move || {
            let limit = libc::rlimit { rlim_cur: bytes as libc::rlim_t, rlim_max: bytes as libc::rlim_t };
            match libc::setrlimit(libc::RLIMIT_FSIZE, &raw const limit) {
                0 => Ok(()),
                _ => Err(std::io::Error::last_os_error()),
            }
        })
    }
}

#[test]
fn a_limit_on_the_size_of_files_stops_a_run_with_a_sentence() {
    let place = Place::new();
    let (code, said) = code(limited(&mut place.run("quick", &[]), 2048));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("File too large") && said.contains("events before that are kept"), "{said}");
    assert!(said.contains("hint: raise the file size limit"), "{said}");
    let session = Session::open(&place.session()).unwrap();
    assert!(session.damage.is_none() && !session.records.is_empty(), "{:?}", session.damage);
    assert!(said.contains(&format!("the {} events before", session.records.len())), "{said}");
}

#[test]
fn a_file_as_output_may_meet_the_limit_too() {
    let place = Place::new();
    let file = File::create(place.0.path().join("out")).unwrap();
    let mut command = place.command(&["show", CHOIR, "--json"]);
    let (code, said) = code(limited(command.stdout(file), 2048));
    assert!(
        code == Some(2) && said.contains("standard output cannot be written to: File too large"),
        "{said}"
    );
}

#[test]
fn a_session_is_found_by_its_name_whatever_reads_it() {
    let sessions = concat!(env!("CARGO_MANIFEST_DIR"), "/sessions");
    let place = Place::new();
    let commands: [&[&str]; 6] = [
        &["show", "dinner"],
        &["replay", "dinner", "--check"],
        &["replay", "dinner", "--linear"],
        &["grep", "dinner", "best > 0.1"],
        &["diagnose", "six"],
        &["compare", "dinner", "six"],
    ];
    for args in commands {
        let mut command = place.command(&[args, &["--sessions", sessions]].concat());
        let (code, said) = code(command.stdin(Stdio::null()));
        assert!(code == Some(0) || args[0] == "diagnose" && code == Some(1), "{args:?}: {code:?} {said}");
    }
    let (code, said) = code(&mut place.command(&["show", "nobody", "--sessions", sessions]));
    assert!(code.is_some_and(|code| code > 0), "{code:?}");
    assert!(said.contains("planscope sessions"), "{said}");
}
