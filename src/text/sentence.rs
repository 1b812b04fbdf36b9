//! The one table of operator and public sentences: Chinese first, English second.

pub mod alert;
mod challenge;
pub mod issue;
mod label;
pub mod quality;
mod trust;
pub mod usage;
mod wechat;

use crate::model::{Lang, ProblemCode};

pub use label::Label;

/// What a problem is, and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// What happened.
    pub what: &'static str,
    /// What to do.
    pub hint: &'static str,
}

/// The sentence of `code` in `lang`.
pub fn problem(code: ProblemCode, lang: Lang) -> Sentence {
    let (zh, zh_hint, en, en_hint) = texts(code);
    match lang {
        Lang::Zh => Sentence { what: zh, hint: zh_hint },
        Lang::En => Sentence { what: en, hint: en_hint },
    }
}

type Texts = (&'static str, &'static str, &'static str, &'static str);

fn texts(code: ProblemCode) -> Texts {
    match code {
        ProblemCode::ListEmpty
        | ProblemCode::PageEmpty
        | ProblemCode::BodyMissing
        | ProblemCode::TitleMissing
        | ProblemCode::ArticleGone
        | ProblemCode::ManyGone
        | ProblemCode::TooDeep
        | ProblemCode::TooLarge
        | ProblemCode::NotHtml
        | ProblemCode::CharsetDoubtful => of_pages(code),
        ProblemCode::HttpStatus
        | ProblemCode::Timeout
        | ProblemCode::Unreachable
        | ProblemCode::TlsFailed
        | ProblemCode::RedirectLoop
        | ProblemCode::AddressRefused
        | ProblemCode::NotSaved
        | ProblemCode::RobotsDisallow
        | ProblemCode::RateLimited
        | ProblemCode::BudgetUsed
        | ProblemCode::Truncated => of_sites(code),
        ProblemCode::IdentityFailed
        | ProblemCode::ListStrange
        | ProblemCode::ListShort
        | ProblemCode::ListStale
        | ProblemCode::ColumnSwapped
        | ProblemCode::ColumnSilent
        | ProblemCode::RedirectedHome
        | ProblemCode::ErrorPage
        | ProblemCode::LoginPage
        | ProblemCode::ScriptShell
        | ProblemCode::TemplateChanged
        | ProblemCode::CharsetChanged
        | ProblemCode::TitlesChanged
        | ProblemCode::DatesMissing
        | ProblemCode::DatesChanged
        | ProblemCode::BodiesCollapsed
        | ProblemCode::CreditsMissing => trust::texts(code),
        ProblemCode::RepairApplied | ProblemCode::RepairUnwritten => trust::of_repairs(code),
        ProblemCode::BlockedChallenge
        | ProblemCode::BlockedRuishu
        | ProblemCode::BlockedJiasule
        | ProblemCode::BlockedAliyun
        | ProblemCode::BlockedWangsu
        | ProblemCode::BlockedTst
        | ProblemCode::BlockedSafeline => challenge::texts(code),
        ProblemCode::IssueOvertaken | ProblemCode::CoverFailed | ProblemCode::IssueFailed => {
            of_issues(code)
        }
        ProblemCode::CustodyFailed | ProblemCode::CustodyRefused => of_files(code),
        ProblemCode::JobLate | ProblemCode::JobMissed | ProblemCode::CalendarMissing => {
            of_schedules(code)
        }
        ProblemCode::DiskBudgetNear | ProblemCode::DiskBudgetOver | ProblemCode::DiskLow => {
            of_disks(code)
        }
        ProblemCode::StoreFull
        | ProblemCode::StoreFailed
        | ProblemCode::StoreNewer
        | ProblemCode::PublishFailed
        | ProblemCode::DataLocked
        | ProblemCode::PortTaken
        | ProblemCode::ListenFailed
        | ProblemCode::NotPublished
        | ProblemCode::IdFrozen
        | ProblemCode::ConfigFault
        | ProblemCode::RunPanicked => of_ourselves(code),
        ProblemCode::WebhookFailing
        | ProblemCode::SubscriberFailing
        | ProblemCode::HubFailing
        | ProblemCode::AlertFailing => of_receivers(code),
        ProblemCode::WechatAddress
        | ProblemCode::WechatAccount
        | ProblemCode::WechatNotAllowed
        | ProblemCode::WechatQuota
        | ProblemCode::WechatEdited
        | ProblemCode::WechatUnclear
        | ProblemCode::WechatFailed => wechat::texts(code),
    }
}

