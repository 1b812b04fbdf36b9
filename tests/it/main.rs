//! The one integration binary: the program through its public doors.
#![expect(clippy::unwrap_used, reason = "helpers of tests stop at the first surprise")]

mod demo;
mod layers;
mod pages;
