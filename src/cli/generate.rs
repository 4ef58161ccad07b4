//! Shell completions and the manual page, generated from the command line's own definition.

use std::io::Write;

use clap::CommandFactory;

use super::Cli;
use crate::failure::Failure;

/// Writes completions for `shell`.
///
/// # Errors
/// When `out` cannot be written to.
pub fn completions(shell: clap_complete::Shell, out: &mut impl Write) -> Result<(), Failure> {
    // The generator panics where it cannot write, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "planscope", &mut script);
    out.write_all(&script)?;
    Ok(out.flush()?)
}

/// Writes the manual page: the program's, then the options of each subcommand.
///
/// # Errors
/// When `out` cannot be written to.
pub fn man(out: &mut impl Write) -> Result<(), Failure> {
    let mut command = Cli::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(out)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        writeln!(out, ".SH PLANSCOPE {}", sub.get_name().to_uppercase())?;
        let page = clap_mangen::Man::new(sub.clone());
        page.render_synopsis_section(out)?;
        page.render_options_section(out)?;
    }
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_subcommand_is_in_the_manual() {
        let mut page = Vec::new();
        man(&mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        for sub in Cli::command().get_subcommands() {
            let title = format!("PLANSCOPE {}", sub.get_name().to_uppercase());
            assert!(page.contains(&title), "{title}");
        }
    }
}
