//! Signals of the operating system and of systemd.

use std::future::Future;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// Takes SIGTERM and SIGINT from now on; the future cancels `end` at either.
pub fn wait_for_end(end: CancellationToken) -> impl Future<Output = ()> {
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async move {
        let (Ok(mut term), Ok(mut interrupt)) = signals else {
            warn!("signals cannot be received; end the daemon with SIGKILL");
            return;
        };
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
            () = end.cancelled() => {}
        }
        end.cancel();
    }
}

/// Takes SIGHUP from now on; until then it would end the process.
pub(super) fn hangups() -> Option<Signal> {
    signal(SignalKind::hangup()).map_err(|error| warn!("SIGHUP cannot be received: {error}")).ok()
}

/// Tells `touched` of every SIGHUP until `end`.
pub(super) async fn forward_hangups(
    hangups: Option<Signal>,
    touched: mpsc::UnboundedSender<()>,
    end: CancellationToken,
) {
    let Some(mut hangup) = hangups else { return };
    loop {
        tokio::select! {
            () = end.cancelled() => return,
            received = hangup.recv() => {
                if received.is_none() || touched.send(()).is_err() {
                    return;
                }
            }
        }
    }
}

/// Tells systemd that the configuration is read anew; it wants to know when that began.
pub(super) fn notify_reloading() {
    let began = sd_notify::NotifyState::monotonic_usec_now().ok();
    let states: Vec<_> = [sd_notify::NotifyState::Reloading].into_iter().chain(began).collect();
    notify(&states);
}

/// Tells systemd, where it started us (`Type=notify`).
pub(super) fn notify(states: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        warn!("systemd was not told: {error}");
    }
}
