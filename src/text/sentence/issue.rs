//! What is done with issues, and how far they have come.

use crate::model::{Deed, IssueState, Lang};

/// How far an issue has come.
pub fn state(state: IssueState, lang: Lang) -> &'static str {
    let (zh, en) = match state {
        IssueState::Built => ("待审", "built"),
        IssueState::First => ("已初审", "first review done"),
        IssueState::Second => ("已二审", "second review done"),
        IssueState::Final => ("已终审", "approved"),
        IssueState::Pushed => ("已入草稿箱", "pushed"),
        IssueState::Closed => ("已办结", "closed"),
    };
    pick(lang, zh, en)
}

/// What was done.
pub fn deed(deed: Deed, lang: Lang) -> &'static str {
    let (zh, en) = match deed {
        Deed::Built => ("编成", "built"),
        Deed::Edited => ("修改", "edited"),
        Deed::Overtaken => ("原文有变", "overtaken"),
        Deed::FirstApproval => ("初审", "first review"),
        Deed::SecondApproval => ("二审", "second review"),
        Deed::FinalApproval => ("终审", "final review"),
        Deed::Rejected => ("退回", "sent back"),
        Deed::Pushed => ("送草稿箱", "pushed"),
        Deed::Previewed => ("手机预览", "previewed"),
        Deed::Sent => ("发出", "sent"),
        Deed::Closed => ("办结", "closed"),
    };
    pick(lang, zh, en)
}

fn pick(lang: Lang, zh: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}