fn of_pages(code: ProblemCode) -> Texts {
    match code {
        ProblemCode::ListEmpty => (
            "列表页上没有找到文章",
            "网站可能已改版：运行 lianbo repair 站点/栏目 试找新规则，或打开该页核对并调整 list 规则；列表由脚本生成的，写明 list.kind 或 list.request",
            "no article was found on the list page",
            "the site may have been redesigned: run `lianbo repair SITE/COLUMN` to look for new rules, or look at the page and adjust the column's `list` rules; where a script fills the list, declare `list.kind` or `list.request`",
        ),
        ProblemCode::PageEmpty => (
            "网页是空的",
            "请打开该页核对；若持续如此，请联系该网站",
            "the page is empty",
            "look at the page; if it stays so, tell the site's webmaster",
        ),
        ProblemCode::TitleMissing => (
            "文章页上没有找到标题",
            "请打开该页核对，并为栏目声明 article.title 规则",
            "no title was found on the article page",
            "open the page, and declare the column's article.title rule",
        ),
        ProblemCode::BodyMissing => (
            "没有找到正文，暂以列表中的标题和链接代替",
            "请核对该页；必要时在 article.body 中写明正文所在",
            "no body was found; title and link from the list stand in",
            "look at the page; if need be, say in `article.body` where the body is",
        ),
        ProblemCode::ArticleGone => (
            "文章的链接转到了本站别的页面，或页面说没有这篇文章，没有收录",
            "文章可能已被撤下；请在浏览器中打开该链接核对",
            "an article's address leads to another page of its site, or to one that says there is none; it was not taken in",
            "the article may have been withdrawn; open the address in a browser",
        ),
        ProblemCode::ManyGone => (
            "同一栏目有多篇文章同时消失，没有撤下任何一篇",
            "网站若已改版或迁移，请修改栏目的 url 与规则；若确已批量删除，请用 lianbo withdraw 撤下",
            "several articles of a column are gone at once; none was withdrawn",
            "if the site was redesigned or moved, change the column's `url` and rules; if it did remove them, use `lianbo withdraw`",
        ),
        ProblemCode::TooDeep => (
            "网页嵌套过深，为安全起见没有读取",
            "请核对该页是否正常",
            "the page nests too deeply to be read safely",
            "check whether the page is as it should be",
        ),
        ProblemCode::TooLarge => (
            "网页超过大小上限",
            "如确属正常，请调高该站点的 fetch.max_bytes",
            "the answer is larger than the limit",
            "if that is as it should be, raise the site's `fetch.max_bytes`",
        ),
        ProblemCode::NotHtml => (
            "返回的内容不是可以读取的网页",
            "请核对网址",
            "the answer is not a page that can be read",
            "check the address",
        ),
        _ => (
            "无法确定网页的字符编码",
            "请核对该页是否有乱码，并告知该网站",
            "the charset of the page is doubtful",
            "check the page for garbled text and tell the site's webmaster",
        ),
    }
}

