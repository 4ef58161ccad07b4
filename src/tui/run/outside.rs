//! What the loop does for the screen with files, colours and the drawn panes.

use std::{fs, path::Path};

use ratatui::{buffer::Buffer, layout::Rect, style::Color};

use crate::{
    core::{
        msg::{Effect, Msg},
        script::Script,
    },
    overlays::screen::Screen,
    run::view,
    terminal::svg,
    theme::{Role, Theme},
};

/// Does what `effect` asks for and returns the result; none for effects that need the terminal or
/// the engine. `area` is the screen's.
pub fn perform(effect: &Effect, screen: &Screen, theme: &Theme, area: Rect) -> Option<Msg> {
    match effect {
        Effect::Search(direction) => Some(Msg::Lines(*direction, view::pane_lines(screen, theme, area))),
        Effect::Read(path) => Some(Msg::Script(read_script(path))),
        Effect::Screenshot(path) => {
            let mut buf = Buffer::empty(area);
            view::draw_buffer(screen, theme, area, &mut buf);
            Some(Msg::Told(write(path, &svg::picture(&buf, is_light(theme)))))
        }
        Effect::Theme(_)
        | Effect::Remember
        | Effect::Send(_)
        | Effect::Fork(_)
        | Effect::Switch(_)
        | Effect::Begin(_)
        | Effect::OpenEditor(_)
        | Effect::ReadSaved
        | Effect::Copy(_)
        | Effect::Stop(_)
        | Effect::Examine(_)
        | Effect::GiveUp(_)
        | Effect::Suspend
        | Effect::Quit => None,
    }
}

/// Reads a file of commands.
///
/// # Errors
/// When it cannot be read, or a line is no command, in a sentence.
pub fn read_script(path: &Path) -> Result<Script, String> {
    let name = path.display().to_string();
    let text =
        fs::read_to_string(path).map_err(|error| format!("The script {name} cannot be read: {error}."))?;
    Script::parse(&name, &text).map_err(|error| error.to_string())
}

fn write(path: &Path, text: &str) -> Result<String, String> {
    let name = path.display();
    if path.extension().is_none_or(|kind| kind != "svg") {
        return Err(format!("The picture is in SVG format, so its name must end in .svg: {name} does not."));
    }
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    match dir.map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text)) {
        Ok(()) => Ok(format!("The screen is written to {name}.")),
        Err(error) => Err(format!("The screen cannot be written to {name}: {error}.")),
    }
}

/// Returns whether the theme is one for a light terminal: its text is dark.
fn is_light(theme: &Theme) -> bool {
    matches!(theme[Role::Text].fg, Some(Color::Rgb(r, g, b)) if u16::from(r) + u16::from(g) + u16::from(b) < 384)
}
