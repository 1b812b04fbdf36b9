//! What people are told of an error, in both languages: what happened, and what to do.

use crate::model::{Both, Lang};

use super::error::{Refusal, WechatError};

impl WechatError {
    /// What happened.
    pub fn sentence(&self) -> Both {
        match self {
            Self::Refused { why, told, .. } => {
                let what = refused(*why);
                with(what, &format!("（{told}）"), &format!(" ({told})"))
            }
            Self::Unreached { error, .. } => with(
                (
                    "连不上微信公众平台，或回应中途断开",
                    "the WeChat platform cannot be reached, or its answer broke off",
                ),
                &format!("（{error}）"),
                &format!(" ({error})"),
            ),
            Self::Garbled { found, .. } => with(
                (
                    "微信公众平台的接口返回了看不懂的内容",
                    "the WeChat platform answered with something that is not its own",
                ),
                &format!("（{found}）"),
                &format!(" ({found})"),
            ),
            Self::Lacking { wanted, .. } => with(
                (
                    "微信公众平台的回应缺少应有的内容",
                    "the answer of the WeChat platform is incomplete",
                ),
                &format!("（{wanted}）"),
                &format!(" (no `{wanted}`)"),
            ),
            Self::Edited { recorded: Some(_), .. } => Both::new(
                "草稿推送之后有人在公众平台上改过，没有覆盖",
                "somebody edited the draft on the platform after it was pushed; it was not overwritten",
            ),
            Self::Edited { recorded: None, .. } => Both::new(
                "不知道草稿推送之后有没有人改过，没有覆盖",
                "it is not known whether somebody edited the draft after it was pushed; it was not overwritten",
            ),
            Self::Gone { .. } => Both::new(
                "草稿箱里已没有这份草稿：可能已发表、已群发或被删除",
                "the draft is no longer in the box: it was published, sent or deleted",
            ),
            Self::Unclear { .. } => Both::new(
                "草稿可能已经建好，但没有收到回应，也没能查到",
                "the draft may have been made, but no answer came and it could not be looked for",
            ),
            Self::Partly { done, articles, why, .. } => {
                let why = why.sentence();
                let (zh, en) = (why.text(Lang::Zh), why.text(Lang::En));
                Both::new(
                    format!("草稿的 {articles} 篇文章只更新了 {done} 篇：{zh}"),
                    format!("only {done} of the draft's {articles} articles were updated: {en}"),
                )
            }
        }
    }

    /// What to do.
    pub fn hint(&self) -> Both {
        match self {
            Self::Refused { why, .. } => hint(*why),
            Self::Unreached { .. } | Self::Garbled { .. } => Both::new(
                "请核对网络与 wechat.base，稍后再推送；已上传的图片不会重传",
                "check the network and `wechat.base`, and push again later; pictures are not uploaded twice",
            ),
            Self::Lacking { .. } => Both::new(
                "请稍后再推送；若持续如此，请把日志交给开发者",
                "push again later; if it stays so, give the log to the developers",
            ),
            Self::Edited { .. } => Both::new(
                "请在公众平台上手工修改该草稿；或先在那里删除它，再用 lianbo issue push --anew 推送",
                "change that draft on the platform by hand; or delete it there and `lianbo issue push --anew`",
            ),
            Self::Gone { .. } => Both::new(
                "若已发表，请用 lianbo issue close 结束本期；若已删除，用 lianbo issue push --anew 重新推送，将建一份新草稿",
                "if it was published, `lianbo issue close`; if it was deleted, `lianbo issue push --anew` makes a new draft",
            ),
            Self::Unclear { .. } => Both::new(
                "请先打开公众平台的草稿箱看一看，再决定是否重推；重推时会先按标题和期号查找",
                "look into the draft box on the platform first; pushing again looks for title and number before it makes a draft",
            ),
            Self::Partly { why, .. } => why.hint(),
        }
    }
}

fn with((zh, en): (&str, &str), more_zh: &str, more_en: &str) -> Both {
    Both::new(format!("{zh}{more_zh}"), format!("{en}{more_en}"))
}

/// The paste path, which needs no rights at all.
const PASTE: (&str, &str) = (
    "改用粘贴：打开本期成品包里的 review.html，逐篇“复制正文”，粘贴到公众平台的编辑器",
    "paste instead: open review.html of the issue's bundle, copy each article and paste it into the platform's editor",
);