fn of_sites(code: ProblemCode) -> Texts {
    match code {
        ProblemCode::HttpStatus => (
            "网站返回错误状态",
            "5xx 是网站故障，会自动再试；404 请在浏览器中核对，栏目可能已迁移；403 请与网站联系",
            "the site answered with an error status",
            "5xx is the site's trouble and is tried again; on 404 look in a browser, the column may have moved; on 403 write to the site",
        ),
        ProblemCode::Timeout => (
            "网站没有在时限内回应",
            "稍后自动重试；若持续如此，可调高 fetch.timeout",
            "the site did not answer in time",
            "it is tried again; if it stays so, raise `fetch.timeout`",
        ),
        ProblemCode::Unreachable => (
            "无法连接网站",
            "请核对域名与网络；网站可能已停用",
            "the site cannot be reached",
            "check name and network; the site may be gone",
        ),
        ProblemCode::TlsFailed => (
            "无法建立加密连接",
            "网站证书或加密方式有误；若网站也提供 http，可改用 http",
            "the encrypted connection failed",
            "the site's certificate or protocol is at fault; use http where the site offers it",
        ),
        ProblemCode::RedirectLoop => {
            ("重定向没有尽头", "请核对网址", "the redirects do not end", "check the address")
        }
        ProblemCode::AddressRefused => (
            "地址指向内网，已拒绝访问",
            "若网站确在内网，请在该站点写明 allow_private = true",
            "the address leads into a private network and was refused",
            "if the site does live there, say `allow_private = true` for it",
        ),
        ProblemCode::NotSaved => (
            "已保存的网页中没有这一页",
            "请把该页也保存下来，或核对网址与 --from 的目录",
            "the page is not among the saved pages",
            "save it too, or check the address and the folder of `--from`",
        ),
        ProblemCode::RobotsDisallow => (
            "网站的 robots.txt 不允许访问",
            "请与该网站联系，由其放行",
            "the site's robots.txt forbids the page",
            "ask the site to allow it",
        ),
        ProblemCode::RateLimited => (
            "网站要求稍后再来",
            "将按其要求等待；可调大 fetch.gap 或减少刷新次数",
            "the site asked us to come back later",
            "it is waited for; raise `fetch.gap` or refresh less often",
        ),
        ProblemCode::BudgetUsed => (
            "当天对该网站的请求数已用完，栏目等到次日再读",
            "如不够用，请调高 fetch.budget_per_day，或减少刷新次数",
            "the requests that the site gets in one day are used up; its columns wait till the next",
            "raise `fetch.budget_per_day`, or refresh less often",
        ),
        _ => (
            "内容没有传完",
            "稍后自动重试；若持续如此，请告知该网站",
            "the answer broke off before its end",
            "it is tried again; if it stays so, tell the site's webmaster",
        ),
    }
}

fn of_issues(code: ProblemCode) -> Texts {
    match code {
        ProblemCode::IssueOvertaken => (
            "已推送或发出的一期里，有文章被更正或撤稿",
            "用 lianbo issue show 查看应在公众平台更正或删除的内容；草稿可重新审核后推送，已发出的处理完后用 lianbo issue close 记录",
            "an item of an issue that was pushed or sent was revised or withdrawn",
            "`lianbo issue show` lists what to correct or delete on the platform; approve and push a draft again, and record with `lianbo issue close` what was done by hand",
        ),
        ProblemCode::CoverFailed => (
            "文摘的封面没有做成，不能推送",
            "安装中文字体（fonts-noto-cjk 或 fonts-wqy-microhei）、写明 issues.font，或在文摘中用 cover 指定图片，再运行 lianbo issue build",
            "the cover of an issue could not be made, so it cannot be pushed",
            "install a Chinese font (fonts-noto-cjk or fonts-wqy-microhei), set `issues.font`, or name a picture in the digest's `cover`; then run `lianbo issue build`",
        ),
        _ => (
            "到时间的一期没有生成",
            "看详情与日志；改正后用 lianbo issue build 补出",
            "an issue that was due could not be built",
            "see the detail and the log; build it with `lianbo issue build` once that is mended",
        ),
    }
}

