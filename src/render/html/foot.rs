//! The foot of public pages: who operates them, whom to tell of mistakes, the numbers of 备案.

use minijinja::{Value, context};

use crate::text::sentence::Label;

use super::super::PublicSite;

/// Where ICP numbers are looked up (工业和信息化部); the law wants the link.
const ICP_LOOKUP: &str = "https://beian.miit.gov.cn/";
/// Where numbers of 公安备案 are looked up.
const POLICE_LOOKUP: &str = "https://beian.mps.gov.cn/";

/// One entry each: a label, a text, and where it leads.
pub(super) fn lines(site: &PublicSite) -> Vec<Value> {
    let mut lines = Vec::new();
    let mut add = |label: Option<Label>, text: &str, link: Option<String>| {
        let label = label.map(|label| label.text(site.lang));
        lines.push(context! { label, text, link });
    };
    if !site.operator.is_empty() {
        add(Some(Label::Operator), &site.operator, None);
    }
    if let Some(contact) = site.corrections.as_deref().or(site.contact.as_deref()) {
        add(Some(Label::Corrections), contact, contact_link(contact));
    }
    if let Some(number) = &site.icp {
        add(None, number, Some(ICP_LOOKUP.to_owned()));
    }
    if let Some(number) = &site.police {
        add(None, number, Some(police_link(number)));
    }
    lines
}

/// A page, a mailbox or a telephone number; anything else stands as text.
fn contact_link(contact: &str) -> Option<String> {
    let dialled: String = contact.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let digits = dialled.strip_prefix('+').unwrap_or(&dialled);
    if contact.starts_with("https://") || contact.starts_with("http://") {
        Some(contact.to_owned())
    } else if contact.contains('@') && !contact.contains(char::is_whitespace) {
        Some(format!("mailto:{contact}"))
    } else if digits.len() >= 5 && digits.bytes().all(|b| b.is_ascii_digit()) {
        Some(format!("tel:{dialled}"))
    } else {
        None
    }
}

/// The record itself where the number has its fourteen digits.
fn police_link(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    if digits.len() == 14 {
        format!("{POLICE_LOOKUP}#/query/webSearch?code={digits}")
    } else {
        POLICE_LOOKUP.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_leads_where_it_can() {
        let link = |contact| contact_link(contact);
        assert_eq!(link("a@b.example").as_deref(), Some("mailto:a@b.example"));
        assert_eq!(link("https://b.example/x").as_deref(), Some("https://b.example/x"));
        assert_eq!(link("025-8321 0000").as_deref(), Some("tel:02583210000"));
        assert_eq!(link("宣教处"), None);
        assert_eq!(link("javascript:alert(1)"), None);
    }

    #[test]
    fn a_number_of_the_police_leads_to_its_record() {
        let link = police_link("苏公网安备 32010602010001号");
        assert_eq!(link, "https://beian.mps.gov.cn/#/query/webSearch?code=32010602010001");
        assert_eq!(police_link("苏公网安备"), "https://beian.mps.gov.cn/");
    }
}
