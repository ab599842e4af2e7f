//! The flow: read, judge, decide, file, answer.
