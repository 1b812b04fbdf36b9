//! What can be wrong with a site.

/// One way of being broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// 500 for everything.
    Down,
    /// 503, with the wish to be left alone for a minute.
    Busy,
    /// 403 for everything.
    Forbidden,
    /// No answer.
    Silent,
    /// No connection.
    Unreachable,
    /// Every answer breaks off.
    Truncated,
    /// A challenge page of a firewall.
    Challenge,
    /// Lists without rows.
    Empty,
    /// A page of maintenance in the place of everything, with status 200.
    Maintenance,
    /// All leads to another host.
    Hijacked,
    /// Lists of strange rows that lead to no articles.
    Redesigned,
    /// The lists stand, no article answers.
    ArticlesDown,
    /// One article in three answers 500.
    SomeDown,
    /// The lists stand, every article is said not to exist.
    ArticlesGone,
    /// Readers of articles are sent to the front page.
    ArticlesHome,
    /// Says "not modified" to whoever names what he knows.
    Asleep,
    /// The first answer to each request is 502.
    Flaky,
}

impl Fault {
    pub(super) const ALL: [Self; 17] = [
        Self::Down,
        Self::Busy,
        Self::Forbidden,
        Self::Silent,
        Self::Unreachable,
        Self::Truncated,
        Self::Challenge,
        Self::Empty,
        Self::Maintenance,
        Self::Hijacked,
        Self::Redesigned,
        Self::ArticlesDown,
        Self::SomeDown,
        Self::ArticlesGone,
        Self::ArticlesHome,
        Self::Asleep,
        Self::Flaky,
    ];

    /// Whether no picture can be had either.
    pub(super) fn hides_files(self) -> bool {
        self.hides_lists() && self != Self::Empty
    }

    /// Whether no list can be read, so that nothing of the site may change. A redesigned one can, and
    /// articles that are known may still be looked at.
    pub(super) fn hides_lists(self) -> bool {
        !matches!(
            self,
            Self::Redesigned
                | Self::ArticlesDown
                | Self::SomeDown
                | Self::ArticlesGone
                | Self::ArticlesHome
                | Self::Asleep
                | Self::Flaky
        )
    }
}
