//! Threads that own database connections and work off what they are sent.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, mpsc};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::StoreError;

#[cfg(test)]
mod here;

#[cfg(test)]
pub(crate) use here::Gate;
#[cfg(test)]
pub(super) use here::Here;

type Work = Box<dyn FnOnce(&mut Connection) + Send>;

/// Some connections, each with a thread of its own, fed by one queue. Clones feed the same queue;
/// the threads end with the last clone.
#[derive(Clone)]
pub(super) struct Worker {
    queue: mpsc::Sender<Work>,
    #[cfg(test)]
    here: Option<Here>,
}

impl Worker {
    pub(super) fn start(name: &str, connections: Vec<Connection>) -> Result<Self, StoreError> {
        let (queue, work) = mpsc::channel::<Work>();
        let work = Arc::new(Mutex::new(work));
        for mut connection in connections {
            let work = Arc::clone(&work);
            std::thread::Builder::new()
                .name(name.to_owned())
                .spawn(move || {
                    while let Some(next) = take(&work) {
                        // A panic ends the one piece of work (its sender hears that nobody
                        // answers); its transaction is rolled back when it unwinds.
                        let _ = catch_unwind(AssertUnwindSafe(|| next(&mut connection)));
                    }
                })
                .map_err(|error| StoreError::File { path: name.into(), error })?;
        }
        Ok(Self {
            queue,
            #[cfg(test)]
            here: None,
        })
    }

    /// Runs `work` on one of the threads and waits for what it gives.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        #[cfg(test)]
        if let Some(here) = &self.here {
            return here.run(work).await;
        }
        let (answer, result) = oneshot::channel();
        self.queue
            .send(Box::new(move |connection| {
                // Whoever asked may have given up waiting.
                let _ = answer.send(work(connection));
            }))
            .map_err(|_| StoreError::Stopped)?;
        result.await.map_err(|_| StoreError::Stopped)?
    }
}

fn take(work: &Mutex<mpsc::Receiver<Work>>) -> Option<Work> {
    work.lock().ok()?.recv().ok()
}
