//! Pure helpers that several steps share: charsets, dates, addresses, HTML, the table of sentences.
//!
//! Everything here is a function of its arguments; no I/O and no clock.

pub mod alternative;
pub mod charset;
pub mod dark;
pub mod date;
pub mod digest;
pub mod dom;
pub mod personal;
pub mod plain;
pub mod query;
pub mod registration;
pub mod sanitise;
pub mod sentence;
pub mod sheet;
pub mod size;
pub mod story;
pub mod summary;
pub mod web;
