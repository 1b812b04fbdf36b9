//! Why the platform did not do what it was asked, in classes that call for different acts.

use std::net::IpAddr;

use crate::model::ProblemCode;
use crate::net::NetError;

use super::answer::{self, Garbled, Told};
use super::draft::MediaId;

/// What a refusal of the platform means for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// −1: it is busy.
    Busy,
    /// 40001, 40014, 41001, 42001: the token, also after a new one was asked for.
    Token,
    /// 40013: no account has this `app_id`.
    AppId,
    /// 40125: the secret is not the account's.
    AppSecret,
    /// 40164: the address that we call from is not on the account's list.
    Address(Option<IpAddr>),
    /// 45009: the quota of the day is used up.
    DailyQuota,
    /// 45011: too many calls in this minute.
    MinuteQuota,
    /// 48001: the account has no right to call this.
    NotAllowed,
    /// 50002: the account is restricted.
    Restricted,
    /// 40005, 40113: not a type of file that is taken. Transcode to JPEG and upload once more.
    FileType,
    /// 40009: the file is too large. Compress it and upload once more.
    FileSize,
    /// 40007: no such material or draft. A cover that was remembered is to be forgotten and uploaded
    /// once more.
    Media,
    /// 45002: an article is too long. Split it.
    ContentLong,
    /// 45003: a title is too long. An editor must shorten it.
    TitleLong,
    /// 45004: a summary is too long, even the empty one.
    DigestLong,
    /// 45005: an address is too long. Drop it.
    LinkLong,
    /// 45008: more than eight articles.
    ArticleCount,
    /// 45166: something in an article is not taken; the platform does not say what.
    Content,
    /// 53402: the cover cannot be cropped. Once more with a JPEG of 900 × 383 and both crops.
    CoverCrop,
    /// 45028: no mass message is left.
    MassQuota,
    /// 45065: this was sent before under the same name.
    AlreadySent,
    /// 45066: the same was tried less than a minute ago.
    SentTooSoon,
    /// 53503: the draft failed the platform's checks.
    ChecksFailed,
    /// 53504: it must be published on the website.
    ByHand,
    /// 53505: it must be saved on the website first.
    SaveFirst,
    /// 64562: a link leads out of the platform.
    ForeignLink,
    /// 41005, 44003, 45067, 45106, 47001: we asked wrongly.
    OurFault,
    /// A code that is not known here.
    Unknown,
}

impl Refusal {
    /// What `told` means.
    pub fn of(told: &Told) -> Self {
        match told.code {
            -1 => Self::Busy,
            40001 | 40014 | 41001 | 42001 => Self::Token,
            40013 => Self::AppId,
            40125 => Self::AppSecret,
            40164 => Self::Address(answer::caller(&told.message)),
            45009 => Self::DailyQuota,
            45011 => Self::MinuteQuota,
            48001 => Self::NotAllowed,
            50002 => Self::Restricted,
            40005 | 40113 => Self::FileType,
            40009 => Self::FileSize,
            40007 => Self::Media,
            45002 => Self::ContentLong,
            45003 => Self::TitleLong,
            45004 => Self::DigestLong,
            45005 => Self::LinkLong,
            45008 => Self::ArticleCount,
            45166 => Self::Content,
            53402 => Self::CoverCrop,
            45028 => Self::MassQuota,
            45065 => Self::AlreadySent,
            45066 => Self::SentTooSoon,
            53503 => Self::ChecksFailed,
            53504 => Self::ByHand,
            53505 => Self::SaveFirst,
            64562 => Self::ForeignLink,
            41005 | 44003 | 45067 | 45106 | 47001 => Self::OurFault,
            _ => Self::Unknown,
        }
    }

    /// Its stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Token => "token-refused",
            Self::AppId => "app-id",
            Self::AppSecret => "app-secret",
            Self::Address(_) => "address-not-listed",
            Self::DailyQuota => "daily-quota",
            Self::MinuteQuota => "minute-quota",
            Self::NotAllowed => "not-allowed",
            Self::Restricted => "account-restricted",
            Self::FileType => "file-type",
            Self::FileSize => "file-size",
            Self::Media => "media-unknown",
            Self::ContentLong => "content-long",
            Self::TitleLong => "title-long",
            Self::DigestLong => "digest-long",
            Self::LinkLong => "link-long",
            Self::ArticleCount => "article-count",
            Self::Content => "content-refused",
            Self::CoverCrop => "cover-crop",
            Self::MassQuota => "mass-quota",
            Self::AlreadySent => "already-sent",
            Self::SentTooSoon => "sent-too-soon",
            Self::ChecksFailed => "checks-failed",
            Self::ByHand => "publish-by-hand",
            Self::SaveFirst => "save-first",
            Self::ForeignLink => "foreign-link",
            Self::OurFault => "our-fault",
            Self::Unknown => "unknown",
        }
    }
}