fn refused(why: Refusal) -> (&'static str, &'static str) {
    match why {
        Refusal::Busy => ("微信公众平台繁忙", "the WeChat platform is busy"),
        Refusal::Token => (
            "微信公众平台不认可访问凭证，换新之后仍不认可",
            "the WeChat platform refuses the access token, a new one too",
        ),
        Refusal::AppId => ("没有这个 AppID 的公众号", "no account has this AppID"),
        Refusal::AppSecret => ("AppSecret 不对", "the AppSecret is not the account's"),
        Refusal::Address(_) => (
            "本机地址不在公众号的 IP 白名单中",
            "this machine's address is not on the account's IP whitelist",
        ),
        Refusal::DailyQuota => ("今天的接口调用次数已用完", "today's calls are used up"),
        Refusal::MinuteQuota => ("这一分钟的接口调用太多", "too many calls in this minute"),
        Refusal::NotAllowed => {
            ("该公众号没有这个接口的权限", "the account has no right to this interface")
        }
        Refusal::Restricted => ("该公众号受到限制", "the account is restricted"),
        Refusal::FileType => ("图片格式不被接受", "the type of the picture is not accepted"),
        Refusal::FileSize => ("图片过大", "the picture is too large"),
        Refusal::Media => ("封面素材或草稿不存在", "the cover or the draft does not exist"),
        Refusal::ContentLong => ("文章正文过长", "an article is too long"),
        Refusal::TitleLong => ("标题过长", "a title is too long"),
        Refusal::DigestLong => ("摘要过长", "a summary is too long"),
        Refusal::LinkLong => ("原文链接过长", "a link is too long"),
        Refusal::ArticleCount => ("一次推送的文章过多", "too many articles in one draft"),
        Refusal::Content => (
            "文章内容不被接受，平台没有说明原因",
            "an article is not accepted, and the platform does not say why",
        ),
        Refusal::CoverCrop => ("封面无法裁剪", "the cover cannot be cropped"),
        Refusal::MassQuota => ("群发次数已用完", "no mass message is left"),
        Refusal::AlreadySent => ("这一期已经群发过", "this was sent before"),
        Refusal::SentTooSoon => {
            ("距上次群发不到一分钟", "the last attempt to send was less than a minute ago")
        }
        Refusal::ChecksFailed => {
            ("草稿没有通过平台的检查", "the draft failed the platform's checks")
        }
        Refusal::ByHand => {
            ("平台要求到网页上发表", "the platform wants it to be published on its website")
        }
        Refusal::SaveFirst => (
            "平台要求先在网页上保存草稿",
            "the platform wants the draft to be saved on its website first",
        ),
        Refusal::ForeignLink => ("正文里有站外链接", "an article links out of the platform"),
        Refusal::OurFault => ("本程序的请求有误", "the program asked wrongly"),
        Refusal::Unknown => (
            "微信公众平台拒绝了请求，原因不详",
            "the WeChat platform refused for a reason not known here",
        ),
    }
}

fn hint(why: Refusal) -> Both {
    let (zh, en) = match why {
        Refusal::Address(ip) => return whitelist(ip),
        Refusal::NotAllowed | Refusal::Restricted => PASTE,
        Refusal::Busy => (
            "稍后再推送；已上传的图片不会重传",
            "push again later; pictures are not uploaded twice",
        ),
        Refusal::Token => (
            "请核对是否有别的程序用同一公众号刷新凭证；半小时后再试",
            "find out whether another program renews the account's token; try again in half an hour",
        ),
        Refusal::AppId => ("请核对 wechat.app_id", "check `wechat.app_id`"),
        Refusal::AppSecret => (
            "请核对 wechat.secret_file 或 wechat.secret_env；AppSecret 重置过的，旧的即失效",
            "check `wechat.secret_file` or `wechat.secret_env`; a reset AppSecret voids the old one",
        ),
        Refusal::DailyQuota => ("明天零点以后再推送", "push again after midnight in Beijing"),
        Refusal::MinuteQuota => ("等一分钟再推送", "wait a minute and push again"),
        _ => return hint_for_content(why),
    };
    Both::new(zh, en)
}

fn hint_for_content(why: Refusal) -> Both {
    let (zh, en) = match why {
        Refusal::FileType => ("请把图片转成 JPEG", "make it a JPEG"),
        Refusal::FileSize => {
            ("请把图片压缩到 1 MB 以下（封面 10 MB）", "compress it below 1 MB (a cover: 10 MB)")
        }
        Refusal::Media => {
            ("封面将重新上传；请再推送一次", "the cover will be uploaded anew; push again")
        }
        Refusal::ContentLong => (
            "请删减条目或图片，或拆成上下两篇：每篇 2 万字符以内（含样式）",
            "drop items or pictures, or split it: 20,000 characters an article, styles included",
        ),
        Refusal::TitleLong => (
            "请把标题改短：最多 64 字，32 字以内最稳妥",
            "shorten the title: 64 characters at most, 32 are safe",
        ),
        Refusal::DigestLong => ("请把摘要改短", "shorten the summary"),
        Refusal::LinkLong => ("请去掉这条“阅读原文”链接", "leave the link out"),
        Refusal::ArticleCount => ("一份草稿最多 8 篇", "a draft holds eight articles at most"),
        Refusal::Content => (
            "请检查正文里有没有 WebP 图片或站外图片；也可改用粘贴",
            "look for WebP and foreign pictures in it; or paste it instead",
        ),
        Refusal::CoverCrop => {
            ("请换一张 900×383 的 JPEG 作封面", "use a JPEG of 900 × 383 as the cover")
        }
        _ => return hint_for_sending(why),
    };
    Both::new(zh, en)
}

