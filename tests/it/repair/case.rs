//! Sites of the demo network with rules of their own, and what a redesign makes of their pages.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use encoding_rs::{Encoding, GB18030, UTF_8};
use regex::Regex;

use crate::ground::{Ground, reply};

/// A site of the demo network with rules of its own, and what a redesign makes of its pages.
pub(super) struct Case {
    site: &'static str,
    column: &'static str,
    url: &'static str,
    family: &'static str,
    /// Rules that fit the pages as they are.
    rules: &'static str,
    charset: &'static Encoding,
    flipped: &'static Encoding,
    redesign: fn(&str) -> String,
}

/// TRS: a list becomes divisions, dates move behind the titles, the name of the body container is
/// given to another box, UTF-8 becomes GBK.
pub(super) const SHENG: Case = Case {
    site: "sheng",
    column: "yw",
    url: "/yw/",
    family: "trs",
    rules: "list = { item = [\"ul.news_list li\"], date = \"span\" } # 行\narticle = { body = \".TRS_Editor\" }\n",
    charset: UTF_8,
    flipped: GB18030,
    redesign: |html| {
        let html = html.replace("class=\"tools\"", "class=\"CUT\"");
        let html = renamed(&html).replace("TUC", "TRS_Editor");
        let html = moved_dates(&html);
        dated(&html)
            .replace("<ul", "<div")
            .replace("</ul>", "</div>")
            .replace("<li>", "<div class=\"tiao\">")
            .replace("</li>", "</div>")
    },
};

/// PHPCMS: a list becomes a table without `title` attributes, and every class gets another name.
pub(super) const DING: Case = Case {
    site: "ding",
    column: "gzdt",
    url: "/index.php?m=content&c=index&a=lists&catid=13",
    family: "phpcms",
    rules: "list = { item = [\"ul.list li\"], title = \"a\", date = \".date\" }\narticle.title = \"h2\"\n",
    charset: UTF_8,
    flipped: UTF_8,
    redesign: |html| {
        let html = Regex::new(" title=\"[^\"]*\"").unwrap().replace_all(html, "").into_owned();
        dated(&renamed(&html))
            .replace("<h2>", "<p class=\"biaoti\">")
            .replace("</h2>", "</p>")
            .replace("<ul", "<table")
            .replace("</ul>", "</table>")
            .replace("<li>", "<tr><td>")
            .replace("</li>", "</td></tr>")
    },
};

/// ASP: a table becomes a list, dates get their year, GBK becomes UTF-8.
pub(super) const WU: Case = Case {
    site: "wu",
    column: "dt",
    url: "/list.asp?page=1",
    family: "asp",
    rules: "[site.column.list]\nitem = [\"table.list tr\"]\ndate = \"font\"\n",
    charset: GB18030,
    flipped: UTF_8,
    redesign: |html| {
        let row = Regex::new(r"<tr><td width=20>.*?<td>(<a .*?</a>)<td>.*?\[(\d+)-(\d+)\]</font>");
        let html = row.unwrap().replace_all(html, "<li><em>2026/$2/$3</em><h5>$1</h5></li>");
        html.replace("<table width=100% class=list>", "<ol class=wenzhang>")
            .replace("</table>\n<p align=center>第", "</ol>\n<p align=center>第")
            .replace("class=content", "class=zhengwen")
    },
};

/// Every class and id spelt backwards.
fn renamed(html: &str) -> String {
    let names = Regex::new(r#"(class|id)="([^"]*)""#).unwrap();
    let turned = names.replace_all(html, |found: &regex::Captures<'_>| {
        let name: String = found[2].chars().rev().collect();
        format!("{}=\"{name}\"", &found[1])
    });
    turned.into_owned()
}

fn dated(html: &str) -> String {
    let day = Regex::new(r"(\d{4})-(\d\d?)-(\d\d?)").unwrap();
    day.replace_all(html, "$1年$2月$3日").into_owned()
}

fn moved_dates(html: &str) -> String {
    let row = Regex::new(r"<li><span>([\d-]+)</span>(<a .*?</a>)</li>").unwrap();
    row.replace_all(html, "<li><h4>$2</h4><i class=\"shijian\">$1</i></li>").into_owned()
}

impl Case {
    pub(super) fn id(&self) -> String {
        format!("{}/{}", self.site, self.column)
    }

    pub(super) fn ground(&self) -> Ground {
        let ground = Ground::new();
        let Self { site, column, url, family, rules, .. } = self;
        let address = ground.site.address;
        let text = format!(
            "[daemon]\ndata = \"data\"\nlisten = \"127.0.0.1:0\"\nbase_url = \"http://feeds.test/\"\n\
             [admin]\nlisten = \"127.0.0.1:0\"\n[id]\nauthority = \"feeds.test\"\ndate = \"2026\"\n\
             [schedule]\njitter = \"0s\"\n[fetch]\ncontact = \"test@feeds.test\"\ngap = \"0s\"\n\
             retries = 0\nresolve = {{ \"{site}.test\" = \"{address}\" }}\n[withdraw]\nlooks = []\n\
             [[site]]\nid = \"{site}\"\nname = \"示例\"\nhome = \"http://{site}.test/\"\n\
             family = \"{family}\"\n# 栏目 the column\n[[site.column]]\nid = \"{column}\"\n\
             name = \"栏目\"\nurl = \"{url}\"\n{rules}"
        );
        fs::write(ground.config_file(), text).unwrap();
        self.serve(&ground, self.charset, &|html| html.to_owned());
        ground
    }

    /// Serves the site of the demo network, each page changed by `change`.
    /// The list comes last, so that no reading meets old articles behind a new list.
    fn serve(&self, ground: &Ground, charset: &'static Encoding, change: &dyn Fn(&str) -> String) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("demo/network")
            .join(format!("{}.test", self.site));
        let table: toml::Value =
            toml::from_str(&fs::read_to_string(folder.join("responses.toml")).unwrap()).unwrap();
        let mut replies = Vec::new();
        for response in table["response"].as_array().unwrap() {
            let Some(file) = response.get("file").and_then(toml::Value::as_str) else { continue };
            let path = response["path"].as_str().unwrap().to_owned();
            let query = response.get("query").and_then(toml::Value::as_table);
            let query: Vec<String> = query
                .into_iter()
                .flatten()
                .map(|(key, value)| format!("{key}={}", value.as_str().unwrap()))
                .collect();
            let path = match query.is_empty() {
                true => path,
                false if self.url.starts_with(&path) && is_same(&query, self.url) => {
                    self.url.to_owned()
                }
                false => format!("{path}?{}", query.join("&")),
            };
            let html = change(&fs::read_to_string(folder.join(file)).unwrap());
            let html =
                html.replace("charset=utf-8", "charset=X").replace("charset=gb2312", "charset=X");
            let html = html.replace("charset=X", &format!("charset={}", charset.name()));
            let (bytes, ..) = charset.encode(&html);
            replies.push((path, reply("200 OK", "Content-Type: text/html\r\n", &bytes)));
        }
        assert!(replies.len() > 5, "{} has its pages", self.site);
        replies.sort_by_key(|(path, _)| path == self.url);
        for (path, reply) in replies {
            ground.site.set(&path, reply);
        }
    }

    pub(super) fn redesigned(&self, ground: &Ground) {
        self.serve(ground, self.flipped, &self.redesign);
    }
}

/// True where the address has these parameters, in whatever order.
fn is_same(query: &[String], url: &str) -> bool {
    let asked: BTreeSet<&str> = url.split_once('?').unwrap().1.split('&').collect();
    asked == query.iter().map(String::as_str).collect()
}
