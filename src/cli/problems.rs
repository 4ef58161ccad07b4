//! `planscope problems`: what can be worked on.

use std::io::Write;

use clap::Args;

use super::{Failure, table};
use crate::problem::{self, FAMILIES};

/// Arguments of `planscope problems`.
#[derive(Debug, Args)]
pub struct ProblemsArgs {
    /// A file of problems; without it, the bundled ones are listed
    pub file: Option<String>,
    /// Print each problem's whole text
    #[arg(long)]
    pub text: bool,
}

/// Lists problems and families.
///
/// # Errors
/// When the file cannot be read as problems.
pub fn run(args: &ProblemsArgs) -> Result<(), Failure> {
    let problems = match &args.file {
        Some(file) => problem::load_set(file)?,
        None => problem::list_bundled(),
    };
    let mut out = std::io::stdout().lock();
    if args.text {
        for problem in &problems {
            writeln!(out, "{} ({})\n{}\n", problem.id, problem.family, problem.text)?;
        }
        return Ok(());
    }
    let rows: Vec<Vec<String>> = problems
        .iter()
        .map(|problem| {
            vec![
                problem.id.clone(),
                problem.family.clone(),
                problem.difficulty.map_or_else(|| "–".into(), |difficulty| "●".repeat(difficulty.into())),
                problem.title.clone(),
            ]
        })
        .collect();
    write!(out, "{}", table::render(&["problem", "family", "difficulty", "title"], &rows))?;
    writeln!(out, "\nFamilies:")?;
    for family in FAMILIES {
        writeln!(out, "  {:<8} {}", family.name(), family.doc())?;
    }
    Ok(())
}
