//! Why nothing came from a site.

use crate::model::ProblemCode;
use crate::net::NetError;

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
    #[error("`{host}` asked to be left alone until {until}")]
    RateLimited {
        /// Which host.
        host: String,
        /// Until when, RFC 3339.
        until: String,
    },
    /// A challenge page stands in front of the site.
    #[error("`{host}` answered with a challenge page ({vendor}), status {status}")]
    Challenge {
        /// Which host.
        host: String,
        /// Whose product it looks like.
        vendor: &'static str,
        /// The status.
        status: u16,
    },
    /// Redirects without end.
    #[error("redirects from `{host}` do not end: {hops} hops, last to `{last}`")]
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
            Self::Challenge { .. } => ProblemCode::BlockedChallenge,
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
