//! Whether a page is one of the site it is said to be of.

use crate::model::{ProblemCode, Registration};

use super::{Breach, Look};

/// What proves that a page is one of its site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// ICP numbers without suffix, one of which stands wherever the site prints one.
    pub icp: Vec<String>,
    /// The 网站标识码 that stands wherever the site prints one, in lower case.
    pub code: Option<String>,
    /// What every list page shows: in its title, text, metas or descriptions of pictures.
    pub must_contain: Vec<String>,
    /// What no page shows.
    pub forbid: Vec<String>,
}

impl Identity {
    /// What is wrong with a list page; `None` where it may be the site's.
    pub fn of_list(&self, look: &Look) -> Option<Breach> {
        self.of_any(look).or_else(|| {
            let missing = self.must_contain.iter().find(|word| !look.words.contains(*word))?;
            Some(failed(format!(
                "the page does not show `{missing}`, which the site proves itself by"
            )))
        })
    }

    /// What is wrong with the page of an article whose text says `said`: it may lack the frame that
    /// names the site, but not show another's.
    pub fn of_article(&self, look: &Look, said: &str) -> Option<Breach> {
        let mut found = look.registration.clone();
        // An article may write of numbers and sites.
        found.icp.retain(|icp| !said.contains(icp.as_str()));
        let forbidden =
            self.forbid.iter().find(|word| look.words.contains(*word) && !said.contains(*word));
        if let Some(word) = forbidden {
            return Some(failed(format!(
                "the page shows `{word}`, which no page of the site does"
            )));
        }
        self.contradicted_by(&found).map(failed)
    }

    fn of_any(&self, look: &Look) -> Option<Breach> {
        if let Some(word) = self.forbid.iter().find(|word| look.words.contains(*word)) {
            return Some(failed(format!(
                "the page shows `{word}`, which no page of the site does"
            )));
        }
        self.contradicted_by(&look.registration).map(failed)
    }

    fn contradicted_by(&self, found: &Registration) -> Option<String> {
        if let (Some(wanted), Some(code)) = (&self.code, &found.code)
            && wanted != code
        {
            return Some(format!("the page prints the site code `{code}`, not `{wanted}`"));
        }
        let known = self.icp.is_empty() || self.icp.iter().any(|icp| found.icp.contains(icp));
        if known || found.icp.is_empty() {
            return None;
        }
        let printed: Vec<&str> = found.icp.iter().map(String::as_str).collect();
        Some(format!("the page prints {}, not {}", printed.join(", "), self.icp.join(", ")))
    }

    /// What `found` contradicts of `usual`, which was always printed before.
    pub(super) fn learned(usual: Registration, found: &Registration) -> Option<Breach> {
        let identity =
            Self { icp: usual.icp.into_iter().collect(), code: usual.code, ..Self::default() };
        identity.contradicted_by(found).map(|detail| failed(format!("{detail}, as always before")))
    }
}

fn failed(detail: String) -> Breach {
    Breach::certain(ProblemCode::IdentityFailed, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(html: &str) -> Look {
        Look::of(format!("<html>{html}").as_bytes(), Some("text/html; charset=utf-8")).unwrap()
    }

    fn identity() -> Identity {
        Identity {
            icp: vec!["苏ICP备07010100号".to_owned()],
            code: Some("3204000058".to_owned()),
            must_contain: vec!["某市工商联".to_owned()],
            forbid: vec!["棋牌".to_owned()],
        }
    }

    #[test]
    fn a_page_of_the_site_proves_itself() {
        for page in [
            "<title>某市工商联</title><p>苏ICP备07010100号-3 标识码：3204000058",
            "<img alt=某市工商联>",
            "<title>要闻</title><meta name=SiteName content=某市工商联>",
        ] {
            assert_eq!(identity().of_list(&look(page)), None, "{page}");
        }
    }

    #[test]
    fn another_site_contradicts_itself() {
        for (page, found) in [
            ("某市工商联 粤ICP备11111111号", "粤ICP备11111111号"),
            ("某市工商联 标识码：1100000001", "1100000001"),
            ("某市工商联 在线棋牌", "棋牌"),
            ("别的网站", "某市工商联"),
        ] {
            let breach = identity().of_list(&look(page)).unwrap();
            assert_eq!(breach.code, ProblemCode::IdentityFailed);
            assert!(breach.detail.contains(found), "{}", breach.detail);
        }
        // An article need not show the name.
        assert_eq!(identity().of_article(&look("正文"), ""), None);
        assert!(identity().of_article(&look("粤ICP备11111111号"), "").is_some());
        let quoted = "某公司网站备案号为粤ICP备11111111号，与棋牌无关。";
        assert_eq!(identity().of_article(&look(quoted), quoted), None);
    }

    #[test]
    fn what_a_site_always_printed_is_learned() {
        let printed = |icp: &[&str]| Registration {
            icp: icp.iter().map(|icp| (*icp).to_owned()).collect(),
            code: None,
        };
        let before = [printed(&["甲ICP备1号", "乙ICP备2号"]), printed(&["甲ICP备1号"])];
        let usual = Registration::always(before.into_iter()).unwrap();
        let learned = |found: &[&str]| Identity::learned(usual.clone(), &printed(found));
        assert!(learned(&["丙ICP备3号"]).is_some());
        assert_eq!(learned(&["甲ICP备1号", "丙ICP备3号"]), None);
        // A foot that is missing says nothing.
        assert_eq!(learned(&[]), None);
        // Nothing was always there.
        let never = [printed(&[]), printed(&["甲ICP备1号"])];
        let usual = Registration::always(never.into_iter()).unwrap();
        assert_eq!(Identity::learned(usual, &printed(&["丙ICP备3号"])), None);
    }
}
