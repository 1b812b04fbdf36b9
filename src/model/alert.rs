//! Telling operators: what opened or healed, who is told, and what one message holds.

use std::time::Duration;

use chrono::{DateTime, Utc};
use url::Url;

use super::{ProblemCode, Secret, SecretPlace};

/// One opening or healing of a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What kind of problem.
    pub code: ProblemCode,
    /// Where: a column id, a site id, a feed slug or `daemon`.
    pub subject: String,
    /// What was looked for and what was found, in English, one line.
    pub detail: String,
    /// Since when the problem was open.
    pub since: DateTime<Utc>,
    /// When it healed; `None` says that it opened.
    pub healed: Option<DateTime<Utc>>,
}

impl Notice {
    /// When it happened.
    pub fn at(&self) -> DateTime<Utc> {
        self.healed.unwrap_or(self.since)
    }

    /// Whether this is about the problem `code` of `subject`.
    pub fn is_of(&self, code: ProblemCode, subject: &str) -> bool {
        self.code == code && self.subject == subject
    }
}

/// What one place is told at once. One that holds nothing is a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertMessage {
    /// Made of what the message holds: the same for each attempt at it.
    pub id: String,
    /// The alert's id.
    pub alert: String,
    /// What opened, the oldest first.
    pub opened: Vec<Notice>,
    /// What healed, the oldest first.
    pub healed: Vec<Notice>,
}

impl AlertMessage {
    /// Whether it only shows that it arrives.
    pub fn is_test(&self) -> bool {
        self.opened.is_empty() && self.healed.is_empty()
    }
}

/// What one alert is told, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// These codes alone; none means all.
    pub codes: Vec<ProblemCode>,
    /// But not these.
    pub except: Vec<ProblemCode>,
    /// Problems of these sites and their columns alone; none means all there are.
    pub sites: Vec<String>,
    /// Codes that wait neither for the end of quiet hours nor for the pause.
    pub urgent: Vec<ProblemCode>,
    /// How long more is waited for after the first news.
    pub settle: Duration,
    /// From one message to the next, at least.
    pub pause: Duration,
}

impl Manner {
    /// Whether `alert` is to hear of the problem `code` of `subject`: never of its own failing.
    pub fn wants(&self, alert: &str, code: ProblemCode, subject: &str) -> bool {
        let own = code == ProblemCode::AlertFailing && subject == alert_subject(alert);
        let chosen = self.codes.is_empty() || self.codes.contains(&code);
        let site = subject.split('/').next().unwrap_or_default();
        let here = self.sites.is_empty() || self.sites.iter().any(|wanted| wanted == site);
        !own && chosen && here && !self.except.contains(&code)
    }
}

/// What the failing of an alert is told under.
pub fn alert_subject(id: &str) -> String {
    format!("alert {id}")
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outpost {
    /// A program of the operator's own, told in JSON.
    Webhook(Doorbell),
    /// A robot in a chat group.
    Robot(Robot, Doorbell),
    /// Mailboxes.
    Mail(Box<Mailing>),
}

/// An address that is posted to. It often is all that protects it, and is shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Doorbell {
    /// Where to.
    pub url: Url,
    /// Signs what is sent.
    pub secret: Option<Secret>,
    /// It may live in a private network.
    pub allow_private: bool,
}

impl std::fmt::Debug for Doorbell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Doorbell({}, …)", self.url.host_str().unwrap_or_default())
    }
}

/// The kinds of robots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Robot {
    /// 钉钉自定义机器人.
    Dingtalk,
    /// 企业微信群机器人.
    Wecom,
    /// 飞书自定义机器人.
    Feishu,
}

/// How mail is sent, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailing {
    /// The server that takes it: a name or an address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub encryption: Encryption,
    /// The user, where the server wants one.
    pub user: Option<String>,
    /// Where the password is.
    pub password: Option<SecretPlace>,
    /// The sender, as it is printed.
    pub from: String,
    /// The recipients.
    pub to: Vec<String>,
    /// The server may live in a private network.
    pub allow_private: bool,
}

/// How a connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// From its beginning (RFC 8314 §3.3), port 465.
    Tls,
    /// After STARTTLS (RFC 3207), which must be offered, port 587.
    StartTls,
    /// Not at all.
    None,
}

/// A mail, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The left part of its `Message-ID`.
    pub id: String,
    /// Its subject.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// Why a place did not take a message, as far as it concerns what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// The message has none of the words that the robot asks for.
    Keyword,
    /// The signature is wrong, lacks, or is too old.
    Signature,
    /// Our address is not among those that the robot or server listens to.
    Address,
    /// There is no such robot (any more).
    Unknown,
    /// The program at the address does not take it from us, or is not there (any more).
    Turned,
    /// Too many messages.
    TooOften,
    /// The message itself was not liked.
    Content,
    /// No connection, or no answer.
    Unreachable,
    /// The address lies in a private network.
    Private,
    /// Encryption could not be agreed on.
    Encryption,
    /// User or password are wrong.
    Login,
    /// The password is not to be had.
    Password,
    /// Sender or recipients are refused.
    Mailbox,
    /// Anything else.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_hears_of_its_codes_and_sites_and_never_of_its_own_failing() {
        let all = Manner::default();
        assert!(all.wants("a", ProblemCode::Timeout, "nanjing/zt"));
        assert!(all.wants("a", ProblemCode::AlertFailing, "alert b"));
        assert!(!all.wants("a", ProblemCode::AlertFailing, "alert a"));
        let some = Manner {
            codes: vec![ProblemCode::Timeout, ProblemCode::StoreFull],
            except: vec![ProblemCode::StoreFull],
            sites: vec!["nan".to_owned()],
            ..Manner::default()
        };
        assert!(some.wants("a", ProblemCode::Timeout, "nan/zt"));
        assert!(some.wants("a", ProblemCode::Timeout, "nan"));
        assert!(!some.wants("a", ProblemCode::Timeout, "nanjing/zt"));
        assert!(!some.wants("a", ProblemCode::Timeout, "daemon"));
        assert!(!some.wants("a", ProblemCode::StoreFull, "nan/zt"));
        assert!(!some.wants("a", ProblemCode::ListEmpty, "nan/zt"));
    }

    #[test]
    fn addresses_are_not_shown() {
        let url = Url::parse("https://robot.example/send?access_token=hunter2").unwrap();
        let secret = Some(Secret::new(*b"hunter3"));
        let bell = Doorbell { url, secret, allow_private: false };
        let shown = format!("{:?}", Outpost::Robot(Robot::Dingtalk, bell));
        assert!(shown.contains("robot.example") && !shown.contains("hunter"), "{shown}");
    }
}
