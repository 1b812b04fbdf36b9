//! A site file: what was found, written down as an operator would have done it.

use std::fmt::Write as _;

use url::Url;

use crate::model::{Both, Lang};
use crate::text::plain;

/// A site as it could be described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Its id; never to be changed once something is published.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Short name.
    pub short_name: String,
    /// `national` and so on.
    pub level: String,
    /// Area code.
    pub region: Option<String>,
    /// Home page.
    pub home: Url,
    /// The family's id.
    pub family: String,
    /// Who publishes it.
    pub publisher: Option<String>,
    /// The ICP number that it prints.
    pub icp: Option<String>,
    /// Its 网站标识码.
    pub site_id_code: Option<String>,
    /// What it calls itself in credits.
    pub self_names: Vec<String>,
    /// Whether it is to be read.
    pub enabled: bool,
    /// Comments above the site: how it was found, charset, robots.txt.
    pub notes: Vec<Both>,
    /// Its columns, most wanted first.
    pub columns: Vec<ColumnPlan>,
}

/// A column as it could be described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnPlan {
    /// Its id within the site.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The list page.
    pub url: Url,
    /// Tags for feeds to select by.
    pub tags: Vec<String>,
    /// `list.kind`, where the family's does not fit.
    pub kind: Option<&'static str>,
    /// Comments above the column.
    pub notes: Vec<Both>,
}

impl Proposal {
    /// The commented site file, Chinese before English.
    pub fn toml(&self) -> String {
        let mut text = String::new();
        notes(&mut text, &self.notes);
        text.push_str("[[site]]\n");
        note(
            &mut text,
            "编号写进每个条目，首次发布后不可更改；可先改成更易读的。",
            "Part of every item's id: change it before the first publication or never.",
        );
        key(&mut text, "id", &self.id);
        key(&mut text, "name", &self.name);
        key(&mut text, "short_name", &self.short_name);
        note(
            &mut text,
            "按名称或网站标识码推断：national、province、city、county、chamber。",
            "Guessed from name or site code.",
        );
        key(&mut text, "level", &self.level);
        if let Some(region) = &self.region {
            key(&mut text, "region", region);
        }
        key(&mut text, "home", self.home.as_str());
        key(&mut text, "family", &self.family);
        if let Some(publisher) = &self.publisher {
            key(&mut text, "publisher", publisher);
        }
        if self.icp.is_some() || self.site_id_code.is_some() {
            note(
                &mut text,
                "网站在页脚自己写明的号码；今后页面上若是别的号码，即停止收录，等人核对。",
                "The numbers that the site prints: a page with another one is held until somebody looked.",
            );
        }
        if let Some(icp) = &self.icp {
            key(&mut text, "icp", icp);
        }
        if let Some(code) = &self.site_id_code {
            key(&mut text, "site_id_code", code);
        }
        note(
            &mut text,
            "来源写成这些名称时，即指本站自己；请补上本站的简称与栏目品牌。",
            "Credits that mean the site itself; add its short names and brands.",
        );
        let _ = writeln!(text, "self_names = {}", list(&self.self_names));
        let _ = writeln!(text, "enabled = {}", self.enabled);
        for column in &self.columns {
            text.push('\n');
            column.write(&mut text, &self.home);
        }
        if self.columns.is_empty() {
            text.push('\n');
            note(
                &mut text,
                "找到列表页后，去掉下面各行的 # 并填写。",
                "Once a list page is known, fill this in:",
            );
            text.push_str(
                "# [[site.column]]\n# id = \"yw\"\n# name = \"要闻\"\n# url = \"/yw/\"\n",
            );
        }
        text
    }
}

impl ColumnPlan {
    fn write(&self, text: &mut String, home: &Url) {
        notes(text, &self.notes);
        text.push_str("[[site.column]]\n");
        key(text, "id", &self.id);
        key(text, "name", &self.name);
        key(text, "url", &address(&self.url, home));
        if !self.tags.is_empty() {
            let _ = writeln!(text, "tags = {}", list(&self.tags));
        }
        if let Some(kind) = self.kind {
            let _ = writeln!(text, "list = {{ kind = {} }}", quoted(kind));
        }
    }
}

