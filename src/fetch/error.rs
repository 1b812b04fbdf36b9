//! Why nothing came from a site.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{BEIJING, ProblemCode};
use crate::net::NetError;

use super::challenge::Product;

/// Why nothing came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The exchange failed.
    #[error("{0}")]
    Net(#[from] NetError),
    /// robots.txt forbids it.
    #[error("robots.txt of `{host}` does not let `lianbo` fetch `{path}`")]
    Robots {
        /// Which host.
        host: String,
        /// Which path.
        path: String,
    },
    /// robots.txt itself cannot be had, which forbids everything (RFC 9309 §2.3.1.4).
    #[error("robots.txt of `{host}` could not be read ({what}), so nothing is fetched")]
    RobotsUnknown {
        /// Which host.
        host: String,
        /// The code of the reason.
        code: ProblemCode,
        /// Why.
        what: String,
    },
    /// Neither 2xx nor 304.
    #[error("wanted status 200, found {status} for `{path}` of `{host}`")]
    Status {
        /// The status.
        status: u16,
        /// Which host.
        host: String,
        /// Which path.
        path: String,
    },
    /// The site asked us to wait.
    #[error("`{host}` asked to be left alone until {}", minute(*.until))]
    RateLimited {
        /// Which host.
        host: String,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// The host's budget of the day is used up.
    #[error("the {most} requests that `{host}` gets in one day are used up; on it goes at {}", minute(*.until))]
    BudgetUsed {
        /// Which host.
        host: String,
        /// How many it gets.
        most: u64,
        /// When the next day begins.
        until: DateTime<Utc>,
    },
    /// The requests of the day could not be counted, so none is sent.
    #[error("a request to `{host}` could not be counted: {what}")]
    NotCounted {
        /// Which host.
        host: String,
        /// Why.
        what: String,
    },
    /// A challenge page stands in front of the site.
    #[error(
        "`{host}` answered with a challenge page ({}), status {status}; it is left alone until {}",
        .product.name(), minute(*.until)
    )]
    Challenge {
        /// Which host.
        host: String,
        /// Whose it looks like.
        product: Product,
        /// The status.
        status: u16,
        /// Until when nothing is asked of the host.
        until: DateTime<Utc>,
    },
    /// Redirects without end.
    #[error("redirects from `{host}` do not end: {}, last to `{last}`", plural(*.hops))]
    Redirects {
        /// Where they began.
        host: String,
        /// How many were followed.
        hops: usize,
        /// Where the last one led.
        last: String,
    },
}

impl FetchError {
    /// The code it is told under.
    pub fn code(&self) -> ProblemCode {
        match self {
            Self::Net(error) => error.code(),
            Self::Robots { .. } => ProblemCode::RobotsDisallow,
            Self::RobotsUnknown { code, .. } => *code,
            Self::Status { .. } => ProblemCode::HttpStatus,
            Self::RateLimited { .. } => ProblemCode::RateLimited,
            Self::BudgetUsed { .. } => ProblemCode::BudgetUsed,
            Self::NotCounted { .. } => ProblemCode::StoreFailed,
            Self::Challenge { product, .. } => product.code(),
            Self::Redirects { .. } => ProblemCode::RedirectLoop,
        }
    }

    /// Faults that may pass by themselves within seconds.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Net(error) => {
                matches!(
                    error.code(),
                    ProblemCode::Unreachable | ProblemCode::Timeout | ProblemCode::Truncated
                )
            }
            Self::Status { status, .. } => *status >= 500,
            _ => false,
        }
    }
}

/// The first full minute that is not before `time`, as the clocks of the sites show it.
fn minute(time: DateTime<Utc>) -> String {
    let begun = TimeDelta::nanoseconds(60_000_000_000 - 1);
    (time + begun).with_timezone(&BEIJING).format("%Y-%m-%d %H:%M %:z").to_string()
}

fn plural(hops: usize) -> String {
    if hops == 1 { "1 hop".to_owned() } else { format!("{hops} hops") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_told_in_full_minutes_of_the_sites_zone() {
        let said = |until: &str| {
            let until = until.parse().unwrap();
            FetchError::RateLimited { host: "a.test".to_owned(), until }.to_string()
        };
        let until = |time: &str| format!("`a.test` asked to be left alone until {time} +08:00");
        assert_eq!(said("2026-11-25T16:24:15.197400490Z"), until("2026-11-26 00:25"));
        assert_eq!(said("2026-11-25T16:24:00Z"), until("2026-11-26 00:24"));
    }

    #[test]
    fn one_hop_is_no_plural() {
        let said = |hops| {
            let (host, last) = ("a.test".to_owned(), "b.test".to_owned());
            FetchError::Redirects { host, hops, last }.to_string()
        };
        assert_eq!(said(1), "redirects from `a.test` do not end: 1 hop, last to `b.test`");
        assert_eq!(said(2), "redirects from `a.test` do not end: 2 hops, last to `b.test`");
    }
}
