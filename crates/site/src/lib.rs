//! Tier 1, the protected site: one loop a noun.
