//! The person's own editor, run on a file with a text.

use std::{
    fs,
    io::{self, Write},
    path::Path,
    process::ExitStatus,
};

use tempfile::NamedTempFile;
use tokio::process::{Child, Command};

use output::note;

/// Where nothing else is set.
const USUAL: &str = "vi";

/// Returns the editor that the environment names: `VISUAL`, else `EDITOR`, else vi.
pub fn of_environment() -> String {
    let named = |name| std::env::var(name).ok().filter(|editor: &String| !editor.trim().is_empty());
    named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| USUAL.to_owned())
}

/// The file on which an editor works. It outlives the editor's command, since some return at once and save later.
/// Dropping it removes the file, unless it holds a text by then that nobody has read.
#[derive(Debug)]
pub struct Draft {
    file: NamedTempFile,
    /// What it held when it was written or read last.
    known: String,
}

impl Draft {
    fn new(text: &str) -> io::Result<Self> {
        let mut file = tempfile::Builder::new().prefix("plan-").suffix(".txt").tempfile()?;
        file.write_all(text.as_bytes()).and_then(|()| file.flush())?;
        Ok(Self { file, known: text.to_owned() })
    }

    /// Returns what is saved in it by now.
    ///
    /// # Errors
    /// A sentence when it cannot be read.
    pub fn read(&mut self) -> Result<String, String> {
        let text = fs::read_to_string(self.file.path())
            .map_err(|error| format!("What your editor saved cannot be read: {error}."))?;
        self.known.clone_from(&text);
        Ok(text)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let path = self.file.path();
        if fs::read(path).is_ok_and(|bytes| bytes != self.known.as_bytes()) {
            note(format!(
                "Your editor saved a text that the plan does not have; it is kept in {}",
                path.display()
            ));
            self.file.disable_cleanup(true);
        }
    }
}

/// An editor at work on a text. Dropping it ends the editor.
#[derive(Debug)]
pub struct Editing {
    editor: String,
    draft: Draft,
    child: Child,
}

impl Editing {
    /// Starts `editor`, a command with its arguments, on a file that holds `text`. It takes the terminal.
    ///
    /// # Errors
    /// A sentence when the file cannot be written or the editor not be started.
    pub fn begin(editor: &str, text: &str) -> Result<Self, String> {
        let unwritten = |error| format!("The text cannot be put into a file for your editor: {error}.");
        let draft = Draft::new(text).map_err(unwritten)?;
        let child = command(editor, draft.file.path()).kill_on_drop(true).spawn().map_err(|error| {
            format!("Your editor, {editor}, cannot be started ({error}); set VISUAL or EDITOR to another.")
        })?;
        Ok(Self { editor: editor.to_owned(), draft, child })
    }

    /// Waits until the person leaves the editor, and returns the text. May be dropped and called again.
    ///
    /// # Errors
    /// A sentence when the editor fails, or leaves no text.
    pub async fn wait(&mut self) -> Result<String, String> {
        let status =
            self.child.wait().await.map_err(|error| format!("Lost track of the editor process: {error}."))?;
        if !status.success() {
            return Err(self.failure(status));
        }
        self.draft.read()
    }

    /// Returns the file, once the editor's command has ended.
    pub fn into_draft(self) -> Draft {
        self.draft
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
    async fn what_is_saved_late_is_read_or_kept() {
        let mut editing = Editing::begin("true", "S1: a\n").unwrap();
        assert_eq!(editing.wait().await.unwrap(), "S1: a\n");
        let mut draft = editing.into_draft();
        let path = draft.file.path().to_owned();
        fs::write(&path, "S1: late\n").unwrap();
        assert_eq!(draft.read().unwrap(), "S1: late\n");
        drop(draft);
        assert!(!path.exists(), "what was read is taken");

        let draft = Editing::begin("true", "S1: a\n").unwrap().into_draft();
        let path = draft.file.path().to_owned();
        fs::write(&path, "S1: too late\n").unwrap();
        drop(draft);
        assert_eq!(fs::read_to_string(&path).unwrap(), "S1: too late\n");
        fs::remove_file(path).unwrap();
    }

    #[tokio::test]
    async fn an_editor_that_fails_is_named() {
        let text = edit("exit 3; echo", "S1: a").await.unwrap_err();
        assert!(text.contains("exit 3; echo") && text.contains("exit status: 3"), "{text}");
        let text = edit("no-such-editor 2>/dev/null", "S1: a").await.unwrap_err();
        assert!(text.contains("set VISUAL or EDITOR"), "{text}");
    }
}
