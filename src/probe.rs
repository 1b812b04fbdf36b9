//! Looks at a website that nobody has described yet.
//!
//! In: decoded pages and their addresses; out: what the site says of itself ([`facts`]), the family
//! it belongs to ([`recognise`]), pages that may be its columns ([`candidates`], [`calls`]), its links to
//! sister sites ([`sisters`]), and a commented site file ([`Proposal`]). No I/O: who calls it
//! fetches the pages and reads the lists.

mod candidate;
mod columns;
mod facts;
mod family;
mod ids;
mod level;
mod names;
mod proposal;
mod sisters;

pub use candidate::{Candidate, Place};
pub use columns::{calls, candidates};
pub use facts::{Facts, facts};
pub use family::{Evidence, Marks, Recognition, recognise};
pub use ids::{column_id, site_id};
pub use level::{level, short_name};
pub use names::{tags, weight};
pub use proposal::{ColumnPlan, Proposal};
pub use sisters::{Sister, Sisters, sisters};
