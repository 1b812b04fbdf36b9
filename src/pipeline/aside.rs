//! Work that takes long, done beside whatever waits for it.

#[cfg(test)]
mod here;

use tokio::task::{JoinHandle, spawn_blocking};

#[cfg(test)]
pub(crate) use here::Here;

/// Begins `work` on a thread of its own; a panic there becomes the error of the handle.
pub(super) fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    #[cfg(test)]
    if here::is_here() {
        return tokio::spawn(async move { work() });
    }
    spawn_blocking(work)
}
