//! Lists whose rows are had by a request that the rule declares.

use std::ops::Range;

use regex::Regex;
use url::Url;

use super::MAX_CALLS;
use crate::model::Call;
use crate::text::web;

/// How the rows of a list are asked for, where the list page itself only frames them.
///
/// In `url` and in the values of `form`, `{page}` stands for the number of the page, `{start}` and
/// `{end}` for those of its first and last row (from 1), and `{name}` for what `scrape` finds.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The address, relative to the list page.
    pub url: String,
    /// Fields of a form, sent by POST; none means GET.
    pub form: Vec<(String, String)>,
    /// The number of the first page.
    pub first: u32,
    /// Rows of one page.
    pub size: u32,
    /// Names and where their values stand in the list page (first group).
    pub scrape: Vec<(String, Regex)>,
}

impl Ask {
    /// The requests for the rows of the column whose list page is `html` at `base`, the first page
    /// first; `None` where the page lacks what is to be scraped.
    pub(super) fn calls(&self, html: &str, base: &Url) -> Result<Vec<Call>, String> {
        let mut known = Vec::new();
        for (name, pattern) in &self.scrape {
            let found = pattern.captures(html).and_then(|found| found.get(1).or(found.get(0)));
            let found = found.ok_or_else(|| format!("nothing matched `{pattern}` for `{name}`"))?;
            known.push((format!("{{{name}}}"), found.as_str().to_owned()));
        }
        let numbered = self.is_numbered();
        let pages = if numbered { MAX_CALLS } else { 1 };
        let numbers: Range<u32> =
            self.first..self.first.saturating_add(u32::try_from(pages).unwrap_or(1));
        Ok(numbers.filter_map(|page| self.call(page, &known, base)).collect())
    }

    fn is_numbered(&self) -> bool {
        let marks = ["{page}", "{start}", "{end}"];
        let texts = std::iter::once(&self.url).chain(self.form.iter().map(|(_, value)| value));
        texts.into_iter().any(|text| marks.iter().any(|mark| text.contains(mark)))
    }

    fn call(&self, page: u32, known: &[(String, String)], base: &Url) -> Option<Call> {
        let start = (page - self.first).saturating_mul(self.size).saturating_add(1);
        let end = start.saturating_add(self.size).saturating_sub(1);
        let fill = |text: &str| {
            let text = text.replace("{page}", &page.to_string());
            let text =
                text.replace("{start}", &start.to_string()).replace("{end}", &end.to_string());
            known.iter().fold(text, |text, (mark, value)| text.replace(mark, value))
        };
        let form = self.form.iter().map(|(name, value)| (name.clone(), fill(value))).collect();
        Some(Call::script(web::resolve(base, &fill(&self.url))?, form))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::{ListKind, ListRule};

    fn ask() -> Ask {
        Ask {
            url: "/api/{channel}?from={start}&to={end}".to_owned(),
            form: vec![("pageNo".to_owned(), "{page}".to_owned())],
            first: 0,
            size: 20,
            scrape: vec![("channel".to_owned(), Regex::new(r"channel='(\w+)'").unwrap())],
        }
    }

    #[test]
    fn the_page_frames_what_the_request_brings() {
        let rule =
            ListRule { kind: Some(ListKind::Json), request: Some(ask()), ..ListRule::default() };
        let call = Call::get("http://a.test/yw/".parse().unwrap());
        let read = |html: &str| crate::discover::read(html, &call, None, &rule);
        let listing = read("<script>var channel='x9'</script>").unwrap();
        assert!(listing.links.is_empty());
        let said = |call: &Call| format!("{} {:?}", call.url, call.form);
        assert_eq!(
            said(&listing.next[0]),
            r#"http://a.test/api/x9?from=1&to=20 [("pageNo", "0")]"#
        );
        assert_eq!(
            said(&listing.next[1]),
            r#"http://a.test/api/x9?from=21&to=40 [("pageNo", "1")]"#
        );
        assert!(listing.next[0].by_script && listing.next.len() == MAX_CALLS);
        let missing = read("<p>改版了").unwrap_err().to_string();
        assert!(missing.contains("nothing matched") && missing.contains("`channel`"), "{missing}");
    }

    #[test]
    fn a_request_without_a_number_is_made_once() {
        let ask =
            Ask { url: "/api/list".to_owned(), form: Vec::new(), scrape: Vec::new(), ..ask() };
        assert_eq!(ask.calls("", &"http://a.test/".parse().unwrap()).unwrap().len(), 1);
    }
}
