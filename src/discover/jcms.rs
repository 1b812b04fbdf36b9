//! Lists of hanweb jcms: HTML in CDATA sections of a `<datastore>`, inline in a script or as the
//! answer of `dataproxy.jsp`.
//!
//! The XML is not well formed as a rule, so it is cut by its marks.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::MAX_CALLS;
use crate::model::Call;
use crate::text::web;

/// The rows of a datastore and what it says of others.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Store {
    /// The HTML of each record.
    pub(super) records: Vec<String>,
    /// How many records the column has.
    total: Option<usize>,
    /// Where the next group is, where the store says so.
    next: Option<String>,
}

/// The datastore of a list page or of a proxy's answer, or the JavaScript array that older ones
/// have in its place.
pub(super) fn store(text: &str) -> Option<Store> {
    let Some(inner) = between(text, "<datastore", "</datastore>") else {
        return array(text).map(|records| Store { records, ..Store::default() });
    };
    let mut records = Vec::new();
    let mut rest = inner;
    while let Some(start) = rest.find("<record>") {
        rest = &rest[start + "<record>".len()..];
        let end = rest.find("</record>").unwrap_or(rest.len());
        if let Some(record) = between(&rest[..end], "<![CDATA[", "]]>") {
            records.push(framed(record));
        }
        rest = &rest[end..];
    }
    let number = |tag: &str| {
        let inner = between(inner, &format!("<{tag}>"), &format!("</{tag}>"))?;
        inner.trim().parse::<usize>().ok()
    };
    let next = between(inner, "<nextgroup>", "</nextgroup>").and_then(address_in);
    Some(Store { records, total: number("totalrecord"), next })
}

/// The records of `dataStore = ["<li>…</li>", …]`.
fn array(text: &str) -> Option<Vec<String>> {
    let start = ARRAY.find(text)?.end();
    let mut records = Vec::new();
    let mut rest = &text[start..];
    while let Some(open) = rest.find(['"', '\'', ']']) {
        let quote = rest[open..].chars().next().filter(|c| *c != ']')?;
        let (literal, length) = literal(&rest[open + 1..], quote)?;
        if literal.contains("<a") || literal.contains("<A") {
            records.push(framed(&literal));
        }
        rest = &rest[open + 1 + length..];
        if rest.trim_start().starts_with(']') {
            break;
        }
    }
    (!records.is_empty()).then_some(records)
}

static ARRAY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\bdataStore\s*=\s*\[").expect("the pattern is valid"));

/// A string literal up to its `quote`, and how many bytes it takes with it.
fn literal(text: &str, quote: char) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => match chars.next()?.1 {
                'n' | 'r' | 't' => value.push(' '),
                other => value.push(other),
            },
            c if c == quote => return Some((value, at + c.len_utf8())),
            c => value.push(c),
        }
    }
    None
}

/// A row of a table is only a row within a table.
fn framed(record: &str) -> String {
    let head = record.trim_start().get(..3).unwrap_or_default().to_ascii_lowercase();
    if head.starts_with("<tr") || head.starts_with("<td") {
        format!("<table>{record}</table>")
    } else {
        format!("<div>{record}</div>")
    }
}

/// The requests for the groups of records after this one.
///
/// A store that names its next group is believed. Otherwise the page tells its proxy, the
/// parameters of the list and how many records there are; the proxies of some sites answer POST
/// only, which is also what the list's own script sends.
pub(super) fn next(text: &str, store: &Store, call: &Call, base: &Url) -> Vec<Call> {
    if let Some(url) = store.next.as_deref().and_then(|href| web::resolve(base, href)) {
        return vec![Call::script(url, Vec::new())];
    }
    let here = Group::of(&call.url);
    let (url, form) = match &here {
        Some(_) => (call.url.clone(), call.form.clone()),
        None => match proxy(text, call, base) {
            Some(found) => found,
            None => return Vec::new(),
        },
    };
    let group = here.unwrap_or(Group { first: 1, last: store.records.len() });
    let size = group.last.saturating_sub(group.first) + 1;
    let total = store.total.or_else(|| number(text, &TOTAL)).unwrap_or(0);
    if store.records.is_empty() || size == 0 {
        return Vec::new();
    }
    let per_page = number(text, &PER_PAGE).unwrap_or(15);
    (group.last + 1..=total)
        .step_by(size)
        .take(MAX_CALLS)
        .map(|first| {
            let last = (first + size - 1).min(total);
            let url = Group { first, last }.on(&url, per_page);
            Call::script(url, form.clone())
        })
        .collect()
}

