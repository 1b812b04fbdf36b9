//! What is told when a site does not show what it used to.

use crate::model::ProblemCode;

use super::Texts;

pub(super) fn texts(code: ProblemCode) -> Texts {
    match code {
        ProblemCode::ListStrange
        | ProblemCode::ListShort
        | ProblemCode::ListStale
        | ProblemCode::ColumnSwapped
        | ProblemCode::ColumnSilent => of_lists(code),
        ProblemCode::RedirectedHome
        | ProblemCode::ErrorPage
        | ProblemCode::LoginPage
        | ProblemCode::ScriptShell
        | ProblemCode::TemplateChanged
        | ProblemCode::CharsetChanged => of_pages(code),
        ProblemCode::TitlesChanged
        | ProblemCode::DatesMissing
        | ProblemCode::DatesChanged
        | ProblemCode::BodiesCollapsed
        | ProblemCode::CreditsMissing => of_articles(code),
        _ => (
            "网站未能证明是它自己，没有收录任何内容",
            "请在浏览器中核对：域名若已被他人使用，请通知网站；网站若确已更换备案号、名称或域名，请修改站点配置；核对无误后运行 lianbo trust 站点编号 恢复收录",
            "the site did not prove to be itself; nothing was taken in",
            "look at it in a browser: where the name is in other hands, tell its webmaster; where its number, name or host did change, change its file; `lianbo trust SITE` lets it in again",
        ),
    }
}

fn of_lists(code: ProblemCode) -> Texts {
    match code {
        ProblemCode::ListStrange => (
            "列表不像是原来的那个了，没有收录任何内容",
            "网站若已改版，请运行 lianbo repair 栏目编号 查看建议的规则；若确属正常，请运行 lianbo trust 栏目编号",
            "the list is not the one it was; nothing was taken in",
            "after a redesign, `lianbo repair SITE/COLUMN` proposes rules; where all is well, `lianbo trust SITE/COLUMN`",
        ),
        ProblemCode::ListShort => (
            "列表上的文章比平时少得多，暂不收录",
            "请打开该页核对；改版的，运行 lianbo repair 栏目编号；确属正常的，运行 lianbo trust 栏目编号，或调低 health.expect_items_min",
            "the list has far fewer rows than usual; nothing was taken in for now",
            "look at the page; after a redesign run `lianbo repair SITE/COLUMN`; where all is well `lianbo trust SITE/COLUMN`, or lower `health.expect_items_min`",
        ),
        ProblemCode::ListStale => (
            "列表退回到了以前的样子",
            "多为网站的缓存或备机所致，恢复后自动消除；长期如此请告知该网站",
            "the list is one of some time ago",
            "usually a cache or a standby server of the site; it heals by itself; where it stays so, tell the site's webmaster",
        ),
        ProblemCode::ColumnSwapped => (
            "栏目的网址显示的是另一个栏目，没有收录任何内容",
            "请核对栏目的 url；网站若调整了栏目，请修改；确属正常的，运行 lianbo trust 栏目编号",
            "the column's address shows another column; nothing was taken in",
            "check the column's `url`; where the site arranged its columns anew, change it; where all is well, `lianbo trust SITE/COLUMN`",
        ),
        _ => (
            "栏目久未更新",
            "请打开该页核对：栏目可能已停用或迁移；确属正常的，请调高 health.max_silence_days",
            "the column has had nothing new for longer than usual",
            "look at the page: the column may have ended or moved; where that is as it should be, raise `health.max_silence_days`",
        ),
    }
}

