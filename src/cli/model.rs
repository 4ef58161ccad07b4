//! `planscope model`: which models there are, and fetching them.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Common, table, text::clean};
use crate::app;
use crate::failure::Failure;
use llm::gguf;
use llm::models::{Catalog, ModelStore, TerminalProgress, catalog, format_bytes, pull, resolve};
use llm::template::{self, ChatTemplate, Forgeable, Markers};
use model::{Message, Prompt, Role};
use output::say;
use session::Settings;

/// List, fetch and find models.
#[derive(Debug, Args)]
pub struct ModelArgs {
    #[command(subcommand)]
    command: ModelCommand,
}

#[derive(Debug, Subcommand)]
enum ModelCommand {
    /// List the models of the catalogue, and which of them are downloaded
    List,
    /// Download a model, verify it, and store it in the cache
    Pull {
        /// A name from `planscope model list`; default: the configured model
        name: Option<String>,
        /// Take the bytes from this file instead of the network
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
    /// Print the metadata of a GGUF file
    Info {
        /// A path, or a name from `planscope model list`; default: the configured model
        file: Option<String>,
    },
    /// Print a sample conversation in a model's chat template, as a run would send it
    Template {
        /// A path, or a name from `planscope model list`; default: the configured model
        file: Option<String>,
        /// Print the template itself, as in the file
        #[arg(long)]
        source: bool,
    },
    /// Print the path of a model's file; fails if it is not downloaded
    Path {
        /// A name from `planscope model list`, or a path; default: the configured model
        name: Option<String>,
    },
}

/// Does what `planscope model` was asked for.
///
/// # Errors
/// See [`ModelError`](llm::models::ModelError); its `hint` says what to do.
pub async fn run(args: ModelArgs, common: &Common) -> Result<(), Failure> {
    let catalog = catalog()?;
    let named = |name: Option<String>| name.unwrap_or_else(|| catalog.default.clone());
    match args.command {
        ModelCommand::List => say(&list(catalog, &ModelStore::open_default()?))?,
        ModelCommand::Pull { name, from } => {
            let progress = TerminalProgress::for_stderr();
            let path = pull(&named(name), from.as_deref(), progress.as_ref()).await?;
            say(&format!("{}\n", path.display()))?;
        }
        ModelCommand::Info { file } => {
            let model = resolve(&named(file))?.require()?;
            say(&info(&model.path, &gguf::read(&model.path)?))?;
        }
        ModelCommand::Template { file, source } => {
            let model = resolve(&named(file))?.require()?;
            let settings = app::on_a_day(&common.config()?, jiff::Timestamp::now());
            say(&shown(&model.path, source, &settings)?)?;
        }
        ModelCommand::Path { name } => {
            say(&format!("{}\n", resolve(&named(name))?.require()?.path.display()))?;
        }
    }
    Ok(())
}

/// Returns what the header of a model file says, a line each.
fn info(path: &Path, header: &gguf::Header) -> String {
    let known = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    let info = header.info("");
    let mut rows: Vec<Vec<String>> = [
        ("file", path.display().to_string()),
        ("size", format_bytes(header.bytes)),
        ("architecture", known(info.architecture)),
        ("weights", known(info.quantization)),
        ("parameters", known(info.parameters.map(|count| format!("{:.2} B", count as f64 / 1e9)))),
        ("layers", known(info.layers.map(|count| count.to_string()))),
        ("trained context", known(header.trained_context().map(|count| format!("{count} tokens")))),
        ("chat template", template_words(header)),
        ("thinking", thinking_words(header)),
        ("tensors", header.tensors.len().to_string()),
    ]
    .into_iter()
    .map(|(name, value)| vec![name.to_owned(), value])
    .collect();
    for (number, part) in header.parts.iter().enumerate() {
        let file = part.path.file_name().unwrap_or_default().to_string_lossy();
        let what = format!("part {} of {}", number + 1, header.parts.len());
        let tensors = if part.tensors == 1 { "tensor" } else { "tensors" };
        rows.push(vec![what, format!("{file}, {}, {} {tensors}", format_bytes(part.bytes), part.tensors)]);
    }
    table::render(&["what", "value"], &rows)
}

/// Says which chat templates a file has.
fn template_words(header: &gguf::Header) -> String {
    let own = if header.has_chat_template() { "the file's own" } else { "none; ChatML is used" };
    match &template::variants(header)[..] {
        [] => own.to_owned(),
        names => format!("{own}; named ones: {}", names.join(", ")),
    }
}

/// Says what stands around the model's thinking.
fn thinking_words(header: &gguf::Header) -> String {
    match header.chat_template().and_then(Markers::of_template) {
        Some(markers) => format!("between {} and {}", markers.open, markers.close),
        None => "its template has no markers for it".to_owned(),
    }
}

/// Returns a sample conversation as the model reads it, without and, where it can think, with thinking; with `source` the
/// template itself.
fn shown(path: &Path, source: bool, settings: &Settings) -> Result<String, Failure> {
    let header = gguf::read(path)?;
    if source {
        let (_, text) = template::find(&header, &settings.template)?;
        return Ok(lines(&text));
    }
    let specials = gguf::specials(path, &header)?;
    let chat = ChatTemplate::of_file(&header, specials, &settings.template, &settings.thinking)?;
    let say = |role, content: &str| Message { role, content: content.into() };
    let sample = Prompt {
        messages: vec![
            say(Role::System, "You write plans."),
            say(Role::User, "How many pens are in 3 boxes of 4?"),
            say(Role::Assistant, "S1: pens = 3 * 4"),
            say(Role::User, "Write the answer."),
        ],
        ..Prompt::default()
    };
    let mut out = format!("── chat template: {}\n", template_words(&header));
    out += &chat.note().map_or_else(String::new, |note| format!("── {note}\n"));
    let markers = chat.markers().is_some();
    for (thinks, words) in [(false, "the text follows"), (true, "the model thinks first")] {
        if thinks && !markers {
            continue;
        }
        let turn = chat.begin(&sample, &Forgeable::default(), thinks)?;
        out += &format!("── {words}, today is {}\n{}", settings.template.day(), lines(&turn.prompt.concat()));
    }
    Ok(out)
}

/// Returns a text of a file without anything that could steer the terminal.
fn lines(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", clean(line))).collect()
}

/// Returns the table of all named models.
fn list(catalog: &Catalog, store: &ModelStore) -> String {
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
                entry.purpose(),
            ]
        })
        .collect();
    let header = ["name", "", ">size", "weights", ">file", ">memory", "licence", "what for"];
    let hint = "download one with `planscope model pull NAME`; use any other GGUF file by its path\n\
                untested: not tried with planscope; name, place and size are as stated on the hub's pages";
    format!("{}\nkept in {}\n{hint}\n", table::render(&header, &rows), store.dir().display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_every_model_and_marks_the_default() {
        let dir = tempfile::tempdir().expect("a folder");
        let catalog = catalog().expect("parses");
        let text = list(catalog, &ModelStore::new(dir.path()));
        for entry in &catalog.models {
            assert!(text.lines().any(|line| line.starts_with(&entry.name)), "{} is missing", entry.name);
        }
        assert!(text.contains(&format!("{} (default)", catalog.default)));
        assert!(!text.contains("here"), "nothing is there yet");
    }
}
