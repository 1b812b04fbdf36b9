//! Turns an article, or a bare list row, into the draft of an item.
//!
//! In: what was found, the site's naming rules, `now`; out: a [`Draft`](crate::model::Draft).
//! The last sanitising happens here, and ids are made here. No I/O.
