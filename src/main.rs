//! The program: parses the command line, dispatches, and reports failures.

use std::process::ExitCode;

use clap::Parser;
use planscope::cli::{self, Cli, Command, Failure};

fn main() -> ExitCode {
    #[cfg(feature = "llama")]
    if std::env::args_os().nth(1).is_some_and(|arg| arg == planscope::llm::worker::SUBCOMMAND) {
        return match planscope::llm::worker::guest_main() {
            0 => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        };
    }
    #[cfg(target_os = "linux")]
    if std::env::args_os().nth(1).is_some_and(|arg| arg == planscope::sandbox::SUBCOMMAND) {
        return ExitCode::from(planscope::sandbox::guest_main(std::env::args_os().nth(2).as_deref()));
    }
    if let Err(error) = color_eyre::install() {
        eprintln!("planscope: panics will be reported without colour: {error}");
    }
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(&Failure::new(format!("The runtime cannot start: {error}"))),
    };
    let result = runtime.block_on(dispatch(cli));
    // A model that is still loading, or a blocked read of standard input, must not hold up the exit.
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    match result {
        Ok(code) => code,
        Err(failure) => report(&failure),
    }
}

async fn dispatch(cli: Cli) -> Result<ExitCode, Failure> {
    let Cli { command, common } = cli;
    let done = match command {
        None => cli::debug::run(&cli::debug::DebugArgs::default(), &common).await,
        Some(Command::Debug(args)) => cli::debug::run(&args, &common).await,
        Some(Command::Run(args)) => cli::run::run(&args, &common).await,
        Some(Command::Show(args)) => Ok(cli::show::run(&args, cli::width(), &mut std::io::stdout().lock())?),
        Some(Command::Replay(args)) => cli::replay::run(&args, &common).await,
        Some(Command::Tour) => cli::tour::run(&common).await,
        Some(Command::Fork(args)) => cli::fork::run(&args, &common).await,
        Some(Command::Sessions(args)) => cli::sessions::run(&args, &common),
        Some(Command::Compare(args)) => {
            cli::compare::run(&args, &common, cli::width(), &mut std::io::stdout().lock())
        }
        Some(Command::Grep(args)) => {
            let found = cli::grep::run(&args, &mut std::io::stdout().lock())?;
            return Ok(if found { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Some(Command::Diagnose(args)) => {
            let sound = cli::diagnose::run(&args, &common, cli::width(), &mut std::io::stdout()).await?;
            return Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Some(Command::Lab(args)) => cli::lab::run(&args, &common).await,
        Some(Command::Problems(args)) => cli::problems::run(&args),
        Some(Command::Scorer(args)) => {
            cli::scorer::run(&args, &common, cli::width(), &mut std::io::stdout()).await
        }
        Some(Command::Model(args)) => cli::model::run(args, &common).await,
        Some(Command::Theme(args)) => cli::theme::run(&args, &common),
        Some(Command::Doctor(args)) => {
            let devices = planscope::llm::devices();
            if cli::doctor::run(&args, devices.as_deref())? {
                return Ok(ExitCode::SUCCESS);
            }
            Err(Failure::new("Something that planscope needs is missing.").hint("see the hints above"))
        }
        Some(Command::Completions { shell }) => {
            cli::generate::completions(shell, &mut std::io::stdout());
            Ok(())
        }
        Some(Command::Man) => cli::generate::man(&mut std::io::stdout()),
    };
    done.map(|()| ExitCode::SUCCESS)
}

fn report(failure: &Failure) -> ExitCode {
    eprintln!("error: {failure}");
    if let Some(hint) = &failure.hint {
        eprintln!("hint: {hint}");
    }
    ExitCode::from(2)
}
