//! Jinja as Python's engine and Hugging Face's tokenizers have it.

use jiff::civil::Date;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Kwargs;
use minijinja::{Environment, Error, ErrorKind, Value};
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Steps that a template may take. Real ones take some thousands; a file may hold anything.
const FUEL: u64 = 10_000_000;

/// Returns an environment for templates that take `day` for today.
pub(super) fn environment(day: Date) -> Environment<'static> {
    let mut environment = Environment::new();
    // Building it fails only for unusable delimiters, and these are the usual ones.
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    environment.set_fuel(Some(FUEL));
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_filter("tojson", to_json);
    environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
        Err(Error::new(ErrorKind::InvalidOperation, message))
    });
    environment.add_function("strftime_now", move |format: String| -> Result<String, Error> {
        jiff::fmt::strtime::format(&format, day.at(0, 0, 0, 0)).map_err(|error| {
            Error::new(
                ErrorKind::InvalidOperation,
                format!("the date format {format:?} is not known: {error}"),
            )
        })
    });
    environment
}

/// Returns the template without the tags that mark, for training, what the model says: they change nothing in the text.
pub(super) fn without_generation_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("{%") {
        let Some(end) = rest[at..].find("%}").map(|end| at + end + 2) else { break };
        let tag = &rest[at..end];
        out += &rest[..at];
        out += &match tag.trim_matches(|c: char| "{}%-+".contains(c) || c.is_whitespace()) {
            "generation" => tag.replacen("generation", "if true", 1),
            "endgeneration" => tag.replacen("endgeneration", "endif", 1),
            _ => tag.to_owned(),
        };
        rest = &rest[end..];
    }
    out + rest
}

/// Python's `json.dumps`, which does not escape what is not ASCII unless it is asked to.
fn to_json(value: &Value, indent: Option<usize>, options: Kwargs) -> Result<String, Error> {
    let named: Option<usize> = options.get("indent")?;
    let ascii: Option<bool> = options.get("ensure_ascii")?;
    options.assert_all_used()?;
    let mut bytes = Vec::new();
    let style = Dumps { indent: indent.or(named), depth: 0, filled: false, ascii: ascii.unwrap_or(false) };
    value
        .serialize(&mut Serializer::with_formatter(&mut bytes, style))
        .map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))
}

/// The layout of `json.dumps`: a space after each comma and colon, or lines that are indented.
struct Dumps {
    indent: Option<usize>,
    depth: usize,
    /// Whether the list or object that is being closed holds anything.
    filled: bool,
    ascii: bool,
}

type PythonText = std::io::Result<()>;

impl Dumps {
    fn open<W: ?Sized + std::io::Write>(&mut self, out: &mut W, sign: &[u8]) -> PythonText {
        self.depth += 1;
        self.filled = false;
        out.write_all(sign)
    }

    fn item<W: ?Sized + std::io::Write>(&mut self, out: &mut W, first: bool) -> PythonText {
        match (self.indent, first) {
            (None, true) => Ok(()),
            (None, false) => out.write_all(b", "),
            (Some(_), true) => self.line(out),
            (Some(_), false) => out.write_all(b",").and_then(|()| self.line(out)),
        }
    }

    fn line<W: ?Sized + std::io::Write>(&self, out: &mut W) -> PythonText {
        let spaces = self.indent.unwrap_or(0) * self.depth;
        write!(out, "\n{:spaces$}", "")
    }

    fn close<W: ?Sized + std::io::Write>(&mut self, out: &mut W, sign: &[u8]) -> PythonText {
        self.depth -= 1;
        if self.filled && self.indent.is_some() {
            self.line(out)?;
        }
        self.filled = true;
        out.write_all(sign)
    }
}

impl Formatter for Dumps {
    fn begin_array<W: ?Sized + std::io::Write>(&mut self, out: &mut W) -> PythonText {
        self.open(out, b"[")
    }

    fn end_array<W: ?Sized + std::io::Write>(&mut self, out: &mut W) -> PythonText {
        self.close(out, b"]")
    }

    fn begin_array_value<W: ?Sized + std::io::Write>(&mut self, out: &mut W, first: bool) -> PythonText {
        self.item(out, first)
    }

    fn end_array_value<W: ?Sized + std::io::Write>(&mut self, _: &mut W) -> PythonText {
        self.filled = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + std::io::Write>(&mut self, out: &mut W) -> PythonText {
        self.open(out, b"{")
    }

    fn end_object<W: ?Sized + std::io::Write>(&mut self, out: &mut W) -> PythonText {
        self.close(out, b"}")
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(&mut self, out: &mut W, first: bool) -> PythonText {
        self.item(out, first)
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, out: &mut W) -> PythonText {
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + std::io::Write>(&mut self, _: &mut W) -> PythonText {
        self.filled = true;
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + std::io::Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> PythonText {
        if !self.ascii {
            return out.write_all(fragment.as_bytes());
        }
        let mut units = [0; 2];
        fragment.chars().try_for_each(|c| match c.is_ascii() {
            true => write!(out, "{c}"),
            false => c.encode_utf16(&mut units).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}")),
        })
    }
}
