//! People look.
