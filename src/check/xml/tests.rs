//! The strict reader against documents that are and are not well formed.
