//! Records of hanweb jcms lists: HTML in CDATA sections of a `<datastore>` inside a script.

/// The HTML of each record, if the page has a datastore.
///
/// The XML is not well formed as a rule, so it is cut by its marks. `<nextgroup>` and other
/// sections hold addresses, not records.
pub(super) fn records(html: &str) -> Option<Vec<String>> {
    let store = between(html, "<datastore", "</datastore>")?;
    let mut records = Vec::new();
    let mut rest = store;
    while let Some(start) = rest.find("<record>") {
        rest = &rest[start + "<record>".len()..];
        let end = rest.find("</record>").unwrap_or(rest.len());
        if let Some(record) = between(&rest[..end], "<![CDATA[", "]]>") {
            records.push(framed(record));
        }
        rest = &rest[end..];
    }
    Some(records)
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

/// What stands between `begin` and the next `end`, or the rest where `end` is missing.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let inner = &text[text.find(begin)? + begin.len()..];
    Some(&inner[..inner.find(end).unwrap_or(inner.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_cut_by_their_marks() {
        let html = "<div><script type=\"text/xml\"><datastore>\n\
            <nextgroup><![CDATA[<a href=\"/dataproxy.jsp?page=2\"></a>]]></nextgroup>\
            <recordset><record><![CDATA[<li><a href='/art/2022/1/5/art_1_2.html'>一 & 二</a>]]></record>\
            <record><![CDATA[<tr><td>三</td></tr>]]>\
            </recordset></datastore></script></div>";
        assert_eq!(
            records(html).unwrap(),
            [
                "<div><li><a href='/art/2022/1/5/art_1_2.html'>一 & 二</a></div>",
                "<table><tr><td>三</td></tr></table>",
            ]
        );
        assert_eq!(records("<p>无</p>"), None);
        assert_eq!(records("<datastore></datastore>"), Some(Vec::new()));
    }
}
