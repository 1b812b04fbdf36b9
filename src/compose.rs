//! Chooses and orders the items of a feed.
