//! Which family a site belongs to, by the marks that families name.

use std::fmt::Write as _;

use regex::Regex;
use url::Url;

use crate::model::Both;

/// The marks of one family.
#[derive(Clone, Copy, Debug)]
pub struct Marks<'a> {
    /// Its id.
    pub id: &'a str,
    /// The product's name.
    pub name: &'a str,
    /// Addresses of its pages.
    pub urls: &'a [Regex],
    /// Texts in its pages.
    pub html: &'a [String],
}

/// What was seen of a site.
#[derive(Clone, Debug, Default)]
pub struct Evidence<'a> {
    /// The pages that were read: home page, lists, articles.
    pub pages: Vec<&'a str>,
    /// Their addresses, and those of the articles on the lists.
    pub urls: Vec<&'a Url>,
}

/// The family and what speaks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognition {
    /// Its id; `generic` where nothing speaks for any.
    pub family: String,
    /// What speaks for it, in a sentence.
    pub why: Both,
}

/// The family of last resort.
const GENERIC: &str = "generic";
/// One address of ten, or one text in one page, may be chance.
const ENOUGH: f64 = 2.0;
/// What a text that stands in the pages counts; addresses count up to ten together.
const TEXT_WORTH: f64 = 2.0;
/// What the addresses of the pages count when all of them fit.
const ADDRESS_WORTH: f64 = 10.0;

/// The family whose marks fit best.
pub fn recognise(families: &[Marks<'_>], evidence: &Evidence<'_>) -> Recognition {
    let mut best: Option<(f64, &Marks<'_>, Fit)> = None;
    for marks in families {
        let fit = Fit::of(marks, evidence);
        let score = fit.score(evidence);
        if score >= ENOUGH && best.as_ref().is_none_or(|(other, ..)| score > *other) {
            best = Some((score, marks, fit));
        }
    }
    match best {
        Some((_, marks, fit)) => {
            Recognition { family: marks.id.to_owned(), why: fit.told(marks, evidence) }
        }
        None => Recognition { family: GENERIC.to_owned(), why: none_fits(families, evidence) },
    }
}

struct Fit {
    urls: usize,
    texts: Vec<String>,
}

impl Fit {
    fn of(marks: &Marks<'_>, evidence: &Evidence<'_>) -> Self {
        let fits = |url: &&&Url| marks.urls.iter().any(|mark| mark.is_match(url.as_str()));
        let stands =
            |text: &&String| evidence.pages.iter().any(|page| page.contains(text.as_str()));
        Self {
            urls: evidence.urls.iter().filter(fits).count(),
            texts: marks.html.iter().filter(stands).cloned().collect(),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of links are small")]
    fn score(&self, evidence: &Evidence<'_>) -> f64 {
        let share = self.urls as f64 / evidence.urls.len().max(1) as f64;
        share * ADDRESS_WORTH + self.texts.len() as f64 * TEXT_WORTH
    }

    fn told(&self, marks: &Marks<'_>, evidence: &Evidence<'_>) -> Both {
        let (count, all) = (self.urls, evidence.urls.len());
        let mut zh = format!("{}：{all} 个网址中 {count} 个符合", marks.name);
        let mut en = format!("{count} of {all} addresses fit");
        if !self.texts.is_empty() {
            let texts: Vec<String> = self.texts.iter().map(|text| format!("`{text}`")).collect();
            let _ = write!(zh, "，网页中有 {}", texts.join("、"));
            let _ = write!(en, ", pages contain {}", texts.join(", "));
        }
        Both::new(zh, en)
    }
}

fn none_fits(families: &[Marks<'_>], evidence: &Evidence<'_>) -> Both {
    let (pages, urls) = (evidence.pages.len(), evidence.urls.len());
    let known = families.iter().filter(|marks| !marks.urls.is_empty() || !marks.html.is_empty());
    let known = known.count();
    Both::new(
        format!(
            "看了 {pages} 个网页、{urls} 个网址，不像已知的 {known} 个家族中的任何一个，按版式判断"
        ),
        format!(
            "{pages} pages and {urls} addresses fit none of the {known} known families; read by their look"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Lang;

    fn family(pages: &[&str], urls: &[&str]) -> Recognition {
        let marks = [
            (["a", "甲"], vec![Regex::new(r"/t\d+\.html$").unwrap()], vec!["A_Editor".to_owned()]),
            (["b", "乙"], vec![Regex::new(r"/art_\d+").unwrap()], vec!["B_Content".to_owned()]),
            (["generic", "通用"], Vec::new(), Vec::new()),
        ];
        let marks: Vec<Marks<'_>> =
            marks.iter().map(|([id, name], urls, html)| Marks { id, name, urls, html }).collect();
        let urls: Vec<Url> = urls.iter().map(|url| Url::parse(url).unwrap()).collect();
        recognise(&marks, &Evidence { pages: pages.to_vec(), urls: urls.iter().collect() })
    }

    #[test]
    fn addresses_and_texts_speak_for_a_family() {
        let found = family(&["<div class=A_Editor>"], &["http://x.test/t1.html"]);
        assert_eq!(found.family, "a");
        assert!(found.why.text(Lang::En).starts_with("1 of 1 addresses fit, pages contain `A_Ed"));
        let found = family(&["x"], &["http://x.test/art_1", "http://x.test/y"]);
        assert_eq!(found.family, "b");
    }

    #[test]
    fn what_fits_nothing_is_generic_and_says_so() {
        let found = family(&["x"], &["http://x.test/1", "http://x.test/2"]);
        assert_eq!(found.family, "generic");
        assert!(found.why.text(Lang::En).contains("none of the 2 known families"));
    }
}
