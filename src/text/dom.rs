//! Parsing of untrusted HTML within limits, and small questions to the tree.
