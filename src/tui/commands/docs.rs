//! The tables of `docs/commands.md`.

use std::fmt::Write as _;

use super::{
    overlays::{OverlayKey, OverlayKind},
    pane::Pane,
    profile::Profile,
    settings::SETTINGS,
    spec::{CommandSpec, Section},
    table::all,
};

const HEAD: &str = "\
# Commands and keys

This page is generated from the table of commands; `UPDATE_DOCS=1 cargo test --test offline docs::commands` writes it again.

Terms are in the [glossary](glossary.md).

A command is written at the `:` prompt or in a script, found in the palette (`ctrl-p`), or bound to a key. Names may be
shortened as long as only one command fits, between hyphens too: `cont`, `rev-st`. The short names in brackets always work.
Where it says `[COUNT]`, a count can follow the name or come before the name or the key: `next 3`, `3 next`, `3n`. In the
profile `gdb` a digit also gives the focus to a pane; it is a count when such a key follows within a second. In the
profile `vim` digits are counts, and `alt-1` to `alt-6` choose panes.

`ui.keys = \"vim\"` in the configuration chooses a profile, and `[ui.bind]` gives keys other commands; an empty command
removes a key:

```toml
[ui]
keys = \"vim\"

[ui.bind]
\"ctrl-x\" = \"next 3\"
\"T\" = \"theme light\"
\"B\" = \"goto\"          # what lacks its argument opens the prompt
\"q\" = \"\"
```

A script has one command per line; empty lines and lines that begin with `#` are skipped. `--script FILE` of `debug` and
`replay` starts one, and so does `source FILE`. After a command that lets the run continue, the next line waits until the
run is paused again; with `--script`, a debugged run therefore starts paused. An error names file and line and ends the
script, and so does driving the run by hand meanwhile. `quit` in a script does not ask.
";

const OVERLAYS: &str = "
## Keys in lists and dialogs

These hold while a list or dialog is open over the panes, and take precedence over the keys above; in a list all other keys
hold as well. `[ui.bind]` gives each command another key, here too.

| in | keys |
|---|---|
";

/// Returns the whole page.
pub fn markdown() -> String {
    let mut page = HEAD.to_owned();
    for &section in Section::ALL {
        let _ = write!(
            page,
            "\n## {}\n\n| command | keys (gdb) | keys (vim) | does |\n|---|---|---|---|\n",
            section.title()
        );
        for spec in all().filter(|spec| spec.section == section) {
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} |",
                name(spec),
                keys(spec, Profile::Gdb),
                keys(spec, Profile::Vim),
                spec.doc
            );
        }
    }
    page.push_str(&overlays());
    page.push_str("\n## Settings of the screen\n\n`set KEY VALUE` changes one until you leave.\n\n| key | values | does |\n|---|---|---|\n");
    for setting in SETTINGS {
        let _ = writeln!(page, "| `{}` | {} | {} |", setting.name, setting.values.join(", "), setting.doc);
    }
    page
}

/// The keys that hold while something lies over the panes.
fn overlays() -> String {
    let mut text = OVERLAYS.to_owned();
    for kind in OverlayKind::all() {
        let command = |row: &'static OverlayKey| {
            let spec = all().find(|spec| spec.action() == row.action.as_ref() && row.action.is_some())?;
            let keys: Vec<String> = row.keys.iter().map(|key| format!("`{key}`")).collect();
            (!keys.is_empty()).then(|| format!("{} {}", keys.join(" "), spec.name))
        };
        let keys: Vec<String> = kind.keys().iter().filter_map(command).collect();
        if !keys.is_empty() {
            let _ = writeln!(text, "| {} | {} |", kind.spec().title, keys.join(" · "));
        }
    }
    text
}

fn name(spec: &CommandSpec) -> String {
    let aliases: Vec<String> = spec.aliases.iter().map(|alias| format!("`{alias}`")).collect();
    match aliases[..] {
        [] => format!("`{}`", spec.usage()),
        _ => format!("`{}` ({})", spec.usage(), aliases.join(", ")),
    }
}

fn keys(spec: &CommandSpec, profile: Profile) -> String {
    let key = |(pane, key): (Option<Pane>, &str)| match pane {
        Some(pane) => format!("`{key}` in {}", pane.title()),
        None => format!("`{key}`"),
    };
    let mut keys: Vec<String> = spec.keys_in(profile).map(key).collect();
    if keys.is_empty() && spec.action().is_some() {
        for kind in OverlayKind::all() {
            let own = kind.keys().iter().filter(|row| row.action.as_ref() == spec.action());
            let own = own.flat_map(|row| row.keys);
            keys.extend(own.map(|key| format!("`{key}` in {}", kind.spec().title)));
        }
    }
    keys.join(" ")
}