fn of_files(code: ProblemCode) -> Texts {
    match code {
        ProblemCode::CustodyFailed => (
            "有图片或附件取不到，读者看到的仍是原地址",
            "稍后自动重试数次；请在浏览器中打开该地址核对，长期如此可在站点写 pictures = \"original\"",
            "pictures or attachments could not be fetched; readers get their original addresses",
            "they are tried again a few times; open the address in a browser, and where it stays so say `pictures = \"original\"` for the site",
        ),
        _ => (
            "取到的不是可以收存的图片或附件，读者看到的仍是原地址",
            "请在浏览器中打开该地址核对；确属正常而过大的，可调高 [custody] 中的上限",
            "what came is no picture or attachment that is held; readers get its original address",
            "open the address in a browser; where it is as it should be and only too large, raise the limits in `[custody]`",
        ),
    }
}

fn of_disks(code: ProblemCode) -> Texts {
    match code {
        ProblemCode::DiskBudgetNear => (
            "数据目录已用到上限的九成",
            "超出后会自动清理最旧的已存网页与旧版本；空间充足可调高 retention.disk_budget，用量见 lianbo prune --dry-run",
            "the data folder has used nine tenths of its budget",
            "beyond it the oldest kept pages and revisions are pruned; raise `retention.disk_budget` where there is room, and see what uses how much with `lianbo prune --dry-run`",
        ),
        ProblemCode::DiskBudgetOver => (
            "数据目录超出上限，可清理的已全部清理",
            "文章与在用的图片不会清理：请看详情中各项用量，调高 retention.disk_budget，或把不属于它的文件移走",
            "the data folder is beyond its budget, and all that may be pruned is gone",
            "items and pictures in use are never pruned: see the detail for what uses how much, raise `retention.disk_budget`, or move away what does not belong there",
        ),
        _ => (
            "数据目录所在的磁盘快满了",
            "请清理磁盘或扩容；写满之后新内容将无法保存，已发布的不受影响。提醒的界限是 retention.disk_free",
            "the disk of the data folder is nearly full",
            "free some of it or enlarge it; once it is full nothing new can be stored, while what is published stays. The limit is `retention.disk_free`",
        ),
    }
}

fn of_ourselves(code: ProblemCode) -> Texts {
    match code {
        ProblemCode::StoreFull => (
            "数据库已满，本次内容未保存",
            "请清理磁盘空间；已保存和已发布的内容不受影响",
            "the database is full; nothing of this run was stored",
            "free disk space; what was stored and published is unharmed",
        ),
        ProblemCode::StoreFailed => (
            "数据库无法读写",
            "请检查数据目录的权限与磁盘",
            "the database cannot be read or written",
            "check the data folder's permissions and disk",
        ),
        ProblemCode::StoreNewer => (
            "数据库由更新版本的 lianbo 写出",
            "请升级 lianbo 再运行；要用旧版本，须恢复升级前的备份",
            "the database was written by a newer lianbo",
            "upgrade lianbo; the older one works only with a backup from before the upgrade",
        ),
        ProblemCode::PublishFailed => (
            "文件没有写成，原有内容保持不变",
            "请检查 public 目录的权限与磁盘空间",
            "a document was not written; the earlier one still stands",
            "check permissions and space of the `public` folder",
        ),
        ProblemCode::DataLocked => (
            "数据目录正被另一个进程使用",
            "请先停止另一个进程，或用 --data 指定别的目录",
            "the data folder is in use by another process",
            "stop the other one first, or name another folder with --data",
        ),
        ProblemCode::PortTaken | ProblemCode::ListenFailed | ProblemCode::NotPublished => {
            of_serving(code)
        }
        ProblemCode::IdFrozen => (
            "id.authority 或 id.date 与已发布的条目不一致",
            "请改回原值；更改会使所有读者重新收到全部条目",
            "`id.authority` or `id.date` differ from the published items",
            "set them back; a change would send every item to every reader again",
        ),
        ProblemCode::ConfigFault => (
            "配置有误，仍按原配置运行",
            "请运行 lianbo check 查看每处错误",
            "the configuration has faults; the earlier one stays in force",
            "run `lianbo check` for each fault",
        ),
        _ => (
            "程序内部错误，本次运行作废",
            "请把日志交给开发者",
            "a fault of the program itself ended the run",
            "give the log to the developers",
        ),
    }
}

