//! lianbo 联播: from the websites of federations of industry and commerce to feeds.
//!
//! Modules are the steps of the flow; a step never imports another step. `model` holds the nouns,
//! `text` the pure helpers, `pipeline` alone knows the order. ARCHITECTURE.md walks through it.

pub mod backup;
pub mod cli;
pub mod compose;
pub mod config;
pub mod daemon;
pub mod demo;
pub mod discover;
pub mod extract;
pub mod fetch;
pub mod manuscript;
pub mod model;
pub mod net;
pub mod normalize;
pub mod picture;
pub mod pipeline;
pub mod probe;
pub mod problem;
pub mod proof;
pub mod publish;
pub mod render;
pub mod repair;
pub mod schedule;
pub mod serve;
pub mod store;
pub mod text;
pub mod trust;
