//! `planscope model`: which models there are, and fetching them.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Failure, say, table};
use crate::llm::gguf;
use crate::llm::models::{Catalog, Store, TerminalProgress, catalog, format_bytes, pull, resolve};

/// List, fetch and find models.
#[derive(Debug, Args)]
pub struct ModelArgs {
    #[command(subcommand)]
    command: ModelCommand,
}

#[derive(Debug, Subcommand)]
enum ModelCommand {
    /// List the models that have a name, and which of them are there
    List,
    /// Fetch a model, check it, and keep it in the cache
    Pull {
        /// A name from `planscope model list`; the default model if left out
        name: Option<String>,
        /// Take the bytes from this file instead of the network
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
    /// Print what a GGUF file says of itself
    Info {
        /// A path, or a name from `planscope model list`; the default model if left out
        file: Option<String>,
    },
    /// Print where a model's file is; fails if it is not there
    Path {
        /// A name from `planscope model list`, or a path; the default model if left out
        name: Option<String>,
    },
}

/// Does what `planscope model` was asked for.
///
/// # Errors
/// See [`ModelError`](crate::llm::models::ModelError); its `hint` says what to do.
pub async fn run(args: ModelArgs) -> Result<(), Failure> {
    let catalog = catalog()?;
    let named = |name: Option<String>| name.unwrap_or_else(|| catalog.default.clone());
    match args.command {
        ModelCommand::List => say(&list(catalog, &Store::open_default()?)),
        ModelCommand::Pull { name, from } => {
            let progress = TerminalProgress::for_stderr();
            let path = pull(&named(name), from.as_deref(), progress.as_ref()).await?;
            say(&format!("{}\n", path.display()));
        }
        ModelCommand::Info { file } => {
            let model = resolve(&named(file))?.require()?;
            say(&info(&model.path, &gguf::read(&model.path)?));
        }
        ModelCommand::Path { name } => {
            say(&format!("{}\n", resolve(&named(name))?.require()?.path.display()));
        }
    }
    Ok(())
}

/// Returns what the header of a model file says, a line each.
fn info(path: &Path, header: &gguf::Header) -> String {
    let known = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    let info = header.info("");
    let rows: Vec<Vec<String>> = [
        ("file", path.display().to_string()),
        ("size", format_bytes(header.bytes)),
        ("architecture", known(info.architecture)),
        ("weights", known(info.quantization)),
        ("parameters", known(info.parameters.map(|count| format!("{:.2} B", count as f64 / 1e9)))),
        ("layers", known(info.layers.map(|count| count.to_string()))),
        ("trained context", known(header.trained_context().map(|count| format!("{count} tokens")))),
        ("chat template", if header.has_chat_template() { "yes" } else { "no" }.to_owned()),
        ("tensors", header.tensors.len().to_string()),
    ]
    .into_iter()
    .map(|(name, value)| vec![name.to_owned(), value])
    .collect();
    table::render(&["what", "value"], &rows)
}

/// Returns the table of all named models.
fn list(catalog: &Catalog, store: &Store) -> String {
    let rows: Vec<Vec<String>> = catalog
        .models
        .iter()
        .map(|entry| {
            let mark = if entry.name == catalog.default { " (default)" } else { "" };
            vec![
                format!("{}{mark}", entry.name),
                if store.is_installed(entry) { "here".into() } else { String::new() },
                entry.parameters.clone(),
                entry.quantization.clone(),
                format_bytes(entry.bytes),
                format_bytes(entry.memory),
                entry.licence.clone(),
                entry.notes.clone(),
            ]
        })
        .collect();
    let header = ["name", "", ">size", "weights", ">file", ">memory", "licence", "what for"];
    let hint = "fetch one with `planscope model pull NAME`; any other GGUF file is used by its path";
    format!("{}\nkept in {}\n{hint}\n", table::render(&header, &rows), store.dir().display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_every_model_and_marks_the_default() {
        let dir = tempfile::tempdir().expect("a folder");
        let catalog = catalog().expect("parses");
        let text = list(catalog, &Store::new(dir.path()));
        for entry in &catalog.models {
            assert!(text.lines().any(|line| line.starts_with(&entry.name)), "{} is missing", entry.name);
        }
        assert!(text.contains(&format!("{} (default)", catalog.default)));
        assert!(!text.contains("here"), "nothing is there yet");
    }
}
