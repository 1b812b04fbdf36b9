//! Fields that stand only in a page's scripts: `var ct = "1767319200"`, `"publishTime":"2026-01-02"`.
//!
//! In: the scripts' text, which is only looked at and never run; asked where the page itself told
//! nothing.

use std::sync::LazyLock;

use chrono::DateTime;
use regex::Regex;
use serde_json::Value;

use super::data;
use super::label::{self, Kind};
use crate::model::{BEIJING, Found, Posted};
use crate::text::alternative::Scene;
use crate::text::date;

/// The inline scripts of a page.
pub(super) struct Scripts(Vec<String>);

// Unicode's word boundary is read many times slower where a script holds Chinese; names are ASCII.

/// What a date is called, the surest first.
const DATES: &[&str] = &[
    "datepublished",
    "publishtime",
    "publishdate",
    "publishedtime",
    "publishedat",
    "pubtime",
    "pubdate",
    "oricreatetime",
    "ct",
    "releasetime",
    "releasedate",
    "posttime",
    "postdate",
    "newstime",
    "newsdate",
    "docpubtime",
    "articletime",
    "issuetime",
    "createtime",
    "createdate",
    "createdat",
    "time",
    "date",
];

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)(var\s+|let\s+|const\s+|window\.)?(?-u:\b)(date_?published|publish(?:ed)?_?(?:time|date|at)|pub_?(?:time|date)|ori_?create_?time|ct|release_?(?:time|date)|post_?(?:time|date)|news_?(?:time|date)|doc_?pub_?time|article_?time|issue_?time|created?_?(?:time|date|at)|time|date)["']?\s*[:=]\s*["']?([12][0-9][0-9年./: T+Z月日-]{6,28})"#,
    )
    .expect("the pattern is valid")
});

/// One date in a script.
struct Dated {
    rank: usize,
    declared: bool,
    at: usize,
    posted: Posted,
}

impl Scripts {
    /// The scripts of a page that hold their own text.
    pub(super) fn of(page: &Scene<'_>) -> Self {
        let scripts = page
            .elements("script")
            .filter(|node| !node.has_attr("src"))
            .map(|node| node.text().to_string())
            .filter(|text| !text.is_empty());
        Self(scripts.collect())
    }

    /// The date of the article called `article`. Where a script tells several (the articles of a
    /// list), the one nearest to the title is meant; without the title none is.
    pub(super) fn posted(&self, article: &str) -> Option<Found<Posted>> {
        let mut best: Option<(usize, Posted)> = None;
        for script in &self.0 {
            let Some(found) = dated(script, article) else { continue };
            if best.is_none_or(|best| found.0 < best.0) {
                best = Some(found);
            }
        }
        let (rank, value) = best?;
        Some(Found { value, rule: format!("script {}", DATES[rank]) })
    }

    /// The account or medium, or the author, that a variable of a script names.
    pub(super) fn name(&self, kind: Kind) -> Option<Found<String>> {
        let pattern = if kind == Kind::Author { &AUTHOR } else { &CREDIT };
        self.0.iter().find_map(|script| {
            let found = pattern.captures_iter(script).find_map(|found| {
                let key = found[1].to_ascii_lowercase();
                // Elsewhere a nickname is the reader's own.
                if key == "nickname" && !script.contains("msg_title") && !script.contains("var ct")
                {
                    return None;
                }
                let value = found[2].trim();
                let said = value.chars().any(|c| c.is_alphabetic()) && !value.contains(['<', '+']);
                Some((key, label::named(value, kind).filter(|_| said)?))
            });
            found.map(|(key, value)| Found { value, rule: format!("script {key}") })
        })
    }

    /// The title that a variable of a script names.
    pub(super) fn title(&self) -> Option<String> {
        let found = self.0.iter().find_map(|script| TITLE.captures(script))?;
        Some(found[1].trim().to_owned()).filter(|title| !title.is_empty())
    }
}

static AUTHOR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?-u:\b)(?:var|let|const)\s+(author)\s*=\s*["']([^"'\n]{2,40})["']"#)
        .expect("valid")
});

static CREDIT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)(?-u:\b)(?:var|let|const)\s+(nickname|source|media_?name)\s*=\s*(?:htmlDecode\()?["']([^"'\n]{2,40})["']"#)
        .expect("valid")
});

static TITLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?-u:\b)var\s+msg_title\s*=\s*["']([^"'\n]{2,120})["']"#).expect("valid")
});

