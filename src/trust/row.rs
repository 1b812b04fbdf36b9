//! The rows of a list, and what one reading of it amounts to.

use chrono::NaiveDate;
use url::Url;

use crate::model::Observation;
use crate::text::plain::alike;

use super::Look;

/// Rows of which the names are kept.
const KEPT: usize = 20;
/// From so many hexadecimal digits on, a word in an address is a number.
const HEX: usize = 8;
/// What names an action in a query is no longer than this.
const ACTION: usize = 12;

/// A row of a list page, with what is known of the item that it leads to.
#[derive(Clone, Debug)]
pub struct Row {
    /// What names its article within the site.
    pub key: String,
    /// Where it leads.
    pub url: Url,
    /// Its title.
    pub title: String,
    /// The day it prints.
    pub day: Option<NaiveDate>,
    /// The item it leads to, if one is stored.
    pub item: Option<Stored>,
}

/// What is stored of the article that a row leads to.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its title.
    pub title: String,
    /// Its day.
    pub day: Option<NaiveDate>,
    /// Whether this column listed it before.
    pub listed_here: bool,
}

/// What the rows of a first list page amount to, with what the page looks like.
pub fn observe(rows: &[Row], look: Option<&Look>) -> Observation {
    let stored = |row: &Row| row.item.clone();
    let mut seen = Observation { rows: rows.len(), ..Observation::default() };
    for row in rows {
        seen.dated += usize::from(row.day.is_some());
        seen.newest = seen.newest.max(row.day);
        seen.shapes.insert(shape(&row.url));
        let Some(item) = stored(row) else { continue };
        if item.listed_here {
            seen.known += 1;
        } else {
            seen.foreign += 1;
        }
        if !row.title.is_empty() && !alike(&item.title, &row.title) {
            seen.retitled += 1;
        }
        if let (Some(listed), Some(day)) = (row.day, item.day) {
            seen.comparable += 1;
            seen.redated += usize::from(listed != day);
        }
    }
    let mut newest: Vec<&Row> = rows.iter().collect();
    // Stable: rows of one day stay in page order, those without a date come last.
    newest.sort_by_key(|row| std::cmp::Reverse(row.day));
    seen.keys = newest.into_iter().take(KEPT).map(|row| row.key.clone()).collect();
    if let Some(look) = look {
        seen.marks.clone_from(&look.marks);
        seen.frames.clone_from(&look.frames);
        seen.date_forms.clone_from(&look.date_forms);
        seen.registration = look.registration.clone();
        seen.charset.clone_from(&look.charset);
    }
    seen
}

/// What an address looks like: its host and the last part of its path, words with digits in them
/// told apart from plain words only, and the names in its query.
///
/// `/zt/202004/t20200410_196544.html` is `0_0.html`, `/list.asp?id=12` is `list.asp?id`.
pub fn shape(url: &Url) -> String {
    let path = url.path().trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    let mut shape = format!("{} {}", url.host_str().unwrap_or_default(), words(last));
    if path.len() < url.path().len() {
        shape.push('/');
    }
    for (name, value) in url.query_pairs() {
        shape.push_str(if shape.contains('?') { "&" } else { "?" });
        shape.push_str(&words(&name));
        // What names an action is a word; what names an article is a number.
        if value.len() <= ACTION
            && !value.is_empty()
            && value.bytes().all(|b| b.is_ascii_alphabetic())
        {
            shape.push('=');
            shape.push_str(&value);
        }
    }
    shape
}

fn words(text: &str) -> String {
    let mut shape = String::new();
    for part in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let word = part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let hex = word.len() >= HEX && word.bytes().all(|b| b.is_ascii_hexdigit());
        let number = hex || word.bytes().any(|b| b.is_ascii_digit());
        shape.push_str(&if number { "0".to_owned() } else { word.to_ascii_lowercase() });
        shape.push_str(&part[word.len()..]);
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape_of(address: &str) -> String {
        let url = Url::parse(&format!("http://a.test{address}")).unwrap();
        shape(&url).strip_prefix("a.test ").unwrap().to_owned()
    }

    #[test]
    fn addresses_of_articles_look_alike_and_unlike_others() {
        let alike = [
            ("/zt/202004/t20200410_196544.html", "/yw/202611/t20261103_7.html"),
            (
                "/sgsl/content/0b5c3f7e-22aa-4d01-9a57-abcdefabcdef.html",
                "/x/content/ffffffff-0000-1111-2222-aaaaaaaaaaaa.html",
            ),
            ("/show.asp?id=12", "/show.asp?id=99999"),
            ("/p/web.show/bid-27pxwdseayco0.html", "/p/web.show/bid-9zzq.html"),
            ("/news/123/", "/news/9/"),
        ];
        for (a, b) in alike {
            assert_eq!(shape_of(a), shape_of(b));
        }
        let others =
            ["/", "/yw/", "/index.html", "/index.php?m=content&a=lists", "/login", "/about.html"];
        for (article, _) in alike {
            for other in others {
                assert_ne!(shape_of(article), shape_of(other));
            }
        }
        assert_ne!(shape_of("/i.php?a=show&id=1"), shape_of("/i.php?a=lists&id=1"));
    }

    #[test]
    fn rows_are_counted_for_what_they_lead_to() {
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        let row = |n: usize, title: &str, day, item| Row {
            key: format!("trs-{n}"),
            url: Url::parse(&format!("http://a.test/t2026_{n}.html")).unwrap(),
            title: title.to_owned(),
            day,
            item,
        };
        let stored = |title: &str, day, listed_here| {
            Some(Stored { title: title.to_owned(), day, listed_here })
        };
        let rows = [
            row(1, "甲会议召开", day("2026-11-01"), stored("甲会议召开", day("2026-11-01"), true)),
            row(2, "乙会议召开", day("2026-11-03"), stored("别的文章", day("2026-11-02"), true)),
            row(3, "丙…", None, stored("丙", day("2026-11-02"), false)),
            row(4, "丁", day("2026-11-02"), None),
        ];
        let seen = observe(&rows, None);
        assert_eq!((seen.rows, seen.known, seen.foreign, seen.dated), (4, 2, 1, 3));
        assert_eq!((seen.comparable, seen.redated, seen.retitled), (2, 1, 1));
        assert_eq!(seen.newest, day("2026-11-03"));
        assert_eq!(seen.keys, ["trs-2", "trs-4", "trs-1", "trs-3"]);
        assert_eq!(seen.shapes.len(), 1);
    }
}
