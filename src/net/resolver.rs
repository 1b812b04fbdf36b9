//! Names to addresses, with the guard.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::text::web::is_private;

/// A name that leads to private addresses only.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` leads to a private address")]
pub(super) struct Refused(String);

/// Looks into the fixed table first, then asks the system; leaves out private addresses.
#[derive(Clone, Debug)]
pub(super) struct Guarded {
    fixed: Arc<HashMap<String, SocketAddr>>,
    refuse_private: bool,
}

impl Guarded {
    pub(super) fn new(fixed: Arc<HashMap<String, SocketAddr>>, refuse_private: bool) -> Self {
        Self { fixed, refuse_private }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_ascii_lowercase();
        let fixed = self.fixed.get(&name).copied();
        let refuse_private = self.refuse_private;
        Box::pin(async move {
            if let Some(address) = fixed {
                return Ok(Box::new(std::iter::once(address)) as Addrs);
            }
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let any = !found.is_empty();
            let allowed: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| !(refuse_private && is_private(address.ip())))
                .collect();
            if any && allowed.is_empty() {
                return Err(Refused(name).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