fn of_schedules(code: ProblemCode) -> Texts {
    match code {
        ProblemCode::JobLate => (
            "任务开始得比计划晚",
            "停机后补做属正常，下次准时即自动消除；若经常如此，请减少刷新次数、调大 daemon.workers 或 schedule.late_after",
            "a job was started late",
            "after downtime that is as it should be, and the next punctual one heals it; if it happens often, refresh less, or raise `daemon.workers` or `schedule.late_after`",
        ),
        ProblemCode::JobMissed => (
            "任务错过了计划的时刻，没有补做",
            "下次准时即自动消除；如需补做，请写 catch_up = \"once\" 或 \"all\"；详见 lianbo ledger",
            "planned times of a job passed without a run",
            "the next punctual one heals it; to have them made good say `catch_up = \"once\"` or `\"all\"`; see `lianbo ledger`",
        ),
        _ => (
            "没有该年的放假安排，暂按周一至周五为工作日",
            "请按国务院办公厅的通知，在配置文件旁添加 calendar/年份.toml",
            "the holidays of a year are not known; Monday to Friday count as working days",
            "add `calendar/YEAR.toml` beside the configuration, after the State Council's notice",
        ),
    }
}

fn of_serving(code: ProblemCode) -> Texts {
    match code {
        ProblemCode::PortTaken => (
            "监听地址已被另一个程序占用",
            "请先停止占用它的程序（或另一个 lianbo），或改用别的端口：daemon.listen、admin.listen",
            "another program listens on the address",
            "stop it first (it may be another lianbo), or choose another port in `daemon.listen` or `admin.listen`",
        ),
        ProblemCode::ListenFailed => (
            "无法在该地址上监听",
            "请核对 daemon.listen 与 admin.listen：地址须属于本机，1024 以下的端口需要权限",
            "the address cannot be listened on",
            "check `daemon.listen` and `admin.listen`: the address must be this machine's, ports below 1024 need a permission",
        ),
        _ => (
            "尚未发布任何内容",
            "首轮刷新完成后即可访问；若持续如此，请查看 /status",
            "nothing is published yet",
            "wait for the first refresh; if it stays so, look at /status",
        ),
    }
}

fn of_receivers(code: ProblemCode) -> Texts {
    match code {
        ProblemCode::WebhookFailing => (
            "webhook 长时间没有收下任何内容",
            "请对方核对该地址；放弃投递的列在 lianbo push dead 中，恢复后可用 lianbo push retry 重发",
            "a webhook has not taken anything for long",
            "ask its owner; what was given up is listed by `lianbo push dead`, and `lianbo push retry` sends it again",
        ),
        ProblemCode::SubscriberFailing => (
            "WebSub 订阅者长时间没有收下任何内容",
            "请告知对方；期限一到，订阅即自动结束",
            "a WebSub subscriber has not taken anything for long",
            "tell its owner; the subscription ends by itself with its lease",
        ),
        ProblemCode::AlertFailing => (
            "告警发不出去",
            "按所述原因修改后，用 lianbo alert test 试发；其间每小时再试一次，没有通知到的随后一并补上",
            "an alert cannot be delivered",
            "change what the reason says and try `lianbo alert test`; it is tried again every hour, and tells then what was missed",
        ),
        _ => (
            "外部 hub 长时间无法通知",
            "请核对 websub.hubs 中的地址；若该 hub 已停用，请删去",
            "a further hub could not be told of changes for long",
            "check the address in `websub.hubs`; take it out if that hub is gone",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_has_a_sentence_of_its_own_in_both_languages() {
        for lang in [Lang::Zh, Lang::En] {
            let mut seen = std::collections::HashSet::new();
            for code in ProblemCode::ALL {
                let sentence = problem(*code, lang);
                assert!(seen.insert(sentence.what), "{} shares its sentence", code.as_str());
                assert!(!sentence.hint.is_empty());
            }
        }
    }
}
