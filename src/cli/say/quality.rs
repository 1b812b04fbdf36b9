//! What `report quality` says.

use crate::model::Lang;

use super::pick;

pub(in crate::cli) fn quality_head(lang: Lang, month: &str, sites: usize) -> String {
    pick(
        lang,
        format!("{month} 网站质量：{sites} 个网站（依据平时读取所见；用 --html、--csv 得到明细）"),
        format!(
            "quality of {sites} sites in {month} (as seen anyway; --html and --csv have it all)"
        ),
    )
}

pub(in crate::cli) fn quality_heads(lang: Lang) -> [&'static str; 3] {
    pick(lang, ["网站", "问题", "数量"], ["site", "fault", "count"])
}

pub(in crate::cli) fn quality_fine(lang: Lang) -> &'static str {
    pick(lang, "没有发现问题", "nothing was found")
}

pub(in crate::cli) fn quality_written(
    lang: Lang,
    file: &str,
    sites: usize,
    count: usize,
) -> String {
    pick(
        lang,
        format!("已写入 {file}：{sites} 个网站，{count} 个问题"),
        format!("{file} written: {sites} sites, {count} faults"),
    )
}
