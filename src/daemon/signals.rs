//! Signals of the operating system and of systemd.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// Cancels `end` at SIGTERM or SIGINT.
pub async fn wait_for_end(end: CancellationToken) {
    let (Ok(mut term), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
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

/// Tells `touched` of every SIGHUP until `end`.
pub(super) async fn forward_hangups(touched: mpsc::UnboundedSender<()>, end: CancellationToken) {
    let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
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
