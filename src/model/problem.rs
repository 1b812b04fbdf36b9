//! Faults for the operator: a stable code, where, what was found, since when.

use chrono::{DateTime, Utc};

/// The language of operator and public texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Lang {
    /// Simplified Chinese, the default.
    #[default]
    Zh,
    /// English.
    En,
}

macro_rules! problem_codes {
    ($($variant:ident $code:literal $doc:literal,)*) => {
        /// The stable codes of everything that can be wrong; their sentences stand in `text::sentence`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ProblemCode { $(#[doc = $doc] $variant,)* }

        impl ProblemCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The code as written in messages, the store and the documentation.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The code with this text.
            pub fn from_code(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == text)
            }
        }
    };
}

problem_codes! {
    ListEmpty "list-empty" "A list page was read but no row was found.",
    PageEmpty "page-empty" "A page has no content.",
    TitleMissing "title-missing" "No article title was found.",
    BodyMissing "body-missing" "No article body was found.",
    ArticleGone "article-gone" "An article's address leads to another page of its site, or to one that says there is none.",
    ManyGone "many-gone" "So many articles of a column are gone at once that none is withdrawn.",
    TooDeep "too-deep" "A page nests elements too deeply to be read safely.",
    TooLarge "too-large" "An answer is larger than the limit, decoded.",
    NotHtml "not-html" "An answer is not a page that can be read.",
    CharsetDoubtful "charset-doubtful" "The bytes fit none of the charsets in question.",
    HttpStatus "http-status" "The site answered with an error status.",
    Timeout "timeout" "The site did not answer in time.",
    Unreachable "unreachable" "No connection could be made.",
    TlsFailed "tls-failed" "The encrypted connection could not be made.",
    RedirectLoop "redirect-loop" "Redirects do not end.",
    AddressRefused "address-refused" "A name, literal or redirect leads to a private address.",
    NotSaved "not-saved" "A page is not among the saved ones that are read instead of the network.",
    RobotsDisallow "robots-disallow" "robots.txt forbids the page.",
    RateLimited "rate-limited" "The site asked us to wait.",
    BudgetUsed "budget-used" "The requests that a host gets in one day are used up.",
    Truncated "truncated" "The connection ended before the body did, or the body before the page did.",
    BlockedChallenge "blocked-challenge" "A challenge page of an unknown product stands in front of the site.",
    BlockedRuishu "blocked-ruishu" "A challenge page of 瑞数 stands in front of the site.",
    BlockedJiasule "blocked-jiasule" "A challenge page of 加速乐 stands in front of the site.",
    BlockedAliyun "blocked-aliyun" "A challenge page of 阿里云 WAF stands in front of the site.",
    BlockedWangsu "blocked-wangsu" "A challenge page of 网宿 stands in front of the site.",
    BlockedTst "blocked-tst" "A challenge page of 腾讯云 `EdgeOne` stands in front of the site.",
    BlockedSafeline "blocked-safeline" "A challenge page of 长亭 `SafeLine` stands in front of the site.",
    IdentityFailed "identity-failed" "A page does not prove to be one of its site.",
    ListStrange "list-strange" "A list shows rows that are all unknown and no articles.",
    ListShort "list-short" "A list has far fewer rows than usual.",
    ListStale "list-stale" "A list is one of some time ago.",
    ColumnSwapped "column-swapped" "A column's address shows another column's list.",
    RedirectedHome "redirected-home" "A column's address leads to the front page.",
    ErrorPage "error-page" "A page says that something went wrong, under a status that says it did not.",
    LoginPage "login-page" "A form that asks for a password stands where the list was.",
    ScriptShell "script-shell" "The list is filled by a script where it was not before.",
    TitlesChanged "titles-changed" "Articles that are known have other titles at once.",
    DatesMissing "dates-missing" "Dates cannot be read any more.",
    DatesChanged "dates-changed" "Articles that are known have other dates at once.",
    BodiesCollapsed "bodies-collapsed" "The texts of articles that are known are found no longer.",
    CreditsMissing "credits-missing" "The sources of articles that are known are found no longer.",
    TemplateChanged "template-changed" "A site has another template, and is read as before.",
    CharsetChanged "charset-changed" "A site is coded otherwise, and is read as before.",
    RepairApplied "repair-applied" "The rules of a column were changed by the program itself, as its configuration permits.",
    RepairUnwritten "repair-unwritten" "Better rules of a column were found and could not be written into its file.",
    ColumnSilent "column-silent" "A column has had nothing new for longer than usual.",
    CustodyFailed "custody-failed" "A picture or attachment could not be fetched; its original address stays.",
    CustodyRefused "custody-refused" "What came is no picture or file that we hold; its original address stays.",
    StoreFull "store-full" "The database can grow no further.",
    StoreFailed "store-failed" "The database could not be read or written.",
    StoreNewer "store-newer" "The database is one of a later version of the program.",
    PublishFailed "publish-failed" "A document could not be written.",
    DataLocked "data-locked" "Another daemon works on the data folder.",
    PortTaken "port-taken" "Another program listens on the address.",
    ListenFailed "listen-failed" "The address cannot be listened on.",
    NotPublished "not-published" "Nothing is published yet.",
    IdFrozen "id-frozen" "Authority or date of the ids differ from those already published.",
    ConfigFault "config-fault" "The configuration has faults.",
    WebhookFailing "webhook-failing" "A webhook has not taken anything for long.",
    SubscriberFailing "subscriber-failing" "A subscriber of the hub has not taken anything for long.",
    HubFailing "hub-failing" "A further hub cannot be told of changes.",
    AlertFailing "alert-failing" "An operator's robot or mailbox does not take what it is told.",
    WechatAddress "wechat-address" "The WeChat platform does not take calls from this machine's address.",
    WechatAccount "wechat-account" "The WeChat platform does not accept `AppID`, `AppSecret` or token.",
    WechatNotAllowed "wechat-not-allowed" "The account may not make drafts through the interface.",
    WechatQuota "wechat-quota" "The account's calls or mass messages are used up.",
    WechatEdited "wechat-edited" "A draft was changed or removed on the platform after it was pushed.",
    WechatUnclear "wechat-unclear" "It is not known whether a draft was made.",
    WechatFailed "wechat-failed" "The WeChat platform did not do what it was asked.",
    IssueOvertaken "issue-overtaken" "An item of an issue that was pushed or sent was revised or withdrawn.",
    CoverFailed "cover-failed" "The cover of an issue could not be made.",
    IssueFailed "issue-failed" "An issue of a digest could not be built.",
    JobLate "job-late" "A job was started later than it may be.",
    JobMissed "job-missed" "Planned times of a job passed without a run.",
    CalendarMissing "calendar-missing" "Working days count, and the holidays of a year are not known.",
    DiskBudgetNear "disk-budget-near" "The data folder has nearly used up its budget.",
    DiskBudgetOver "disk-budget-over" "The data folder is beyond its budget, and nothing more may be pruned.",
    DiskLow "disk-low" "The file system of the data folder is nearly full.",
    RunPanicked "run-panicked" "A run ended in a fault of the program itself.",
}

impl ProblemCode {
    /// True where a challenge page stands in front of the site, whosever it is.
    pub fn is_challenge(self) -> bool {
        matches!(
            self,
            Self::BlockedChallenge
                | Self::BlockedRuishu
                | Self::BlockedJiasule
                | Self::BlockedAliyun
                | Self::BlockedWangsu
                | Self::BlockedTst
                | Self::BlockedSafeline
        )
    }
}

/// A fault as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind.
    pub code: ProblemCode,
    /// Where: a column id, a site id, a feed slug or `daemon`.
    pub subject: String,
    /// What was looked for and what was found, in English, one line.
    pub detail: String,
    /// How often in a row.
    pub count: u32,
    /// Since when.
    pub first_seen: DateTime<Utc>,
    /// When last.
    pub last_seen: DateTime<Utc>,
}