/// `url` as it is shortest below `home`, where it means the same.
fn address(url: &Url, home: &Url) -> String {
    let short = url.as_str().strip_prefix(&url.origin().ascii_serialization()).unwrap_or_default();
    match home.join(short) {
        Ok(joined) if joined == *url && short.starts_with('/') => short.to_owned(),
        _ => url.as_str().to_owned(),
    }
}

fn notes(text: &mut String, notes: &[Both]) {
    for lang in [Lang::Zh, Lang::En] {
        for note in notes {
            let _ = writeln!(text, "# {}", comment(note.text(lang)));
        }
    }
}

fn note(text: &mut String, zh: &str, en: &str) {
    let _ = writeln!(text, "# {zh}{en}");
}

fn key(text: &mut String, key: &str, value: &str) {
    let _ = writeln!(text, "{key} = {}", quoted(value));
}

fn list(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    format!("[{}]", values.join(", "))
}

/// One line without the characters that TOML forbids in comments.
fn comment(text: &str) -> String {
    plain::one_line(text).chars().filter(|c| !c.is_control()).collect()
}

/// A basic string (TOML 1.0, §String).
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal(name: &str) -> Proposal {
        let url = |text| Url::parse(text).unwrap();
        let column = |id: &str, address| ColumnPlan {
            id: id.to_owned(),
            name: name.to_owned(),
            url: url(address),
            tags: vec!["要闻".to_owned()],
            kind: Some("html"),
            notes: vec![Both::new(format!("读到 {name}"), "read")],
        };
        Proposal {
            id: "a".to_owned(),
            name: name.to_owned(),
            short_name: "甲".to_owned(),
            level: "city".to_owned(),
            region: Some("320100".to_owned()),
            home: url("http://a.test/gsl/"),
            family: "generic".to_owned(),
            publisher: Some(name.to_owned()),
            icp: Some("苏ICP备00000000号".to_owned()),
            site_id_code: Some("3201000001".to_owned()),
            self_names: vec!["本网".to_owned(), name.to_owned()],
            enabled: true,
            notes: vec![Both::new(name, "found")],
            columns: vec![
                column("b", "http://a.test/yw/?a=1"),
                column("c", "https://a.test/yw/"),
                column("d", "http://a.test//x"),
            ],
        }
    }

    #[test]
    fn whatever_a_site_is_called_the_file_says_it() {
        for name in ["某市工商联", "a\"b\\c", "x\n[[site]]\ny", "\u{1}\u{7f}\u{85}", "# x \u{2028}"]
        {
            let text = proposal(name).toml();
            let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
            let sites = table["site"].as_array().unwrap();
            assert_eq!((table.len(), sites.len()), (1, 1), "{text}");
            assert_eq!(sites[0]["name"].as_str(), Some(name));
            assert_eq!(sites[0]["column"][0]["name"].as_str(), Some(name));
        }
    }

    #[test]
    fn addresses_are_short_where_they_mean_the_same() {
        let table: toml::Table = proposal("甲").toml().parse().unwrap();
        let columns = table["site"][0]["column"].as_array().unwrap();
        let urls: Vec<&str> = columns.iter().map(|c| c["url"].as_str().unwrap()).collect();
        assert_eq!(urls, ["/yw/?a=1", "https://a.test/yw/", "http://a.test//x"]);
    }

    #[test]
    fn without_columns_an_example_stands_there() {
        let bare = Proposal { columns: Vec::new(), enabled: false, ..proposal("甲") };
        let text = bare.toml();
        assert!(text.contains("# [[site.column]]\n# id = "), "{text}");
        let table: toml::Table = text.parse().unwrap();
        assert_eq!(table["site"][0]["enabled"].as_bool(), Some(false));
    }
}
