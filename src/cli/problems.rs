//! `planscope problems`: what can be worked on.

use std::io::Write;

use clap::Args;

use super::table;
use crate::failure::Failure;
use problem::{FAMILIES, Problem};

/// Arguments of `planscope problems`.
#[derive(Debug, Args)]
pub struct ProblemsArgs {
    /// A file of problems, or a family and difficulty such as countdown:2; without it, list the bundled ones
    pub file: Option<String>,
    /// Print the full text of each problem
    #[arg(long)]
    pub text: bool,
    /// Show how a plain solver, without a model, does on each problem
    #[arg(long)]
    pub control: bool,
}

/// Lists families with their difficulty settings, and the file formats.
fn families(out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "\nFamilies:")?;
    for family in FAMILIES {
        writeln!(out, "  {:<12} {}", family.name(), family.doc())?;
        let Some(generator) = family.generator() else { continue };
        for (dial, step) in (1..).zip(generator.dial()) {
            writeln!(out, "    {}:{dial:<2} {step}", family.name())?;
        }
    }
    writeln!(out, "\nFormats of files:")?;
    for (name, doc) in problem::formats() {
        writeln!(out, "  {name:<18} {doc}")?;
    }
    Ok(())
}

/// Lists problems and families.
///
/// # Errors
/// When the file cannot be read as problems, or `out` cannot be written to.
pub fn run(args: &ProblemsArgs, out: &mut impl Write) -> Result<(), Failure> {
    let problems = match &args.file {
        Some(file) => problem::load_set(file)?,
        None => problem::list_bundled(),
    };
    if args.text || args.control {
        // A plain solver takes its time; nobody may be left to read what it finds.
        for problem in problems.iter().take_while(|_| !output::reader_is_gone()) {
            write!(out, "{}", if args.text { whole(problem) } else { control(problem) })?;
            out.flush()?;
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
    if args.file.is_none() {
        families(out)?;
    }
    Ok(out.flush()?)
}

fn whole(problem: &Problem) -> String {
    format!("{} ({})\n{}\n\n", problem.id, problem.family, problem.text)
}

fn control(problem: &Problem) -> String {
    let said = problem.family().control(problem);
    format!("{}: {}\n", problem.id, said.as_deref().unwrap_or("no solver for this family"))
}
