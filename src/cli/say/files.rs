//! What is said of pictures and attachments.

use crate::model::Lang;

use super::pick;

/// Neither a hash nor an address.
pub(in super::super) fn no_file(lang: Lang, text: &str) -> String {
    pick(
        lang,
        format!("“{text}”不是文件；应为 /assets/ 网址中的 32 位哈希，或 http(s) 网址"),
        format!(
            "`{text}` names no file; wanted the 32 digits of an /assets/ address, or an http(s) address"
        ),
    )
}

pub(in super::super) fn taken_down(lang: Lang, paths: &[String], items: usize) -> String {
    let removed = if paths.is_empty() { "-".to_owned() } else { paths.join(" ") };
    pick(
        lang,
        format!("已撤下：{removed}；涉及 {items} 个条目，将不再显示它，也不会再取回\n"),
        format!(
            "taken down: {removed}; {items} item{} shown without it, and it does not come back\n",
            if items == 1 { " is" } else { "s are" }
        ),
    )
}

pub(in super::super) fn barred(lang: Lang) -> String {
    pick(
        lang,
        "没有这个文件，请核对哈希或网址；没有撤下任何内容，只是以后不会收取它\n",
        "no such file is known: check the hash or address; nothing was taken down, it is only barred from now on\n",
    )
    .to_owned()
}

pub(in super::super) fn taken_down_before(lang: Lang) -> String {
    pick(lang, "此前已撤下，没有变化\n", "taken down before; nothing changed\n").to_owned()
}

pub(in super::super) fn takedown_undone(lang: Lang, items: usize) -> String {
    pick(
        lang,
        format!("已取消撤下；涉及 {items} 个条目，文件将在下次刷新后重新取回\n"),
        format!(
            "the takedown is taken back; {items} item{} it, and it is fetched again after the next refresh\n",
            if items == 1 { " names" } else { "s name" }
        ),
    )
}

pub(in super::super) fn not_taken_down(lang: Lang) -> String {
    pick(lang, "没有撤下过，没有变化\n", "it was not taken down; nothing changed\n").to_owned()
}
