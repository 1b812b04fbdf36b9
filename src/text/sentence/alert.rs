//! What operators read in a message on problems, and what to do where one does not arrive.

use crate::model::{Hindrance, Lang};

/// The heading of a message: how many problems opened and healed.
pub fn heading(opened: usize, healed: usize, lang: Lang) -> String {
    match (lang, opened, healed) {
        (Lang::Zh, 0, 0) => "测试消息".to_owned(),
        (Lang::Zh, 0, healed) => format!("{healed} 个问题已恢复"),
        (Lang::Zh, opened, 0) => format!("新出现 {opened} 个问题"),
        (Lang::Zh, opened, healed) => format!("新出现 {opened} 个问题，{healed} 个已恢复"),
        (Lang::En, 0, 0) => "a test".to_owned(),
        (Lang::En, 0, healed) => format!("{healed} problem{} healed", plural(healed)),
        (Lang::En, opened, 0) => format!("{opened} new problem{}", plural(opened)),
        (Lang::En, opened, healed) => {
            format!("{opened} new problem{}, {healed} healed", plural(opened))
        }
    }
}

/// What a test says.
pub fn test(alert: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("告警“{alert}”可以送达。有问题出现或恢复时，消息会发到这里。"),
        Lang::En => {
            format!("The alert `{alert}` arrives. Problems that open or heal are told here.")
        }
    }
}

/// What healed.
pub fn healed(what: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("已恢复：{what}"),
        Lang::En => format!("healed: {what}"),
    }
}

/// Since when.
pub fn since(time: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{time} 起"),
        Lang::En => format!("since {time}"),
    }
}

/// From when to when.
pub fn span(from: &str, to: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{from} 至 {to}"),
        Lang::En => format!("{from} to {to}"),
    }
}

/// How many places of the same kind are left out.
pub fn more_places(count: usize, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("另有 {count} 处"),
        Lang::En => format!("and {count} more"),
    }
}

/// How many kinds of problems are left out.
pub fn more_kinds(count: usize, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("另有 {count} 类，见状态页"),
        Lang::En => format!("{count} further kinds are on the status page"),
    }
}

/// In front of what was found.
pub fn found(lang: Lang) -> &'static str {
    pick(lang, "详情：", "found: ")
}

/// In front of what to do.
pub fn advice(lang: Lang) -> &'static str {
    pick(lang, "建议：", "to do: ")
}

/// The words of the link to the status page.
pub fn status_page(lang: Lang) -> &'static str {
    pick(lang, "查看状态页", "status page")
}

/// The title of the feed of problems.
pub fn feed_title(title: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{title}：问题与恢复"),
        Lang::En => format!("{title}: problems"),
    }
}

/// What happened, as the title of an entry.
pub fn entry_title(what: &str, place: &str, healed: bool, lang: Lang) -> String {
    match (lang, healed) {
        (Lang::Zh, false) => format!("【问题】{place}：{what}"),
        (Lang::Zh, true) => format!("【恢复】{place}：{what}"),
        (Lang::En, false) => format!("[open] {place}: {what}"),
        (Lang::En, true) => format!("[healed] {place}: {what}"),
    }
}

/// What to do where a place does not take a test message, which is sent once.
pub fn hint(hindrance: Hindrance, lang: Lang) -> &'static str {
    let (zh, en) = match hindrance {
        Hindrance::Keyword => (
            "机器人设了自定义关键词：把 daemon.title（消息标题中的名称）加为关键词，或改用加签",
            "the robot asks for a keyword: add `daemon.title`, which every message has, or use a signature instead",
        ),
        Hindrance::Signature => (
            "签名不符：核对 secret 与机器人安全设置中的密钥，并核对本机时钟",
            "the signature does not match: compare `secret` with the robot's settings, and check this machine's clock",
        ),
        Hindrance::Address => (
            "机器人设了 IP 白名单：把本机的出口地址加进去",
            "the robot or server has a list of addresses: add the one that this machine goes out by",
        ),
        Hindrance::Unknown => (
            "没有这个机器人，或已被停用、移除：在群里重新添加，并更新 url",
            "there is no such robot, or it was stopped: add it to the group again and give its new `url`",
        ),
        Hindrance::Turned => (
            "对方程序不接受：核对 url、secret 与对方的设置，该地址须接受 POST",
            "the program there does not take it: check `url`, `secret` and what it is set to; it must take a POST",
        ),
        Hindrance::TooOften => (
            "发送过于频繁：过一会儿再测；可调大 pause",
            "too many messages: test again later; a longer `pause` helps",
        ),
        Hindrance::Content => (
            "对方不接受消息的内容：请把此处的回答告知我们",
            "the message itself was refused: report the answer",
        ),
        Hindrance::Unreachable => {
            ("连接不上：核对地址、端口与网络", "no answer: check address, port and network")
        }
        Hindrance::Private => (
            "地址在内网：若确属自己的服务器，请写 allow_private = true",
            "the address is in a private network: say `allow_private = true` where that is meant",
        ),
        Hindrance::Encryption => (
            "加密连接没有建成：核对 host、port 与 tls（465 用 tls，587 用 starttls）",
            "encryption failed: check `host`, `port` and `tls` (465 wants tls, 587 starttls)",
        ),
        Hindrance::Login => (
            "登录被拒：核对 user 与口令；QQ、163 等邮箱须用授权码而非登录密码",
            "the login was refused: check `user` and password; some providers want an app password",
        ),
        Hindrance::Password => (
            "口令读不到：设置环境变量，或把文件权限改为 0600",
            "the password cannot be read: set the variable, or `chmod 600` the file",
        ),
        Hindrance::Mailbox => (
            "发件人或收件人被拒：from 通常须与 user 相同；核对 to",
            "sender or recipient was refused: `from` must often be `user`; check `to`",
        ),
        Hindrance::Other => {
            ("请按对方的回答处理，然后再测", "do what the answer says, then test again")
        }
    };
    pick(lang, zh, en)
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn pick(lang: Lang, zh: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}