/// A range of records that a proxy is asked for, both ends included, counted from 1.
struct Group {
    first: usize,
    last: usize,
}

impl Group {
    fn of(url: &Url) -> Option<Self> {
        let value = |wanted: &str| {
            let found = url.query_pairs().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.and_then(|(_, value)| value.parse::<usize>().ok())
        };
        let (first, last) = (value("startrecord")?, value("endrecord")?);
        (first >= 1 && last >= first).then_some(Self { first, last })
    }

    fn on(&self, proxy: &Url, per_page: usize) -> Url {
        let own = ["startrecord", "endrecord", "perpage"];
        let kept: Vec<(String, String)> = proxy
            .query_pairs()
            .filter(|(name, _)| !own.contains(&name.to_ascii_lowercase().as_str()))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let mut url = proxy.clone();
        url.query_pairs_mut()
            .clear()
            .append_pair("startrecord", &self.first.to_string())
            .append_pair("endrecord", &self.last.to_string())
            .append_pair("perpage", &per_page.to_string())
            .extend_pairs(kept);
        url
    }
}

/// The proxy that the page's script asks, and the form that it sends.
fn proxy(text: &str, call: &Call, base: &Url) -> Option<(Url, Vec<(String, String)>)> {
    let url = web::resolve(base, &PROXY.find(text)?.as_str().replace("&amp;", "&"))?;
    let in_url = |name: &str| url.query_pairs().any(|(key, _)| key.eq_ignore_ascii_case(name));
    let given = |name: &str| -> Option<String> {
        let pattern = format!(r#"(?i)\b{name}\b['"]?\s*[:=]\s*['"]?([^'",;&}}<>\s]+)"#);
        let pattern = Regex::new(&pattern).expect("the names below are letters");
        Some(pattern.captures(text)?.get(1)?.as_str().to_owned())
    };
    let column = || Some(COLUMN.captures(call.url.path())?[1].to_owned());
    let mut form = Vec::new();
    for (name, usual) in FORM {
        let found = match *name {
            "columnid" => given("columnid").or_else(column).or_else(|| given("i_columnid")),
            name => given(name),
        };
        if let Some(value) = found.or_else(|| usual.map(str::to_owned))
            && !in_url(name)
        {
            form.push(((*name).to_owned(), value));
        }
    }
    let named = |name: &str| in_url(name) || form.iter().any(|(key, _)| key == name);
    (named("columnid") && named("unitid")).then_some((url, form))
}

/// The parameters of a proxy, and what they usually are where the page does not say.
const FORM: &[(&str, Option<&str>)] = &[
    ("col", Some("1")),
    ("appid", Some("1")),
    ("webid", None),
    ("path", Some("/")),
    ("columnid", None),
    ("sourceContentType", Some("1")),
    ("unitid", None),
    ("webname", None),
    ("permissiontype", Some("0")),
];

static PROXY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"[\w./:-]*dataproxy\.jsp(?:\?[^'"\s<>]*)?"#).expect("the pattern is valid")
});
static COLUMN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"/col/col(\d+)").expect("the pattern is valid"));
static TOTAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\btotalRecord\b['"]?\s*[:=]\s*['"]?(\d{1,7})"#).expect("valid")
});
static PER_PAGE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(?i)\bperPage\b['"]?\s*[:=]\s*['"]?(\d{1,3})"#).expect("valid"));

fn number(text: &str, pattern: &Regex) -> Option<usize> {
    pattern.captures(text)?[1].parse().ok()
}

/// The address in `<![CDATA[<a href="…"></a>]]>` or in bare CDATA.
fn address_in(section: &str) -> Option<String> {
    let inner = between(section, "<![CDATA[", "]]>").unwrap_or(section);
    let address = between(inner, "href=\"", "\"").or_else(|| between(inner, "href='", "'"));
    let address = address.unwrap_or(inner).trim();
    (!address.is_empty() && !address.contains('<')).then(|| address.replace("&amp;", "&"))
}

/// What stands between `begin` and the next `end`, or the rest where `end` is missing.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let inner = &text[text.find(begin)? + begin.len()..];
    Some(&inner[..inner.find(end).unwrap_or(inner.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(text: &str, call: &Call) -> Vec<String> {
        let store = store(text).unwrap();
        let form = |call: &Call| {
            let fields: Vec<String> =
                call.form.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{} [{}]", call.url.as_str().replace("http://a.test", ""), fields.join(" "))
        };
        next(text, &store, call, &call.url).iter().map(form).collect()
    }

    fn get(url: &str) -> Call {
        Call::get(format!("http://a.test{url}").parse().unwrap())
    }

    #[test]
    fn records_are_cut_by_their_marks() {
        let html = "<div><script type=\"text/xml\"><datastore>\n\
            <nextgroup><![CDATA[<a href=\"/dataproxy.jsp?page=2\"></a>]]></nextgroup>\
            <recordset><record><![CDATA[<li><a href='/art/2022/1/5/art_1_2.html'>一 & 二</a>]]></record>\
            <record><![CDATA[<tr><td>三</td></tr>]]>\
            </recordset></datastore></script></div>";
        assert_eq!(
            store(html).unwrap().records,
            [
                "<div><li><a href='/art/2022/1/5/art_1_2.html'>一 & 二</a></div>",
                "<table><tr><td>三</td></tr></table>",
            ]
        );
        assert_eq!(store("<p>无</p>"), None);
        assert_eq!(store("<datastore></datastore>"), Some(Store::default()));
    }

    #[test]
    fn older_proxies_answer_an_array() {
        let text = r#"<script>var dataStore = ["<li><a href=\"/a_1.html\">一、]二<\/a></li>", '<li><a href="/b_2.html">三</a></li>'];</script>"#;
        assert_eq!(
            store(text).unwrap().records,
            [
                "<div><li><a href=\"/a_1.html\">一、]二</a></li></div>",
                "<div><li><a href=\"/b_2.html\">三</a></li></div>",
            ]
        );
        assert_eq!(store("<script>var dataStore = [\"<li><a href="), None);
    }

    #[test]
    fn a_store_that_names_its_next_group_is_believed() {
        let html = "<datastore><nextgroup><![CDATA[<a href=\"/module/jpage/dataproxy.jsp?page=1&amp;columnid=9\"></a>]]></nextgroup>\
            <record><![CDATA[<li></li>]]></record></datastore>";
        assert_eq!(
            calls(html, &get("/col/col9/index.html")),
            ["/module/jpage/dataproxy.jsp?page=1&columnid=9 []"]
        );
    }

    #[test]
    fn otherwise_the_page_names_proxy_form_and_count() {
        let record = "<record><![CDATA[<li></li>]]></record>";
        let html = format!(
            "<datastore>{}</datastore><script>$('#d').jpage({{perPage: 1, totalRecord:'5', \
             proxyUrl:'/module/web/jpage/dataproxy.jsp', proxyParam:{{'webid':'3','unitid':\"77\", webname:'某网'}}}})</script>",
            record.repeat(2)
        );
        let form = "[col=1 appid=1 webid=3 path=/ columnid=9 sourceContentType=1 unitid=77 webname=某网 permissiontype=0]";
        let wanted = ["startrecord=3&endrecord=4&perpage=1", "startrecord=5&endrecord=5&perpage=1"]
            .map(|query| format!("/module/web/jpage/dataproxy.jsp?{query} {form}"));
        let found = calls(&html, &get("/col/col9/index.html"));
        assert_eq!(found, wanted);

        let first = get("/col/col9/index.html");
        let first = &next(&html, &store(&html).unwrap(), &first, &first.url)[0];
        let answer =
            format!("<datastore><totalrecord>5</totalrecord>{}</datastore>", record.repeat(2));
        assert_eq!(calls(&answer, first), [wanted[1].replace("perpage=1", "perpage=15")]);
        let last = "<datastore><totalrecord>4</totalrecord></datastore>";
        assert_eq!(calls(last, first), [""; 0]);
        assert_eq!(
            calls("<datastore><record><![CDATA[<li></li>]]></record></datastore>", &get("/")),
            [""; 0]
        );
    }
}