fn of_pages(code: ProblemCode) -> Texts {
    match code {
        ProblemCode::RedirectedHome => (
            "栏目的网址转到了首页，没有收录任何内容",
            "栏目可能已迁移或撤销：请在网站上找到新的网址，修改栏目的 url",
            "the column's address leads to the front page; nothing was taken in",
            "the column may have moved or ended: find its new address and change the column's `url`",
        ),
        ProblemCode::ErrorPage => (
            "网页写着出错或不存在，没有收录任何内容",
            "恢复后自动消除；持续如此，请核对栏目的 url，或告知该网站",
            "the page says that something went wrong or is missing; nothing was taken in",
            "it heals by itself; where it stays so, check the column's `url` or tell the site's webmaster",
        ),
        ProblemCode::LoginPage => (
            "网页要求登录，没有收录任何内容",
            "本程序不会登录；请与该网站联系，或修改栏目的 url",
            "the page asks for a password; nothing was taken in",
            "logins are never attempted; ask the site, or change the column's `url`",
        ),
        ProblemCode::ScriptShell => (
            "列表改由脚本生成，页面上没有文章",
            "请运行 lianbo probe 该网址，或写明 list.kind、list.request",
            "the list is filled by a script now; the page itself has no rows",
            "run `lianbo probe` on the address, or declare `list.kind` or `list.request`",
        ),
        ProblemCode::TemplateChanged => (
            "网站换了模板，列表与文章仍照常读出",
            "不必处理；请抽看几篇新文章，如有遗漏，运行 lianbo repair 栏目编号",
            "the site has another template; lists and articles are read as before",
            "nothing has to be done; look at some new articles, and where something is missing run `lianbo repair SITE/COLUMN`",
        ),
        _ => (
            "网页的字符编码变了，列表与文章仍照常读出",
            "不必处理；请抽看几篇新文章有无乱码",
            "the charset of the pages is another one; lists and articles are read as before",
            "nothing has to be done; look whether some new articles are garbled",
        ),
    }
}

fn of_articles(code: ProblemCode) -> Texts {
    match code {
        ProblemCode::TitlesChanged => (
            "原有文章的标题一下子变了，没有收录任何内容",
            "可能是乱码或改版：请打开该页核对；改版的，运行 lianbo repair 栏目编号；确属正常的，运行 lianbo trust 栏目编号",
            "known articles have other titles at once; nothing was taken in",
            "garbled text or a redesign: look at the page; `lianbo repair SITE/COLUMN` proposes rules; where all is well, `lianbo trust SITE/COLUMN`",
        ),
        ProblemCode::DatesMissing => (
            "日期一下子读不出来了，没有收录任何内容",
            "日期的写法或位置可能变了：运行 lianbo repair 栏目编号 查看建议；确属正常的，运行 lianbo trust 栏目编号",
            "dates cannot be read any more; nothing was taken in",
            "they may be written otherwise or elsewhere: `lianbo repair SITE/COLUMN` proposes rules; where all is well, `lianbo trust SITE/COLUMN`",
        ),
        ProblemCode::DatesChanged => (
            "原有文章的日期一下子变了，没有收录任何内容",
            "日期的写法可能变了：运行 lianbo repair 栏目编号 查看建议；确属正常的，运行 lianbo trust 栏目编号",
            "known articles have other dates at once; nothing was taken in",
            "dates may be written otherwise: `lianbo repair SITE/COLUMN` proposes rules; where all is well, `lianbo trust SITE/COLUMN`",
        ),
        ProblemCode::BodiesCollapsed => (
            "原有文章的正文读不全了，没有收录任何内容",
            "正文的位置可能变了：运行 lianbo repair 栏目编号 查看建议；确属正常的，运行 lianbo trust 栏目编号",
            "the texts of known articles are found no longer; nothing was taken in",
            "the body may stand elsewhere: `lianbo repair SITE/COLUMN` proposes rules; where all is well, `lianbo trust SITE/COLUMN`",
        ),
        _ => (
            "原有文章的来源读不出来了，没有收录任何内容",
            "来源的写法或位置可能变了：运行 lianbo repair 栏目编号 查看建议；确属正常的，运行 lianbo trust 栏目编号",
            "the sources of known articles are found no longer; nothing was taken in",
            "they may be written otherwise or elsewhere: `lianbo repair SITE/COLUMN` proposes rules; where all is well, `lianbo trust SITE/COLUMN`",
        ),
    }
}

/// What is told of rules that were changed by the program itself.
pub(super) fn of_repairs(code: ProblemCode) -> Texts {
    match code {
        ProblemCode::RepairApplied => (
            "网站改版，栏目的规则已自动修改",
            "请查看所列文件中的改动，并抽看几篇新文章；核对无误后运行 lianbo trust 栏目编号",
            "the site was redesigned, and the column's rules were changed by lianbo itself",
            "look at the change of the file and at some new articles; `lianbo trust SITE/COLUMN` says that all is well",
        ),
        _ => (
            "网站改版，找到了可用的规则，但没能写入配置文件",
            "请按所述原因处理，再运行 lianbo repair 栏目编号 --write",
            "the site was redesigned; rules that fit were found and could not be written into the file",
            "mend what is said, then run `lianbo repair SITE/COLUMN --write`",
        ),
    }
}
