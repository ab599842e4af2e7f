//! The flow: read, judge, decide, file, answer.

mod alone;
mod settings;
mod verdict;

pub use alone::{Alone, LooseFile};
pub use settings::settings;
