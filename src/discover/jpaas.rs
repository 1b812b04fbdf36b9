//! Lists of hanweb jpaas: an empty page whose script names a JSON "build unit" with the rows.

use std::sync::LazyLock;

use dom_query::Document;
use regex::Regex;
use serde_json::{Map, Value};
use url::Url;

use crate::model::Call;
use crate::text::{dom, web};

/// Where build units are had, where the page does not say.
const UNIT: &str = "/api-gateway/jpaas-publish-server/front/page/build/unit";
/// Rows of a unit, where the page does not say.
const PAGE_SIZE: u32 = 15;

/// The request for the first rows of the list that the page frames.
///
/// The units of a page are its menus and blocks too; the column's own list is the one that is
/// called so, else the last.
pub(super) fn shell(document: &Document, html: &str, base: &Url) -> Option<Call> {
    let units: Vec<(Url, Map<String, Value>)> = dom::descendants(&document.root())
        .filter(|node| node.has_name("script"))
        .filter_map(|script| {
            let data = script.attr("querydata")?;
            let url = script.attr("url").unwrap_or_else(|| UNIT.into());
            Some((web::resolve(base, &url)?, object(&data)?))
        })
        .chain(variables(html, base))
        .collect();
    let of_column = |unit: &&(Url, Map<String, Value>)| {
        let said = |key: &str| unit.1.get(key).and_then(Value::as_str).unwrap_or_default();
        LIST.is_match(said("tagId")) && matches!(said("pageType"), "" | "column")
    };
    let (url, data) = units.iter().find(of_column).or(units.last())?;
    Some(Call::script(first(url, data, html), Vec::new()))
}

static LIST: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)当前栏目|list|列表").expect("the pattern is valid"));

/// `querydata` is JSON in single quotes as a rule.
fn object(text: &str) -> Option<Map<String, Value>> {
    let read = |text: &str| serde_json::from_str::<Map<String, Value>>(text).ok();
    read(text).or_else(|| read(&text.replace('\'', "\"")))
}

/// Pages of another making set variables: `var webId = '…', pageId = '…', tplSetId = '…'`.
fn variables(html: &str, base: &Url) -> Option<(Url, Map<String, Value>)> {
    let mut data = Map::new();
    for found in VARIABLE.captures_iter(html) {
        data.entry(&found[1]).or_insert_with(|| Value::from(&found[2]));
    }
    let complete =
        ["webId", "pageId", "tplSetId", "tagId"].iter().all(|key| data.contains_key(*key));
    if !complete {
        return None;
    }
    for (key, value) in [("parseType", "bulidstatic"), ("pageType", "column")] {
        data.entry(key).or_insert_with(|| Value::from(value));
    }
    Some((web::resolve(base, UNIT)?, data))
}

static VARIABLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\b(webId|pageId|tplSetId|tagId)\s*[:=]\s*["']([^"']{1,80})["']"#)
        .expect("the pattern is valid")
});

fn first(unit: &Url, data: &Map<String, Value>, html: &str) -> Url {
    let mut url = unit.clone();
    let size = SIZE.captures(html).and_then(|found| found[1].parse().ok()).unwrap_or(PAGE_SIZE);
    {
        let mut query = url.query_pairs_mut();
        for (key, value) in data.iter().filter(|(key, _)| *key != "paramJson") {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            query.append_pair(key, &text);
        }
        let page = format!(r#"{{"pageNo":1,"pageSize":{size}}}"#);
        query.append_pair("paramJson", &page);
    }
    url
}

static SIZE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\bpageSize["']?\s*[:=]\s*["']?(\d{1,3})\b"#).expect("valid")
});

#[cfg(test)]
mod tests {
    use super::*;

    fn call(html: &str) -> Option<String> {
        let document = Document::from(html);
        let base = "http://a.test/col/col1/index.html".parse().unwrap();
        let call = shell(&document, html, &base)?;
        assert!(call.by_script && call.form.is_empty());
        let pairs: Vec<String> =
            call.url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect();
        Some(format!("{} {}", call.url.path(), pairs.join(" ")))
    }

    #[test]
    fn the_script_names_the_unit() {
        let html = "<script src=/x/unitbuild.js url='/api/unit' querydata=\"{'tagId':'页头','webId':'1'}\"></script>\
            <script src=/x/unitbuild.js url='/api/unit' querydata=\"{'parseType':'bulidstatic','webId':'1','tagId':'当前栏目_list','pageType':'column'}\"></script>\
            <script src=/x/unitbuild.js url='/api/unit' querydata=\"{'tagId':'页脚','webId':'1'}\"></script>";
        let query = "pageType=column parseType=bulidstatic tagId=当前栏目_list webId=1";
        let wanted = format!("/api/unit {query} paramJson={{\"pageNo\":1,\"pageSize\":15}}");
        assert_eq!(call(html).unwrap(), wanted);
        assert_eq!(call("<script querydata=\"{'broken\"></script>"), None);
        assert_eq!(call("<p>无"), None);
    }

    #[test]
    fn variables_name_it_too() {
        let html = "<script>var webId='1',pageId=\"2\"; tplSetId = '3'; tagId='信息列表'; pageSize=20</script>";
        let wanted = "/api-gateway/jpaas-publish-server/front/page/build/unit pageId=2 \
            pageType=column parseType=bulidstatic tagId=信息列表 tplSetId=3 webId=1 \
            paramJson={\"pageNo\":1,\"pageSize\":20}";
        assert_eq!(call(html).unwrap(), wanted);
    }
}
