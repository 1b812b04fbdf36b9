//! Serves what was published, and the state of the daemon. Never crawls, never renders feeds.
//!
//! In: requests of readers; out: published bytes with their validators (RFC 9110 §8.8, §13).

mod answer;
mod catalogue;
mod server;

pub use catalogue::Catalogue;
pub use server::{Serving, start};
