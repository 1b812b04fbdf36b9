//! Renders compositions to documents.
