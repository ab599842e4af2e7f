//! The rules, each once firing and once just not.