fn hint_for_sending(why: Refusal) -> Both {
    let (zh, en) = match why {
        Refusal::MassQuota => (
            "请等下一个周期，或在公众平台上发表",
            "wait for the next period, or publish on the platform",
        ),
        Refusal::AlreadySent => {
            ("平台已收下，无需再发", "the platform has it; nothing is left to do")
        }
        Refusal::SentTooSoon => ("等一分钟再发", "wait a minute and send again"),
        Refusal::ChecksFailed => (
            "请在公众平台上打开草稿，按提示修改",
            "open the draft on the platform and do as it says",
        ),
        Refusal::ByHand => {
            ("请在公众平台的草稿箱里手工发表", "publish it by hand from the draft box")
        }
        Refusal::SaveFirst => (
            "请在公众平台上打开草稿，保存后再发",
            "open the draft on the platform, save it, and send again",
        ),
        Refusal::ForeignLink => {
            ("请去掉站外链接，写成文字加网址", "take the link out; write words and the address")
        }
        Refusal::OurFault => (
            "请把日志交给开发者；急用可改用粘贴",
            "give the log to the developers; paste meanwhile",
        ),
        _ => (
            "请按错误码查微信开放文档；向平台求助时附上 rid。急用可改用粘贴",
            "look the code up in WeChat's documentation; give the rid when asking the platform. Paste meanwhile",
        ),
    };
    Both::new(zh, en)
}

/// Says which address to list, and where.
fn whitelist(ip: Option<std::net::IpAddr>) -> Both {
    let (zh, en) = match ip {
        Some(ip) => (format!("把 {ip} 加入白名单"), format!("add {ip} to it")),
        None => (
            "把本机的公网地址加入白名单".to_owned(),
            "add this machine's public address to it".to_owned(),
        ),
    };
    Both::new(
        format!("登录 mp.weixin.qq.com，在“设置与开发 → 基本配置 → IP白名单”里{zh}，几分钟后生效"),
        format!(
            "log in to mp.weixin.qq.com, open 设置与开发 → 基本配置 → IP白名单 and {en}; it takes a few minutes"
        ),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::answer::Told;
    use super::*;

    /// Every code that §6 of the platform's documentation names for what we call.
    const CODES: [i64; 37] = [
        -1, 40001, 40005, 40007, 40009, 40013, 40014, 40113, 40125, 40164, 41001, 41005, 42001,
        44003, 45002, 45003, 45004, 45005, 45008, 45009, 45011, 45028, 45065, 45066, 45067, 45106,
        45166, 47001, 48001, 50002, 53402, 53503, 53504, 53505, 64562, 99999, 40066,
    ];

    fn error(code: i64, message: &str) -> WechatError {
        let told = Told { code, message: message.to_owned(), rid: None };
        WechatError::Refused { call: "draft/add", why: Refusal::of(&told), told }
    }

    #[test]
    fn every_code_says_what_happened_and_what_to_do() {
        let mut sentences = HashSet::new();
        let mut classes = HashSet::new();
        for code in CODES {
            let error = error(code, "x");
            let (what, todo) = (error.sentence(), error.hint());
            for lang in [Lang::Zh, Lang::En] {
                assert!(what.text(lang).contains(&code.to_string()), "{code} is named");
                assert!(todo.text(lang).chars().count() > 4, "{code} has a hint");
            }
            sentences.insert(refused(error.refusal().unwrap()).0);
            classes.insert(error.code());
        }
        assert_eq!(sentences.len(), classes.len(), "each class has a sentence of its own");
    }

    #[test]
    fn an_unlisted_address_is_named_with_the_menu() {
        let error =
            error(40164, "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist");
        let hint = error.hint();
        for lang in [Lang::Zh, Lang::En] {
            assert!(hint.text(lang).contains("203.0.113.9"));
            assert!(hint.text(lang).contains("设置与开发 → 基本配置 → IP白名单"));
            assert!(!hint.text(lang).contains("0.0.0.0"));
        }
    }

    #[test]
    fn without_rights_the_bundle_is_the_way() {
        for code in [48001, 50002] {
            assert!(error(code, "").hint().text(Lang::Zh).contains("review.html"));
        }
    }
}
