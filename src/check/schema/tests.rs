//! The schema engine.