/// Why something did not come about on the platform. Neither token nor secret is ever in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WechatError {
    /// The platform refused.
    #[error("`{call}` was refused: {told}")]
    Refused {
        /// Which call: `draft/add`.
        call: &'static str,
        /// What that means for us.
        why: Refusal,
        /// What it said.
        told: Told,
    },
    /// No answer, or half of one: the platform may have done what it was asked all the same.
    #[error("`{call}`: {error}")]
    Unreached {
        /// Which call.
        call: &'static str,
        /// Why.
        error: NetError,
    },
    /// An answer that is not the platform's.
    #[error("`{call}` was answered by {found}, wanted a JSON object")]
    Garbled {
        /// Which call.
        call: &'static str,
        /// What came.
        found: Garbled,
    },
    /// An answer that lacks what it is for.
    #[error("the answer to `{call}` has no usable `{wanted}`")]
    Lacking {
        /// Which call.
        call: &'static str,
        /// What was wanted of it.
        wanted: &'static str,
    },
    /// Somebody changed the draft since we wrote it, or nobody knows: it is left alone.
    #[error("draft `{media_id}` was changed at {found}, after we wrote it ({})", recorded.map_or("when is not known".to_owned(), |at| format!("at {at}")))]
    Edited {
        /// Which draft.
        media_id: MediaId,
        /// Its `update_time` after we wrote it, in seconds since 1970; `None` where that is unknown.
        recorded: Option<i64>,
        /// Its `update_time` now.
        found: i64,
    },
    /// The draft is not in the box any more: it was published, sent or deleted.
    #[error("draft `{media_id}` is no longer in the box")]
    Gone {
        /// Which draft.
        media_id: MediaId,
    },
    /// A draft may have been made, and looking for it failed.
    #[error("a draft may have been made ({first}), and looking for it failed: {then}")]
    Unclear {
        /// Why that is not known.
        first: Box<Self>,
        /// Why it could not be looked for.
        then: Box<Self>,
    },
    /// Some articles of a draft were replaced, the others not.
    #[error("{done} of {articles} articles of the draft were replaced, then: {why}")]
    Partly {
        /// How many were.
        done: usize,
        /// How many there are.
        articles: usize,
        /// The draft's `update_time` by now, to be recorded in place of the earlier one; `None` where it
        /// could not be had.
        update_time: Option<i64>,
        /// What stopped it.
        why: Box<Self>,
    },
}

impl WechatError {
    /// Its stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused { why, .. } => why.code(),
            Self::Unreached { .. } => "unreached",
            Self::Garbled { .. } => "garbled",
            Self::Lacking { .. } => "lacking",
            Self::Edited { .. } => "edited-by-hand",
            Self::Gone { .. } => "draft-gone",
            Self::Unclear { .. } => "draft-unclear",
            Self::Partly { .. } => "partly-updated",
        }
    }

    /// What the platform's refusal means, where it is one.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused { why, .. } => Some(*why),
            Self::Partly { why, .. } => why.refusal(),
            _ => None,
        }
    }

    /// What the platform said, where it refused.
    pub fn told(&self) -> Option<&Told> {
        match self {
            Self::Refused { told, .. } => Some(told),
            Self::Partly { why, .. } => why.told(),
            _ => None,
        }
    }

    /// Whether the request may have been carried out although we hear otherwise.
    pub(super) fn is_doubtful(&self) -> bool {
        match self {
            Self::Unreached { error, .. } => matches!(
                error,
                NetError::Timeout { .. } | NetError::Truncated { .. } | NetError::TooLarge { .. }
            ),
            Self::Garbled { .. } | Self::Lacking { .. } => true,
            _ => false,
        }
    }

    /// The code under which operators hear of it.
    pub fn problem(&self) -> ProblemCode {
        match self {
            Self::Refused { why, .. } => match why {
                Refusal::Address(_) => ProblemCode::WechatAddress,
                Refusal::NotAllowed | Refusal::Restricted => ProblemCode::WechatNotAllowed,
                Refusal::AppId | Refusal::AppSecret | Refusal::Token => ProblemCode::WechatAccount,
                Refusal::DailyQuota | Refusal::MassQuota => ProblemCode::WechatQuota,
                _ => ProblemCode::WechatFailed,
            },
            Self::Edited { .. } | Self::Gone { .. } => ProblemCode::WechatEdited,
            Self::Partly { why, .. } => why.problem(),
            Self::Unclear { .. } => ProblemCode::WechatUnclear,
            Self::Unreached { .. } | Self::Garbled { .. } | Self::Lacking { .. } => {
                ProblemCode::WechatFailed
            }
        }
    }
}
