//! A worker without a thread: what it is sent is done where it is called from, so that a test whose
//! runtime has a paused clock and one thread is the same each time.

use std::pin::Pin;
use std::sync::{Arc, Mutex, mpsc};

use rusqlite::Connection;

use super::{StoreError, Worker};

/// What is passed before and after each piece of work; whoever is dead never comes through.
pub(crate) type Gate = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// One connection and what is passed on the way to it and back.
#[derive(Clone)]
pub(in crate::store) struct Here {
    connection: Arc<Mutex<Connection>>,
    gate: Option<Gate>,
}

impl Worker {
    /// A worker that works where it is called from.
    pub(in crate::store) fn here(connection: Connection, gate: Option<Gate>) -> Self {
        let connection = Arc::new(Mutex::new(connection));
        // Nobody listens to this queue, and nothing is sent there.
        let (queue, _) = mpsc::channel();
        Self { queue, here: Some(Here { connection, gate }) }
    }
}

impl Here {
    pub(super) async fn run<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if let Some(gate) = &self.gate {
            gate().await;
        }
        let result = work(&mut self.connection.lock().expect("no holder panics"));
        if let Some(gate) = &self.gate {
            gate().await;
        }
        result
    }
}
