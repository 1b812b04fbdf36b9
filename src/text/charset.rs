//! One charset decision per response.
