//! The faults of a website, for its webmaster.

use crate::model::{Defect, Lang};

/// What a kind of fault is called.
pub fn defect(defect: Defect, lang: Lang) -> &'static str {
    let (zh, en) = match defect {
        Defect::DeadLink => {
            ("列表中的文章打不开（已不存在）", "articles on lists that are not there")
        }
        Defect::Astray => ("文章网址跳到别的网页", "articles that lead to another page"),
        Defect::ServerError => ("网页返回错误", "pages answered with an error"),
        Defect::Unreached => ("网页没有应答或中断", "pages without a whole answer"),
        Defect::Empty => ("文章页没有标题或正文", "articles without title or text"),
        Defect::File => ("图片或附件取不到", "broken pictures and attachments"),
        Defect::Vanished => ("已发布的文章被删除", "published articles that are gone"),
        Defect::DateDiffers => {
            ("列表与文章页日期不一致", "days that differ between list and article")
        }
        Defect::DateAhead => ("日期在未来", "dates in the future"),
        Defect::Undated => ("没有日期", "articles without a date"),
        Defect::NoCredit => ("没有注明来源", "articles without a source"),
        Defect::Silent => ("栏目久未更新", "columns without news for long"),
        Defect::Down => ("网站一度无法读取", "times when the site could not be read"),
    };
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// What to do about it; in Chinese, as the report is.
pub fn advice(defect: Defect) -> &'static str {
    match defect {
        Defect::DeadLink => "从列表中删去该条，或恢复文章。",
        Defect::Astray => "核对跳转：读者点标题应看到这篇文章。",
        Defect::ServerError => "请技术人员查看服务器日志中该地址的错误。",
        Defect::Unreached => "请技术人员查看当时的服务器与网络。",
        Defect::Empty => "打开该页核对：标题或正文可能没有发布，或只由脚本显示。",
        Defect::File => "重新上传，或改正文章中的地址；勿引用本机或编辑后台的地址。",
        Defect::Vanished => "若属误删，请恢复；若已撤稿，无须处理。",
        Defect::DateDiffers => "改为同一天：读者与检索以文章页为准。",
        Defect::DateAhead => "改正发布日期。",
        Defect::Undated => "请在文章页注明发布日期。",
        Defect::NoCredit => "请在文章页注明来源，转载的注明原发单位。",
        Defect::Silent => "更新栏目，或合并、撤下长期不用的栏目。",
        Defect::Down => "以本机所见为准；持续发生请查看服务器与防护设置。",
    }
}
