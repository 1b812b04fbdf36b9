//! Tells operators: posts to programs and to the robots of chat groups, sends mail.
//!
//! In: what was rendered, and where to; out: taken or not, and why. No attempt is repeated, nothing
//! is remembered. Addresses, secrets and passwords are in no error.

mod mail;
mod robot;

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::model::{Both, Doorbell, Hindrance, Robot};
use crate::net::{Exchange, NetError};

use super::courier::{Courier, NotSent, TIMEOUT, stamped, success};

/// An answer of a robot is not longer (bytes).
const ANSWER: u64 = 64 * 1024;
/// 钉钉 listens no more for ten minutes to who sent too much.
const TOO_OFTEN: Duration = Duration::from_secs(600);

/// Why a place did not take what it was told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTold {
    /// It was not reached, or a program answered with a status that is no success.
    #[error(transparent)]
    NotSent(#[from] NotSent),
    /// What stands at a robot's address answered with a status that is no success.
    #[error(transparent)]
    NoRobot(NotSent),
    /// A robot said no.
    #[error("the robot answered {code}: {said}")]
    Refused {
        /// What is to be done about it.
        hindrance: Hindrance,
        /// The robot's code.
        code: i64,
        /// Its words, without our secrets.
        said: String,
    },
    /// What came is no answer of a robot.
    #[error("the answer is not that of a robot: {said}")]
    Garbled {
        /// How it begins.
        said: String,
    },
    /// The mail server did not take it.
    #[error("the mail server did not take it: {said}")]
    Mail {
        /// What is to be done about it.
        hindrance: Hindrance,
        /// The server's words, or what the connection suffered.
        said: String,
    },
    /// The password is not to be had.
    #[error("{0}")]
    Password(Both),
}

impl NotTold {
    /// What stands in the way.
    pub fn hindrance(&self) -> Hindrance {
        match self {
            Self::Refused { hindrance, .. } | Self::Mail { hindrance, .. } => *hindrance,
            Self::Password(_) => Hindrance::Password,
            Self::Garbled { .. } => Hindrance::Unknown,
            Self::NotSent(error) => unsent(error, Hindrance::Turned),
            Self::NoRobot(error) => unsent(error, Hindrance::Unknown),
        }
    }

    /// What happened, for people; the other side's words as they came.
    pub fn told(&self) -> Both {
        match self {
            Self::NotSent(error) | Self::NoRobot(error) => error.told(),
            Self::Refused { code, said, .. } => {
                Both::new(format!("机器人返回 {code}：{said}"), self.to_string())
            }
            Self::Garbled { said } => {
                Both::new(format!("返回的不是机器人的回答：{said}"), self.to_string())
            }
            Self::Mail { said, .. } => {
                Both::new(format!("邮件服务器没有接收：{said}"), self.to_string())
            }
            Self::Password(what) => what.clone(),
        }
    }

    /// Whether time alone may mend it; else somebody has to change something.
    pub fn may_pass(&self) -> bool {
        matches!(self.hindrance(), Hindrance::TooOften | Hindrance::Unreachable | Hindrance::Other)
    }

    /// How long the other side wants to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotSent(error) | Self::NoRobot(error) => error.retry_after(),
            Self::Refused { hindrance: Hindrance::TooOften, .. } => Some(TOO_OFTEN),
            _ => None,
        }
    }
}

/// What stands in the way of what was not sent; `turned` where we are not welcome.
fn unsent(error: &NotSent, turned: Hindrance) -> Hindrance {
    match error {
        NotSent::Status { status: 429, .. } => Hindrance::TooOften,
        NotSent::Status { status: 401 | 403 | 404 | 410, .. } => turned,
        NotSent::Status { .. } | NotSent::Unconfirmed(_) => Hindrance::Other,
        NotSent::Net(NetError::Private(_)) => Hindrance::Private,
        NotSent::Net(NetError::Tls { .. }) => Hindrance::Encryption,
        NotSent::Net(_) => Hindrance::Unreachable,
    }
}

impl From<NetError> for NotTold {
    fn from(error: NetError) -> Self {
        Self::NotSent(error.into())
    }
}

impl Courier {
    /// Posts the JSON `body` named `id` to a program, signed at `now` (seconds since 1970).
    pub async fn ring(
        &self,
        bell: &Doorbell,
        id: &str,
        now: i64,
        body: Vec<u8>,
    ) -> Result<(), NotTold> {
        let headers = self.headers(stamped(bell.secret.as_ref(), id, now, &body));
        let asked = Exchange {
            url: &bell.url,
            form: &[],
            body: Some(Bytes::from(body)),
            headers,
            timeout: TIMEOUT,
            max_bytes: 0,
            allow_private: bell.allow_private,
        };
        Ok(success(&self.friends.send(&asked).await?)?)
    }

    /// Tells the robot behind `bell`, signed at `now` (milliseconds since 1970) where there is a
    /// secret. Its answer is read: a refusal comes with status 200.
    pub async fn tell_robot(
        &self,
        kind: Robot,
        bell: &Doorbell,
        now: i64,
        body: Value,
    ) -> Result<(), NotTold> {
        let (url, body) = robot::signed(kind, bell, now, body);
        let json = "application/json; charset=utf-8".to_owned();
        let asked = Exchange {
            url: &url,
            form: &[],
            body: Some(Bytes::from(body.to_string())),
            headers: self.headers([(http::header::CONTENT_TYPE, json)]),
            timeout: TIMEOUT,
            max_bytes: ANSWER,
            allow_private: bell.allow_private,
        };
        let reply = self.friends.exchange(&asked).await?;
        success(&reply).map_err(NotTold::NoRobot)?;
        robot::understood(kind, bell, &reply.body)
    }
}
