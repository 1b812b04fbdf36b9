//! How an answer gets over the wire: whole, or as broken servers send it.

use std::io::Write as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_core::Stream;
use serde::Deserialize;
use tokio::time::Sleep;

/// How an answer is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Delivery {
    /// As it should be.
    #[default]
    Whole,
    /// A byte now and then.
    Drip,
    /// Behind it, more white space than anybody wants.
    Large,
    /// The same, packed small.
    Bomb,
    /// Half of it, in chunks of which the last never comes.
    Cut,
    /// Whole, but whoever names a tag hears that nothing changed, whatever the tag is.
    Stubborn,
}

/// Between two bytes of a drip.
const PAUSE: Duration = Duration::from_millis(200);
/// White space behind a page that is too large, in bytes.
const LARGE: usize = 30 << 20;
/// The same, packed.
const BOMB: usize = 12 << 20;

impl Delivery {
    /// The body that is sent of `bytes`, and its `Content-Encoding`.
    pub(super) fn body(self, bytes: Bytes) -> (Body, Option<&'static str>) {
        match self {
            Self::Whole | Self::Stubborn => (Body::from(bytes), None),
            Self::Large => (Body::from(padded(&bytes, LARGE)), None),
            Self::Bomb => (Body::from(packed(&padded(&bytes, BOMB))), Some("gzip")),
            Self::Drip => (Body::from_stream(Pieces::new(bytes, 1, PAUSE)), None),
            Self::Cut => {
                let size = bytes.len().div_ceil(2).max(1);
                let pieces =
                    Pieces { breaks_off: true, ..Pieces::new(bytes, size, Duration::ZERO) };
                (Body::from_stream(pieces), None)
            }
        }
    }
}

fn padded(bytes: &[u8], more: usize) -> Vec<u8> {
    let mut all = bytes.to_vec();
    all.resize(bytes.len() + more, b' ');
    all
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// A body in pieces.
struct Pieces {
    rest: Bytes,
    size: usize,
    pause: Duration,
    waits: Pin<Box<Sleep>>,
    /// Ends in an error after the first piece.
    breaks_off: bool,
    sent: u64,
}

impl Pieces {
    fn new(rest: Bytes, size: usize, pause: Duration) -> Self {
        let waits = Box::pin(tokio::time::sleep(pause));
        Self { rest, size, pause, waits, breaks_off: false, sent: 0 }
    }
}

impl Stream for Pieces {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        if self.breaks_off && self.sent > 0 {
            let error = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
            self.rest.clear();
            return Poll::Ready(Some(Err(error)));
        }
        if self.waits.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        let next = tokio::time::Instant::now() + self.pause;
        self.waits.as_mut().reset(next);
        self.sent += 1;
        let size = self.size.min(self.rest.len());
        Poll::Ready(Some(Ok(self.rest.split_to(size))))
    }
}
