//! A network that is not real, for tests that live through more than the real one does in years.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::{Client, Exchange, NetError, Reply};

/// What a request comes to, sooner or later.
pub(crate) type Answering<'a> = Pin<Box<dyn Future<Output = Result<Reply, NetError>> + Send + 'a>>;

/// Answers instead of the hosts of the world. The address guard and the limit of time stay in force;
/// names, connections and codings are left out.
pub(crate) trait Network: Send + Sync {
    /// The answer to one request.
    fn exchange<'a>(&'a self, asked: &'a Exchange<'a>) -> Answering<'a>;
}

/// The network in the place of the real one, if there is one.
#[derive(Clone, Default)]
pub(super) struct StandIn(pub(super) Option<Arc<dyn Network>>);

impl fmt::Debug for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "StandIn" } else { "None" })
    }
}

impl Client {
    /// The same client with `network` in the place of the real one.
    pub(crate) fn answered_by(self, network: Arc<dyn Network>) -> Self {
        Self { stand_in: StandIn(Some(network)), ..self }
    }
}
