//! That a host is left alone.

use chrono::{DateTime, Utc};

use super::ProblemCode;

/// Until when a host is left alone, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Until then nothing is asked of it.
    pub until: DateTime<Utc>,
    /// Under which code its challenge page is told, and with what status it came; none means that
    /// the host asked us to wait.
    pub challenge: Option<(ProblemCode, u16)>,
    /// Challenges since the last page that was let through.
    pub challenges: u32,
}
