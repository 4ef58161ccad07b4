//! Elements of HTML and SVG. All text and every attribute is escaped when it is written, so that nothing which a model, a
//! data set or a file's name brings along can become markup.

use std::fmt;

use output::text::clean;

/// An element with its attributes and what stands in it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<HtmlNode>,
}

#[derive(Debug, Clone, PartialEq)]
enum HtmlNode {
    Element(Element),
    Text(String),
}

/// Returns an empty element.
pub(super) fn el(name: &'static str) -> Element {
    Element { name, attributes: Vec::new(), children: Vec::new() }
}

/// Returns an element with a text in it.
pub(super) fn said(name: &'static str, text: impl Into<String>) -> Element {
    el(name).text(text)
}

impl Element {
    /// Adds an attribute.
    pub(super) fn with(mut self, attribute: &'static str, value: impl ToString) -> Self {
        self.attributes.push((attribute, value.to_string()));
        self
    }

    /// Adds a text.
    pub(super) fn text(mut self, text: impl Into<String>) -> Self {
        self.children.push(HtmlNode::Text(text.into()));
        self
    }

    /// Adds an element.
    pub(super) fn child(mut self, child: Self) -> Self {
        self.children.push(HtmlNode::Element(child));
        self
    }

    /// Adds elements.
    pub(super) fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children.into_iter().map(HtmlNode::Element));
        self
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.name)?;
        for (name, value) in &self.attributes {
            write!(f, " {name}=\"{}\"", escaped(value))?;
        }
        f.write_str(">")?;
        for child in &self.children {
            match child {
                HtmlNode::Element(element) => write!(f, "{element}")?,
                HtmlNode::Text(text) => f.write_str(&escaped(text))?,
            }
        }
        write!(f, "</{}>", self.name)?;
        // One line per row and plot, so that two reports can be compared as text.
        if ["tr", "svg", "section", "p", "h2", "h3", "li"].contains(&self.name) {
            writeln!(f)
        } else {
            Ok(())
        }
    }
}

/// Returns `text` with what has a meaning in markup spelt out, and without what could turn the direction of writing.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_said_becomes_markup() {
        let element =
            el("a").with("title", "x\" onclick='y'").text("<script>&\u{202e}").child(said("b", "1"));
        let text = element.to_string();
        assert_eq!(text, "<a title=\"x&quot; onclick=&#39;y&#39;\">&lt;script&gt;&amp;\u{fffd}<b>1</b></a>");
    }
}
