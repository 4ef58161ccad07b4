//! Characters that a task in words does not have: where they are, and what was probably meant. Most come from LaTeX in JSON or
//! TOML with one backslash too few: `\frac` is a form feed and *rac* there.

/// Words that a tab or a line feed swallowed the first letter of; both may also stand in a text for themselves.
const AFTER_TAB: [&str; 10] =
    ["imes", "ext", "extbf", "extit", "heta", "frac", "riangle", "herefore", "anh", "ilde"];
const AFTER_LINE: [&str; 4] = ["eq", "abla", "otin", "subseteq"];

/// Returns `text` with line ends as line feeds: those of Windows, and the character *next line*.
pub(super) fn with_lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\u{85}', "\n")
}

/// Returns what is wrong with the first character of `text` that should not be there, after the words *it has*; `None`
/// where all is well.
pub(super) fn fault(text: &str) -> Option<String> {
    let (mut line, mut column) = (1, 0);
    for (at, c) in text.char_indices() {
        column += 1;
        let after = &text[at + c.len_utf8()..];
        let word: String = after.chars().take_while(char::is_ascii_alphabetic).collect();
        let letter = letter(c);
        let swallowed = match c {
            '\t' => AFTER_TAB.contains(&word.as_str()),
            '\n' => AFTER_LINE.contains(&word.as_str()),
            _ => c.is_control(),
        };
        if swallowed {
            let meant = letter.filter(|_| !word.is_empty()).map(|letter| {
                format!(
                    " before \"{word}\"; if \\{letter}{word} is meant, write it with two backslashes, \\\\{letter}{word}: \
                     \\{letter} alone is this character in JSON and TOML"
                )
            });
            let code = u32::from(c);
            return Some(format!(
                "the character U+{code:04X}{} in line {line}, column {column}{}",
                name(c),
                meant.unwrap_or_else(|| "; take it out, or put a space there".to_owned())
            ));
        }
        if c == '\n' {
            (line, column) = (line + 1, 0);
        }
    }
    None
}

/// The letter that stands for a character behind a backslash.
const fn letter(c: char) -> Option<char> {
    match c {
        '\u{8}' => Some('b'),
        '\u{c}' => Some('f'),
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        _ => None,
    }
}

const fn name(c: char) -> &'static str {
    match c {
        '\0' => " (NUL)",
        '\u{7}' => " (bell)",
        '\u{8}' => " (backspace)",
        '\t' => " (tab)",
        '\n' => " (line feed)",
        '\u{b}' => " (vertical tab)",
        '\u{c}' => " (form feed)",
        '\r' => " (carriage return)",
        '\u{1b}' => " (escape)",
        '\u{7f}' => " (delete)",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_backslash_is_named_with_its_place() {
        let said = fault("a\nhalf of \u{c}rac{1}{2}").unwrap();
        assert!(
            said.starts_with("the character U+000C (form feed) in line 2, column 9 before \"rac\""),
            "{said}"
        );
        assert!(said.contains("if \\frac is meant, write it with two backslashes, \\\\frac"), "{said}");
        for (text, meant) in [
            ("\u{8}oxed{2}", "\\boxed"),
            ("3 \times 4", "\\times"),
            ("x \neq 3", "\\neq"),
            ("a \right)", "\\right"),
            ("5\text{ cm}", "\\text"),
        ] {
            assert!(fault(text).unwrap().contains(&format!("if {meant} is meant")), "{text:?}");
        }
        assert!(fault("page one\u{c}\npage two").unwrap().contains("take it out"));
        assert!(fault("\u{1b}[2J").unwrap().starts_with("the character U+001B (escape) in line 1, column 1"));
        assert!(fault("\u{9d}x").unwrap().contains("U+009D"));
    }

    #[test]
    fn tabs_and_lines_of_their_own_are_well() {
        for text in ["a\tb\n\tx.\n", "one\nequal part\n", "\u{2028}x\u{2029} \u{200d}", "a\n\tan apple"] {
            assert_eq!(fault(text), None, "{text:?}");
        }
        assert_eq!(with_lines("a\r\nb\u{85}c"), "a\nb\nc");
    }
}
