//! Shell completions and the manual page, generated from the command line's own definition.

use std::io::Write;

use clap::CommandFactory;

use super::{Cli, Failure};

/// Writes completions for `shell`.
pub fn completions(shell: clap_complete::Shell, out: &mut impl Write) {
    clap_complete::generate(shell, &mut Cli::command(), "planscope", out);
}

/// Writes the manual page: the program's, then a section for each subcommand.
///
/// # Errors
/// When `out` cannot be written to.
pub fn man(out: &mut impl Write) -> Result<(), Failure> {
    let command = Cli::command();
    clap_mangen::Man::new(command.clone()).render(out)?;
    for sub in command.get_subcommands() {
        let title = format!("planscope {}", sub.get_name());
        clap_mangen::Man::new(sub.clone().name(title.clone()).bin_name(title)).render_options_section(out)?;
    }
    Ok(())
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
            assert!(page.contains(sub.get_name()), "{}", sub.get_name());
        }
    }
}
