//! Keeping it: backups beside a running daemon, restoring them elsewhere, and a data folder within
//! its bounds.

mod pruning;
mod restoring;
