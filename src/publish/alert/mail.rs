//! Mail over SMTP (RFC 5321), encrypted unless the operator says otherwise.

use std::time::Duration;

use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{self, AsyncSmtpTransport};
use lettre::{AsyncTransport, Tokio1Executor};

use crate::model::{Both, Encryption, Hindrance, Mail, Mailing};
use crate::net::NetError;
use crate::publish::courier::Courier;
use crate::publish::secret::secret;
use crate::text::plain::one_line;

use super::NotTold;

/// Limit of one step of the conversation, and of the whole of it.
const STEP: Duration = Duration::from_secs(15);
const WHOLE: Duration = Duration::from_secs(60);
/// Characters of a server's answer that are told.
const SAID: usize = 200;

impl Courier {
    /// Sends `mail` for the alert that people call `name`, dated `now`.
    pub async fn mail(
        &self,
        name: &str,
        mailing: &Mailing,
        mail: &Mail,
        now: std::time::SystemTime,
    ) -> Result<(), NotTold> {
        let what = Both::new(format!("告警“{name}”的口令"), format!("the password of `{name}`"));
        let password = mailing.password.as_ref().map(|place| secret(&what, place)).transpose();
        let password = password.map_err(NotTold::Password)?;
        let password = password.map(|it| String::from_utf8_lossy(it.reveal()).into_owned());
        let message = message(mailing, mail, now)?;
        let at = self.friends.locate(&mailing.host, mailing.port, mailing.allow_private).await?;
        let failed = |error: &smtp::Error| refusal(error, password.as_deref());
        // The address was checked: it is connected to, and the certificate is that of the name.
        let tls = match mailing.encryption {
            Encryption::None => Ok(Tls::None),
            Encryption::Tls => TlsParameters::new(mailing.host.clone()).map(Tls::Wrapper),
            Encryption::StartTls => TlsParameters::new(mailing.host.clone()).map(Tls::Required),
        };
        let tls = tls.map_err(|error| failed(&error))?;
        let mut server =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(at.ip().to_string())
                .port(if at.port() == 0 { mailing.port } else { at.port() })
                .tls(tls)
                .hello_name(ClientId::Domain(domain(&mailing.from)))
                .timeout(Some(STEP))
                .authentication(vec![Mechanism::Plain, Mechanism::Login]);
        if let (Some(user), Some(password)) = (&mailing.user, &password) {
            server = server.credentials(Credentials::new(user.clone(), password.clone()));
        }
        match tokio::time::timeout(WHOLE, server.build().send(message)).await {
            Ok(sent) => sent.map(drop).map_err(|error| failed(&error)),
            Err(_) => {
                let (host, limit_ms) = (mailing.host.clone(), WHOLE.as_millis());
                Err(NetError::Timeout { host, limit_ms }.into())
            }
        }
    }
}

/// The mail as it goes over the wire.
fn message(mailing: &Mailing, mail: &Mail, now: std::time::SystemTime) -> Result<Message, NotTold> {
    let wrong = |said: String| NotTold::Mail { hindrance: Hindrance::Mailbox, said };
    let mailbox = |text: &str| -> Result<Mailbox, NotTold> {
        text.parse().map_err(|_| wrong(format!("`{text}` is no mailbox")))
    };
    let mut builder = Message::builder()
        .from(mailbox(&mailing.from)?)
        .message_id(Some(format!("<{}@{}>", mail.id, domain(&mailing.from))))
        .date(now)
        .subject(mail.subject.clone())
        .header(Automatic);
    for to in &mailing.to {
        builder = builder.to(mailbox(to)?);
    }
    let parts = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
    builder.multipart(parts).map_err(|error| wrong(error.to_string()))
}

/// `Auto-Submitted: auto-generated` (RFC 3834 §5): nobody's holiday answers.
#[derive(Clone, Copy, Debug)]
struct Automatic;

impl Header for Automatic {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// What stands behind the `@` of a mailbox.
fn domain(mailbox: &str) -> String {
    let domain = mailbox.rsplit('@').next().unwrap_or_default();
    domain.trim_end_matches('>').trim().to_owned()
}

fn refusal(error: &smtp::Error, password: Option<&str>) -> NotTold {
    let code = error.status().map(u16::from);
    let hindrance = match code {
        Some(454 | 530 | 534 | 535 | 538) => Hindrance::Login,
        Some(501 | 510 | 511 | 512 | 550 | 551 | 553 | 556) => Hindrance::Mailbox,
        Some(552 | 554) => Hindrance::Content,
        Some(421 | 450..=452) => Hindrance::TooOften,
        Some(_) => Hindrance::Other,
        None if error.is_tls() => Hindrance::Encryption,
        None if error.is_client() => Hindrance::Encryption,
        None => Hindrance::Unreachable,
    };
    let mut said = one_line(&error.to_string());
    if let Some(password) = password.filter(|password| !password.is_empty()) {
        said = said.replace(password, "…");
    }
    NotTold::Mail { hindrance, said: said.chars().take(SAID).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailing() -> Mailing {
        Mailing {
            host: "127.0.0.1".to_owned(),
            port: 25,
            encryption: Encryption::None,
            user: None,
            password: None,
            from: "联播 <lianbo@feeds.test>".to_owned(),
            to: vec!["ops@feeds.test".to_owned(), "办公室 <office@feeds.test>".to_owned()],
            allow_private: true,
        }
    }

    #[test]
    fn the_same_mail_is_the_same_message_whenever_it_is_sent() {
        let mail = Mail {
            id: "msg_1".to_owned(),
            subject: "【联播】新出现 1 个问题\r\nBcc: x@evil.test".to_owned(),
            text: "正文\n.\n".to_owned(),
            html: "<p>正文</p>".to_owned(),
        };
        let at = |seconds| std::time::UNIX_EPOCH + Duration::from_secs(seconds);
        let written = |seconds| {
            let message = message(&mailing(), &mail, at(seconds)).unwrap();
            String::from_utf8(message.formatted()).unwrap()
        };
        let text = written(1_763_632_800);
        let head = text.split("\r\n\r\n").next().unwrap();
        assert!(head.contains("Message-ID: <msg_1@feeds.test>"), "{head}");
        assert!(head.contains("Auto-Submitted: auto-generated"), "{head}");
        assert!(head.contains("Date: Thu, 20 Nov 2025 10:00:00"), "{head}");
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        assert!(head.is_ascii(), "{head}");
        assert!(written(1_763_639_999).contains("Message-ID: <msg_1@feeds.test>"));
    }

    #[test]
    fn what_is_no_mailbox_is_named() {
        let mailing = Mailing { to: vec!["nobody".to_owned()], ..mailing() };
        let (id, text) = (String::new(), String::new());
        let mail = Mail { id, subject: String::new(), text, html: String::new() };
        let error = message(&mailing, &mail, std::time::UNIX_EPOCH).unwrap_err();
        assert_eq!(error.hindrance(), Hindrance::Mailbox);
        assert!(error.to_string().contains("`nobody`"));
    }
}