fn dated(script: &str, article: &str) -> Option<(usize, Posted)> {
    let all: Vec<Dated> = DATE
        .captures_iter(script)
        .filter_map(|found| {
            let key = found[2].to_ascii_lowercase().replace('_', "");
            let rank = DATES.iter().position(|known| *known == key)?;
            let posted = moment(found[3].trim())?;
            let at = found.get(0)?.start();
            Some(Dated { rank, declared: found.get(1).is_some(), at, posted })
        })
        .collect();
    let rank = all.iter().map(|dated| dated.rank).min()?;
    let same: Vec<&Dated> = all.iter().filter(|dated| dated.rank == rank).collect();
    let first = same.first()?;
    let one = same.iter().all(|dated| dated.posted == first.posted);
    // Bare `time` and `date` mean anything, so the title must stand beside them.
    let vague = rank + 2 >= DATES.len();
    if one && !vague {
        return Some((rank, first.posted));
    }
    if let Some(declared) = same.iter().find(|dated| dated.declared && !vague) {
        return Some((rank, declared.posted));
    }
    let article = article.trim();
    let title = (article.chars().count() >= 4).then(|| script.find(article)).flatten()?;
    let nearest = same.iter().min_by_key(|dated| dated.at.abs_diff(title))?;
    let near = !vague || nearest.at.abs_diff(title) < 2000;
    near.then_some((rank, nearest.posted))
}

/// A date as scripts and attributes write it: printed, or as seconds or milliseconds since 1970.
pub(super) fn moment(text: &str) -> Option<Posted> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits != text.len() || !matches!(digits, 10 | 13) {
        return date::find(text, None);
    }
    let number: i64 = text.parse().ok()?;
    let seconds = if digits == 13 { number / 1000 } else { number };
    let time = DateTime::from_timestamp(seconds, 0)?.with_timezone(&BEIJING).naive_local();
    date::is_plausible(time).then(|| Posted::minute(time))
}

/// The author in the page's schema.org data, where it is a person.
pub(super) fn linked_author(page: &Scene<'_>) -> Option<Found<String>> {
    let json = data::of(page.elements("script"))?;
    let articles: Vec<&Value> = match &json {
        Value::Array(all) => all.iter().collect(),
        object => match object.get("@graph").and_then(Value::as_array) {
            Some(all) => all.iter().collect(),
            None => vec![object],
        },
    };
    let author = articles.into_iter().find_map(|article| article.get("author"))?;
    let author = author.as_array().and_then(|all| all.first()).unwrap_or(author);
    if author.get("@type").and_then(Value::as_str).is_some_and(|kind| kind != "Person") {
        return None;
    }
    let name = author.as_str().or_else(|| author.get("name")?.as_str())?;
    let value = label::named(name, Kind::Author)?;
    Some(Found { value, rule: "json author".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scripts(script: &str) -> Scripts {
        Scripts(vec![script.to_owned()])
    }

    #[track_caller]
    fn dates(script: &str, wanted: &str) {
        let found = scripts(script).posted("市工商联召开会议");
        let found = found.map(|found| found.value.to_string()).unwrap_or_default();
        assert_eq!(found, wanted, "in {script}");
    }

    #[test]
    fn dates_of_scripts() {
        dates("var ct = \"1767319200\";", "2026-01-02T10:00:00+08:00");
        dates("{\"publishTime\":1767319200000}", "2026-01-02T10:00:00+08:00");
        dates("window.publish_time = '2026-01-02 10:00';", "2026-01-02T10:00:00+08:00");
        dates("{\"@type\":\"NewsArticle\",\"datePublished\":\"2026-01-02\"}", "2026-01-02");
        dates("pubtime:'2026年01月02日'", "2026-01-02");
        dates("var PubDate=\"2026-13-45\";", "");
        dates("var ct = \"99\"; var act = \"1767319200\";", "");
        dates("if (time == 2026) date = 2026-01-02", "");
        let list = "[{\"t\":\"别的会议\",\"publishTime\":\"2025-01-01\"},\
                    {\"t\":\"市工商联召开会议\",\"publishTime\":\"2026-01-02\"}]";
        dates(list, "2026-01-02");
        dates(&list.replace("市工商联召开会议", "另一个"), "");
        dates("{title:'市工商联召开会议',time:'2026-01-02 10:00'}", "2026-01-02T10:00:00+08:00");
        dates("{pubDate:'2026-01-02', createTime:'2025-12-30'}", "2026-01-02");
    }

    #[test]
    fn names_of_scripts() {
        let name = |script: &str, kind| {
            scripts(script).name(kind).map(|found| found.value).unwrap_or_default()
        };
        let account =
            "var msg_title = '题目'; var nickname = \"城市甲总商会\"; var author = '张三';";
        assert_eq!(name(account, Kind::Credit), "城市甲总商会");
        assert_eq!(name(account, Kind::Author), "张三");
        assert_eq!(scripts(account).title().as_deref(), Some("题目"));
        assert_eq!(name("var nickname = '读者';", Kind::Credit), "");
        assert_eq!(name("var source = '12'; var author = 'admin';", Kind::Credit), "");
        assert_eq!(name("var author = 'admin';", Kind::Author), "");
    }
}
