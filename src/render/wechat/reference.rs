//! 参考链接: what readers cannot tap stands as a numbered address at the end.

use super::look::{LINE, Look, SOFT, STRONG, Type};
use super::words;

/// Longer addresses are of no use in print (bytes).
const LONGEST: usize = 1024;
/// Characters of the words before an address.
const LABEL: usize = 40;
/// Nothing refers to more.
const MOST: usize = 9_999;

/// The addresses of an article, numbered from 1, each once.
#[derive(Debug, Default)]
pub(super) struct References(Vec<(String, String)>);

impl References {
    /// The number of an address; `None` where it is too long to be printed.
    pub(super) fn number(&mut self, address: &str, label: &str) -> Option<usize> {
        if address.len() > LONGEST {
            return None;
        }
        if let Some(at) = self.0.iter().position(|(known, _)| known == address) {
            return Some(at + 1);
        }
        self.0.push((address.to_owned(), words::cut(&words::line(label), LABEL)));
        Some(self.0.len())
    }

    /// Characters that its lines take at most in a longer list.
    pub(super) fn cost(&self) -> usize {
        let line = |one| line(MOST, one).chars().count() + "<br>".len();
        self.0.iter().map(line).sum()
    }

    /// The list at the end; nothing where there is none.
    pub(super) fn list(&self, look: Look) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let lines: Vec<String> =
            (1..).zip(&self.0).map(|(number, one)| line(number, one)).collect();
        let heading =
            look.p(Type(14, "1.6", STRONG), "margin:0 0 6px;font-weight:bold", "参考链接");
        let list = look.p(Type(12, "1.7", SOFT), "margin:0;text-align:left", &lines.join("<br>"));
        format!(
            "<section style=\"margin:28px 0 0;padding:16px 0 0;border-top:{LINE}\">{heading}{list}</section>"
        )
    }
}

fn line(number: usize, (address, label): &(String, String)) -> String {
    let label = if label.is_empty() { String::new() } else { words::escaped(label) + "：" };
    format!("[{number}] {label}{}", words::escaped(address))
}

#[cfg(test)]
mod tests {
    use super::super::look::Form;
    use super::*;
    use crate::model::Rgb;

    #[test]
    fn an_address_has_one_number() {
        let mut references = References::default();
        assert_eq!(references.number("http://a.test/?a=1&b=2", "申报表"), Some(1));
        assert_eq!(references.number("http://b.test/", ""), Some(2));
        assert_eq!(references.number("http://a.test/?a=1&b=2", "又"), Some(1));
        assert_eq!(references.number(&format!("http://a.test/{}", "x".repeat(2000)), ""), None);
        let look = Look { form: Form::Draft, brand: Rgb(1, 2, 3) };
        let list = references.list(look);
        assert!(
            list.contains("[1] 申报表：http://a.test/?a=1&amp;b=2<br>[2] http://b.test/</p>"),
            "{list}"
        );
        assert_eq!(References::default().list(look), "");
    }
}
