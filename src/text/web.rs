//! Addresses: resolving, normalising, and telling private ones from public ones.
