//! The one integration binary: the program through its public doors.
#![expect(clippy::unwrap_used, reason = "helpers of tests stop at the first surprise")]
#![expect(clippy::disallowed_methods, reason = "tests lay out the files that they need")]

mod api;
mod archives;
mod backfill;
mod bad;
mod callback;
mod commands;
mod config;
mod demo;
mod docs;
mod editing;
mod elsewhere;
mod export;
mod faults;
mod full;
mod fuzz;
mod ground;
mod hard;
mod identity;
mod issues;
mod kills;
mod layers;
mod layouts;
mod lists;
mod loopback;
mod masking;
mod pages;
mod pictures;
mod probe;
mod properties;
mod refresh;
mod reload;
mod reprints;
mod running;
mod schedules;
mod serving;
mod sites;
mod targets;
mod timetable;
mod tools;
mod trust;
mod webhooks;
mod websub;
mod wechat;
mod withdrawals;
