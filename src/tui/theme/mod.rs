//! Themes: one TOML file each, made of a palette and styles that name its colours.
//!
//! [`Themes`] finds them, the bundled ones and the user's own; [`lint()`] says what is wrong with one.

mod file;
mod library;
mod lint;
mod watch;

use std::ops::Index;

use ratatui::style::{Modifier, Style};

pub use file::ThemeError;
pub use library::{Origin, Themes};
pub use lint::{Fault, lint};
pub(super) use watch::Watch;

/// What a piece of the screen means; the theme says how that looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the styles of the theme files")]
pub enum Role {
    Text,
    Strong,
    Dim,
    Border,
    BorderFocus,
    Title,
    TitleFocus,
    Accent,
    Badge,
    BadgeHold,
    BadgePast,
    Key,
    Good,
    Bad,
    Care,
    Added,
    AddedWord,
    Removed,
    RemovedWord,
    Human,
    Noise,
    Select,
    Cursor,
    Bar,
    BarRest,
    Constraint,
    Subgoal,
    Invariant,
    Claim,
    ToolCall,
    Step,
    Number,
    Operator,
    Function,
    Quoted,
    Cite0,
    Cite1,
    Cite2,
    Cite3,
    Cite4,
    Cite5,
    Heat0,
    Heat1,
    Heat2,
    Heat3,
    Heat4,
}

/// The styles' names in theme files, in the order of [`Role`].
const NAMES: [&str; 46] = [
    "text",
    "strong",
    "dim",
    "border",
    "border_focus",
    "title",
    "title_focus",
    "accent",
    "badge",
    "badge_hold",
    "badge_past",
    "key",
    "good",
    "bad",
    "care",
    "added",
    "added_word",
    "removed",
    "removed_word",
    "human",
    "noise",
    "select",
    "cursor",
    "bar",
    "bar_rest",
    "constraint",
    "subgoal",
    "invariant",
    "claim",
    "tool_call",
    "step",
    "number",
    "operator",
    "function",
    "quoted",
    "cite_0",
    "cite_1",
    "cite_2",
    "cite_3",
    "cite_4",
    "cite_5",
    "heat_0",
    "heat_1",
    "heat_2",
    "heat_3",
    "heat_4",
];

/// All roles, in their order.
const ROLES: [Role; NAMES.len()] = [
    Role::Text,
    Role::Strong,
    Role::Dim,
    Role::Border,
    Role::BorderFocus,
    Role::Title,
    Role::TitleFocus,
    Role::Accent,
    Role::Badge,
    Role::BadgeHold,
    Role::BadgePast,
    Role::Key,
    Role::Good,
    Role::Bad,
    Role::Care,
    Role::Added,
    Role::AddedWord,
    Role::Removed,
    Role::RemovedWord,
    Role::Human,
    Role::Noise,
    Role::Select,
    Role::Cursor,
    Role::Bar,
    Role::BarRest,
    Role::Constraint,
    Role::Subgoal,
    Role::Invariant,
    Role::Claim,
    Role::ToolCall,
    Role::Step,
    Role::Number,
    Role::Operator,
    Role::Function,
    Role::Quoted,
    Role::Cite0,
    Role::Cite1,
    Role::Cite2,
    Role::Cite3,
    Role::Cite4,
    Role::Cite5,
    Role::Heat0,
    Role::Heat1,
    Role::Heat2,
    Role::Heat3,
    Role::Heat4,
];

impl Role {
    /// Returns all roles with their names in theme files.
    pub fn all() -> impl Iterator<Item = (Self, &'static str)> {
        ROLES.into_iter().zip(NAMES)
    }

    /// Returns whether the role is for text, which needs more contrast than lines and bars do.
    pub const fn is_text(self) -> bool {
        !matches!(self, Self::Border | Self::BorderFocus | Self::Bar | Self::BarRest)
    }
}

/// How everything looks. Indexed by [`Role`].
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    styles: [Style; NAMES.len()],
}

impl Index<Role> for Theme {
    type Output = Style;

    fn index(&self, role: Role) -> &Style {
        &self.styles[role as usize]
    }
}

impl Theme {
    /// Returns the bundled theme called `name`.
    ///
    /// # Errors
    /// [`ThemeError::Unknown`] when there is none.
    pub fn bundled(name: &str) -> Result<Self, ThemeError> {
        Themes::bundled().load(name)
    }

    /// Returns the theme with all colours taken out; what they said, weight and reversal still say.
    #[must_use]
    pub(crate) fn without_colour(mut self) -> Self {
        for style in &mut self.styles {
            let backed = style.bg.is_some();
            style.fg = None;
            style.bg = None;
            if backed && !style.add_modifier.contains(Modifier::CROSSED_OUT) {
                *style = style.add_modifier(Modifier::REVERSED);
            }
        }
        // Good and bad may both be bold for their colours' sake; only one of them can stay so.
        let good = Role::Good as usize;
        self.styles[good] = self.styles[good].remove_modifier(Modifier::BOLD);
        self.styles[good].sub_modifier = Modifier::empty();
        for (role, modifier) in [
            (Role::BorderFocus, Modifier::BOLD),
            (Role::Bar, Modifier::BOLD),
            (Role::BarRest, Modifier::DIM),
            (Role::Bad, Modifier::BOLD),
            (Role::Care, Modifier::UNDERLINED),
        ] {
            self.styles[role as usize] = self.styles[role as usize].add_modifier(modifier);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_roles_stand_in_the_same_order() {
        for (role, name) in Role::all() {
            let words = format!("{role:?}").chars().fold(String::new(), |mut text, c| {
                if (c.is_uppercase() || c.is_ascii_digit()) && !text.is_empty() {
                    text.push('_');
                }
                text.extend(c.to_lowercase());
                text
            });
            assert_eq!(words, name);
            assert_eq!(NAMES[role as usize], name);
        }
    }

    #[test]
    fn without_colour_no_colour_is_left_and_what_matters_still_stands_out() {
        for name in Themes::bundled().names().into_iter().map(|(name, _)| name) {
            let theme = Theme::bundled(&name).unwrap().without_colour();
            assert!(theme.styles.iter().all(|style| style.fg.is_none() && style.bg.is_none()));
            assert!(theme[Role::Badge].add_modifier.contains(Modifier::REVERSED));
            for (one, other) in [
                (Role::Border, Role::BorderFocus),
                (Role::Title, Role::TitleFocus),
                (Role::Select, Role::Text),
                (Role::Key, Role::Dim),
                (Role::Added, Role::AddedWord),
                (Role::Removed, Role::RemovedWord),
                (Role::Bar, Role::BarRest),
                (Role::Good, Role::Bad),
            ] {
                assert_ne!(theme[one], theme[other], "{name}: {one:?} and {other:?}");
            }
        }
    }
}
