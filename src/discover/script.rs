//! Pagers that call a function which the page itself defines, or that send a form.

use std::sync::LazyLock;

use dom_query::{Document, NodeRef};
use regex::Regex;
use url::Url;

use super::count;
use crate::model::Call;
use crate::text::{dom, web};

/// Where `script`, such as `goPage(2)`, leads by the function that `document` defines.
pub(super) fn called(script: &str, document: &Document, base: &Url) -> Option<Call> {
    let call = NUMBERED.captures(script)?;
    let (name, number) = (&call[1], &call[2]);
    let defined =
        format!(r"(?:function\s+{name}|\b{name}\s*=\s*function)\s*\(\s*(\w+)[^)]*\)\s*\{{");
    let defined = Regex::new(&defined).ok()?;
    dom::descendants(&document.root()).filter(|node| node.has_name("script")).find_map(|script| {
        let text = script.text();
        let found = defined.captures(&text)?;
        let body = &text[found.get(0)?.end()..];
        let body = body.split("function").next()?;
        let by_address =
            || jump(body, &found[1], number).and_then(|text| web::resolve(base, &text));
        by_address().map(Call::get).or_else(|| submitted(body, &found[1], number, document, base))
    })
}

/// Where choosing `number` in the menu around `option` leads.
pub(super) fn chosen(
    option: &NodeRef<'_>,
    number: &str,
    document: &Document,
    base: &Url,
) -> Option<Call> {
    let menu = option.ancestors_it(Some(2)).find(|above| above.has_name("select"))?;
    let change = menu.attr("onchange")?;
    let value = "this.options[this.selectedIndex].value";
    let change = change.replace(value, "value").replace("this.value", "value");
    let by_address = jump(&change, "value", number).and_then(|text| web::resolve(base, &text));
    by_address.map(Call::get).or_else(|| called(&change.replace("value", number), document, base))
}

/// The address that `body` goes to, with `number` for the parameter.
fn jump(body: &str, parameter: &str, number: &str) -> Option<String> {
    // What goes on behind the last piece is more than is understood.
    let found = JUMP.captures_iter(body).find(|found| &found[2] == parameter)?;
    let rest = found.get(4).is_some();
    let end = found.get(3).map(|end| end.as_str()).unwrap_or_default();
    (!rest).then(|| format!("{}{number}{end}", &found[1]))
}

/// The form that `body` fills with `number` and sends.
fn submitted(
    body: &str,
    parameter: &str,
    number: &str,
    document: &Document,
    base: &Url,
) -> Option<Call> {
    if !body.contains(".submit(") {
        return None;
    }
    let filled = FILLED.captures_iter(body).find(|found| &found[2] == parameter)?;
    let field = filled[1].to_owned();
    let is_it = |node: &NodeRef<'_>| {
        [node.attr("name"), node.attr("id")].iter().flatten().any(|own| **own == *field)
    };
    let input =
        dom::descendants(&document.root()).find(|node| node.has_name("input") && is_it(node))?;
    let name = input.attr("name").filter(|name| !name.is_empty())?.to_string();
    let form = input.ancestors_it(None).find(|above| above.has_name("form"))?;
    let mut fields = hidden(&form);
    fields.retain(|(other, _)| *other != name);
    fields.push((name, number.to_owned()));
    Some(sent(&form, fields, base))
}

/// The request that the button `node` sends: a form with the page's number among what it hides.
pub(super) fn pressed(node: &NodeRef<'_>, base: &Url) -> Option<Call> {
    let kind = node.attr("type").unwrap_or_default().to_ascii_lowercase();
    let sends = kind == "submit" || (kind.is_empty() && node.has_name("button"));
    let form = node.ancestors_it(None).find(|above| sends && above.has_name("form"))?;
    let call = sent(&form, hidden(&form), base);
    count::number(&call).is_some().then_some(call)
}

fn sent(form: &NodeRef<'_>, fields: Vec<(String, String)>, base: &Url) -> Call {
    let action = form.attr("action").filter(|action| !action.trim().is_empty());
    let mut url =
        action.and_then(|action| web::resolve(base, &action)).unwrap_or_else(|| base.clone());
    if form.attr("method").is_some_and(|method| method.eq_ignore_ascii_case("post")) {
        return Call { url, form: fields, by_script: false };
    }
    url.query_pairs_mut().clear().extend_pairs(fields);
    Call::get(url)
}

/// The hidden fields of `form`.
pub(super) fn hidden(form: &NodeRef<'_>) -> Vec<(String, String)> {
    dom::descendants(form)
        .filter(|node| node.has_name("input"))
        .filter(|node| node.attr("type").is_some_and(|kind| kind.eq_ignore_ascii_case("hidden")))
        .filter_map(|node| {
            let name = node.attr("name").filter(|name| !name.is_empty())?.to_string();
            Some((name, node.attr("value").unwrap_or_default().to_string()))
        })
        .collect()
}

static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\b([A-Za-z_]\w*)\(\s*["']?(\d{1,6})["']?\s*[,)]"#).expect("the pattern is valid")
});
static JUMP: LazyLock<Regex> = LazyLock::new(|| {
    let start = r"location(?:\.href)?\s*=\s*|location\.(?:replace|assign)\(\s*";
    let pieces = r#"["']([^"'\s]+)["']\s*\+\s*(\w+)(?:\s*\+\s*["']([^"'\s]*)["'])?(\s*[+\-*])?"#;
    Regex::new(&format!("(?:{start}){pieces}")).expect("the pattern is valid")
});
static FILLED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(\w+)(?:["']\s*[\])])*\.value\s*=\s*(\w+)"#).expect("the pattern is valid")
});
