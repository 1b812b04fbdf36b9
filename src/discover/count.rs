//! The page number in a request, and the request for the page after it.

use url::Url;

use crate::model::Call;

/// Names of a page number in a query or a form (compared without case).
const NAMES: &[&str] = &[
    "page",
    "pageno",
    "pagenum",
    "pagenumber",
    "pageindex",
    "pageid",
    "currpage",
    "currentpage",
    "curpage",
    "current",
    "cpage",
    "pn",
    "p",
];
/// Pages further on are a trap.
const HIGHEST: u32 = 100_000;

/// The number of the page that `call` asks for, where it says so.
pub(super) fn number(call: &Call) -> Option<u32> {
    let in_form = || call.form.iter().find_map(|(name, value)| value_of(name, value));
    call.url.query_pairs().find_map(|(name, value)| value_of(&name, &value)).or_else(in_form)
}

/// The same request for the next page.
pub(super) fn next(call: &Call) -> Option<Call> {
    let pairs: Vec<(String, String)> = call
        .url
        .query_pairs()
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    if let Some(pairs) = counted(&pairs) {
        let mut url: Url = call.url.clone();
        url.query_pairs_mut().clear().extend_pairs(pairs);
        return Some(Call { url, ..call.clone() });
    }
    Some(Call { form: counted(&call.form)?, ..call.clone() })
}

fn counted(pairs: &[(String, String)]) -> Option<Vec<(String, String)>> {
    let at = pairs.iter().position(|(name, value)| value_of(name, value).is_some())?;
    let (name, value) = &pairs[at];
    let number = value_of(name, value).filter(|number| *number < HIGHEST)?;
    let (old, new) = (number.to_string(), (number + 1).to_string());
    let value = if value.starts_with('{') { json(value, &old, &new)? } else { new };
    let mut pairs = pairs.to_vec();
    pairs[at].1 = value;
    Some(pairs)
}

/// The number in a parameter: plain, or under `pageNo` in a JSON object.
fn value_of(name: &str, value: &str) -> Option<u32> {
    if value.starts_with('{') {
        let object: serde_json::Value = serde_json::from_str(value).ok()?;
        let found = object.as_object()?.iter().find_map(|(name, value)| {
            let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
            is_page(name).then_some(number)
        });
        return u32::try_from(found?).ok();
    }
    if is_page(name) { value.parse().ok() } else { None }
}

fn is_page(name: &str) -> bool {
    NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The object with another page number, all else as it was.
fn json(text: &str, old: &str, new: &str) -> Option<String> {
    let object: serde_json::Value = serde_json::from_str(text).ok()?;
    let (name, _) = object
        .as_object()?
        .iter()
        .find(|(name, value)| is_page(name) && value.to_string().trim_matches('"') == old)?;
    let start = text.find(&format!("\"{name}\""))? + name.len() + 2;
    let at = start + text[start..].find(old)?;
    Some(format!("{}{new}{}", &text[..at], &text[at + old.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_count_on() {
        for (url, wanted) in [
            (
                "/list?pagesize=15&currpage=1&channelid=5",
                "/list?pagesize=15&currpage=2&channelid=5",
            ),
            ("/l.asp?PageIndex=9", "/l.asp?PageIndex=10"),
            ("/search?current=1&pageSize=10", "/search?current=2&pageSize=10"),
            (
                "/unit?tagId=1&paramJson=%7B%22pageNo%22%3A1%2C%22pageSize%22%3A15%7D",
                "/unit?tagId=1&paramJson=%7B%22pageNo%22%3A2%2C%22pageSize%22%3A15%7D",
            ),
        ] {
            let call = Call::get(format!("http://a.test{url}").parse().unwrap());
            assert_eq!(next(&call).unwrap().url.as_str(), format!("http://a.test{wanted}"));
        }
        for url in ["/list?id=5", "/list?page=x", "/list?page=100000", "/", "/?a={\"b\":1}"] {
            assert_eq!(next(&Call::get(format!("http://a.test{url}").parse().unwrap())), None);
        }
        let form = vec![("col".to_owned(), "1".to_owned()), ("pageNo".to_owned(), "1".to_owned())];
        let call = Call::script("http://a.test/x".parse().unwrap(), form);
        assert_eq!(number(&call), Some(1));
        assert_eq!(next(&call).unwrap().form[1].1, "2");
    }
}
