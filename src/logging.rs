//! The log: format, level, and what must never be in it.
