//! The program: parses the command line, dispatches, and reports failures.
#![warn(clippy::disallowed_macros)]

use std::process::ExitCode;

use output::exit::{self, End};
use planscope::{
    cli::{self, Cli, CliCommand},
    failure::Failure,
};

fn main() -> ExitCode {
    #[cfg(feature = "llama")]
    if std::env::args_os().nth(1).is_some_and(|arg| arg == llm::worker::SUBCOMMAND) {
        return match llm::worker::worker_main() {
            0 => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        };
    }
    #[cfg(target_os = "linux")]
    if std::env::args_os().nth(1).is_some_and(|arg| arg == sandbox::SUBCOMMAND) {
        return ExitCode::from(sandbox::child_main(std::env::args_os().nth(2).as_deref()));
    }
    cli::process::prepare();
    ExitCode::from(match cli::process::parse() {
        Ok(cli) => run(cli),
        Err(code) => code,
    })
}

/// Does what the command line asks for; returns the exit code.
fn run(cli: Cli) -> u8 {
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(&Failure::new(format!("The runtime cannot start: {error}"))),
    };
    let result = runtime.block_on(dispatch(cli));
    // A model that is still loading, or a blocked read of standard input, must not hold up the exit.
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    match result {
        Ok(end) => end.code(),
        Err(failure) => report(&failure),
    }
}

async fn dispatch(cli: Cli) -> Result<End, Failure> {
    let Cli { command, common } = cli;
    let (width, mut out) = (cli::width(), output::out());
    match command {
        None => return cli::debug::run(&cli::debug::DebugArgs::default(), &common).await,
        Some(CliCommand::Debug(args)) => return cli::debug::run(&args, &common).await,
        Some(CliCommand::Run(args)) => return cli::run::run(&args, &common).await,
        Some(CliCommand::Show(mut args)) => {
            args.session = common.session_dir(&args.session)?;
            cli::show::run(&args, width, &mut out)?;
        }
        Some(CliCommand::Replay(mut args)) => {
            args.session = common.session_dir(&args.session)?;
            return cli::replay::run(&args, &common).await;
        }
        Some(CliCommand::Tour) => return cli::tour::run(&common).await,
        Some(CliCommand::Fork(mut args)) => {
            args.session = common.session_dir(&args.session)?;
            return cli::fork::run(&args, &common).await;
        }
        Some(CliCommand::Sessions(args)) => cli::sessions::run(&args, &common)?,
        Some(CliCommand::Compare(args)) => cli::compare::run(&args, &common, width, &mut out)?,
        Some(CliCommand::Grep(mut args)) => {
            args.session = common.session_dir(&args.session)?;
            return Ok(End::of(cli::grep::run(&args, &mut out)?));
        }
        Some(CliCommand::Diagnose(args)) => {
            return Ok(End::of(cli::diagnose::run(&args, &common, width, &mut out).await?));
        }
        Some(CliCommand::Lab(args)) => return cli::lab::run(&args, &common).await,
        Some(CliCommand::Problems(args)) => cli::problems::run(&args, &mut out)?,
        Some(CliCommand::Scorer(args)) => return cli::scorer::run(&args, &common, width, &mut out).await,
        #[cfg(feature = "train")]
        Some(CliCommand::Train(args)) => cli::train::run(&args, &mut out)?,
        Some(CliCommand::Model(args)) => cli::model::run(args, &common).await?,
        Some(CliCommand::Theme(args)) => cli::theme::run(&args, &common)?,
        Some(CliCommand::Doctor(args)) => cli::doctor::run(&args, llm::devices().as_deref())?,
        Some(CliCommand::Completions { shell }) => cli::generate::completions(shell, &mut out)?,
        Some(CliCommand::Man) => cli::generate::man(&mut out)?,
    }
    Ok(End::Done)
}

/// Says why a command failed; returns the exit code.
fn report(failure: &Failure) -> u8 {
    let hint = failure.hint.as_ref().map_or_else(String::new, |hint| format!("\nhint: {hint}"));
    output::note(format!("error: {failure}{hint}"));
    exit::FAILED
}
