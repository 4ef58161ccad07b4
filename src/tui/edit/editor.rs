//! The person's own editor, run on a file with a text.

use std::{io::Write, path::Path, process::ExitStatus};

use tempfile::NamedTempFile;
use tokio::process::{Child, Command};

/// Where nothing else is set.
const USUAL: &str = "vi";

/// Returns the editor that the environment names: `VISUAL`, else `EDITOR`, else vi.
pub fn of_environment() -> String {
    let named = |name| std::env::var(name).ok().filter(|editor: &String| !editor.trim().is_empty());
    named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| USUAL.to_owned())
}

/// An editor at work on a text. Dropping it ends the editor.
#[derive(Debug)]
pub struct Editing {
    editor: String,
    file: NamedTempFile,
    child: Child,
}

impl Editing {
    /// Starts `editor`, a command with its arguments, on a file that holds `text`. It takes the terminal.
    ///
    /// # Errors
    /// A sentence when the file cannot be written or the editor not be started.
    pub fn begin(editor: &str, text: &str) -> Result<Self, String> {
        let unwritten = |error| format!("The text cannot be put into a file for your editor: {error}.");
        let mut file =
            tempfile::Builder::new().prefix("plan-").suffix(".txt").tempfile().map_err(unwritten)?;
        file.write_all(text.as_bytes()).and_then(|()| file.flush()).map_err(unwritten)?;
        let child = command(editor, file.path()).kill_on_drop(true).spawn().map_err(|error| {
            format!("Your editor, {editor}, cannot be started ({error}); set VISUAL or EDITOR to another.")
        })?;
        Ok(Self { editor: editor.to_owned(), file, child })
    }

    /// Waits until the person leaves the editor, and returns the text. May be dropped and called again.
    ///
    /// # Errors
    /// A sentence when the editor fails, or leaves no text.
    pub async fn wait(&mut self) -> Result<String, String> {
        let status = self.child.wait().await.map_err(|error| format!("Your editor is lost: {error}."))?;
        if !status.success() {
            return Err(self.failure(status));
        }
        std::fs::read_to_string(self.file.path())
            .map_err(|error| format!("What your editor saved cannot be read: {error}."))
    }

    fn failure(&self, status: ExitStatus) -> String {
        // What a shell says of a command that it does not find.
        let hint = if status.code() == Some(127) { "; set VISUAL or EDITOR to another" } else { "" };
        format!("Your editor, {}, ended with {status}, so nothing is taken from it{hint}.", self.editor)
    }
}

/// As git does it: the shell reads the command, so that it may have arguments and quotes.
#[cfg(unix)]
fn command(editor: &str, path: &Path) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{editor} \"$1\"")).arg("sh").arg(path);
    command
}

#[cfg(not(unix))]
fn command(editor: &str, path: &Path) -> Command {
    let mut words = editor.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or(USUAL));
    command.args(words).arg(path);
    command
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    async fn edit(editor: &str, text: &str) -> Result<String, String> {
        Editing::begin(editor, text)?.wait().await
    }

    #[tokio::test]
    async fn what_the_editor_saves_comes_back() {
        assert_eq!(edit("sed -i 's/a b/c d/'", "S1: a b\n").await.unwrap(), "S1: c d\n");
        assert_eq!(edit("true", "S1: ä").await.unwrap(), "S1: ä");
    }

    #[tokio::test]
    async fn an_editor_that_fails_is_named() {
        let text = edit("exit 3; echo", "S1: a").await.unwrap_err();
        assert!(text.contains("exit 3; echo") && text.contains("exit status: 3"), "{text}");
        let text = edit("no-such-editor 2>/dev/null", "S1: a").await.unwrap_err();
        assert!(text.contains("set VISUAL or EDITOR"), "{text}");
    }
}
