//! When jobs are due, as people write it down.
//!
//! In: cron expressions, zones, working days, quiet hours; out: a [`Timing`], which answers with
//! instants. Pure: gets the time as an argument; no clock, no files.
//!
//! A [`Cron`] knows the wall clock of its zone, a [`Calendar`] the working days, [`QuietHours`] when
//! nobody is to be visited. A [`Timing`] puts them together, and is what everybody else asks.

mod adaptive;
mod calendar;
mod error;
mod expression;
mod quiet;
mod timing;
mod week;
mod weekday;

pub use adaptive::Adaptive;
pub use calendar::{Calendar, CalendarYear, days as calendar_days};
pub use error::ScheduleError;
pub use expression::Cron;
pub use quiet::QuietHours;
pub use timing::{CatchUp, Days, Pattern, Slot, Timing};
pub use week::HOURS;
