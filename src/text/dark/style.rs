//! Inline styles: declarations, and the colours in them.

use super::Colour;

/// The declarations of an inline style, names in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Style(pub(super) Vec<(String, String)>);

impl Style {
    pub(super) fn parse(text: &str) -> Self {
        let declarations = parts(text, |c| c == ';').into_iter().filter_map(|declaration| {
            let (name, value) = declaration.split_once(':')?;
            Some((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        });
        Self(declarations.filter(|(name, _)| !name.is_empty()).collect())
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The colour of text, where there is one.
    pub(super) fn ink(&self) -> Option<Colour> {
        self.value("color").and_then(|value| without_important(value).parse().ok())
    }

    /// The colours of the background; several of a gradient.
    pub(super) fn grounds(&self) -> Vec<Colour> {
        let values = self.0.iter().filter(|(name, _)| is_ground(name));
        values.flat_map(|(_, value)| colours(value)).collect()
    }

    pub(super) fn has_gradient(&self) -> bool {
        self.0.iter().any(|(name, value)| is_ground(name) && value.contains("gradient("))
    }

    pub(super) fn has_picture(&self) -> bool {
        self.0.iter().any(|(name, value)| name.starts_with("background") && value.contains("url("))
    }

    pub(super) fn is_important(&self) -> bool {
        self.0.iter().any(|(_, value)| value.contains('!'))
    }

    pub(super) fn written(&self) -> String {
        let one = |(name, value): &(String, String)| format!("{name}:{value}");
        self.0.iter().map(one).collect::<Vec<_>>().join(";")
    }
}

/// True for the properties that give a background its colour.
pub(super) fn is_ground(name: &str) -> bool {
    matches!(name, "background" | "background-color" | "background-image")
}

/// True for the properties that give a border its colour.
pub(super) fn is_border(name: &str) -> bool {
    name.starts_with("border")
        && !matches!(name, "border-radius" | "border-collapse" | "border-spacing" | "border-image")
}

pub(super) fn without_important(value: &str) -> &str {
    value.split('!').next().unwrap_or_default().trim()
}

/// The colours in a value, those within `linear-gradient(…)` too.
pub(super) fn colours(value: &str) -> Vec<Colour> {
    let mut found = Vec::new();
    replace(value, |colour| {
        found.push(colour);
        None
    });
    found
}

/// `value` with each colour in it changed, where `change` gives another.
pub(super) fn replace(value: &str, mut change: impl FnMut(Colour) -> Option<Colour>) -> String {
    replaced(without_important(value), &mut change)
}

fn replaced(value: &str, change: &mut impl FnMut(Colour) -> Option<Colour>) -> String {
    let mut out = String::with_capacity(value.len());
    for word in parts_kept(value) {
        if let Ok(colour) = word.parse::<Colour>() {
            match change(colour) {
                Some(other) => out.push_str(&other.to_string()),
                None => out.push_str(word),
            }
        } else if let Some((name, inner)) =
            word.strip_suffix(')').and_then(|word| word.split_once('('))
            && name.ends_with("gradient")
        {
            out.extend([name, "(", &replaced(inner, change), ")"]);
        } else {
            out.push_str(word);
        }
    }
    out
}

/// `text` cut at separators outside of brackets and quotes.
fn parts(text: &str, is_separator: impl Fn(char) -> bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut quote) = (0, 0_u32, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, c) if depth == 0 && is_separator(c) => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Words and what stands between them, nothing lost.
fn parts_kept(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut at = 0;
    for word in parts(text, |c| c.is_whitespace() || c == ',') {
        all.push(word);
        at += word.len();
        let gap = text[at..].chars().next().map_or(0, char::len_utf8);
        all.push(&text[at..at + gap]);
        at += gap;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_is_read_whatever_stands_in_its_values() {
        let style = Style::parse("Color: red !important; background:url('a;b.png') no-repeat;;x");
        assert_eq!(style.0.len(), 2);
        assert_eq!(style.ink(), Some(Colour::opaque(255, 0, 0)));
        assert!(style.has_picture() && style.is_important());
        let gradient = "linear-gradient(90deg, #c00000, rgb(122, 12, 16) 80%)";
        assert_eq!(colours(gradient).len(), 2);
        let grey = replace("1px solid #eee", |_| Some(Colour::grey(9)));
        assert_eq!(grey, "1px solid #090909");
        assert_eq!(replace(gradient, |_| None), gradient);
    }
}
