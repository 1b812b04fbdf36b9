//! The one table of operator and public sentences: Chinese first, English second.
