//! The words of the trade: pure values, with constructors that check. No input, no output.
//!
//! *Invariant*: every value of a type here is valid. Nothing here reads a clock, a file or a
//! random number; times are handed in.

pub mod account;
pub mod audit;
pub mod entry;
pub mod expiry;
pub mod handing_in;
pub mod harmless;
pub mod host_key;
pub(crate) mod nearest;
pub mod networks;
pub mod notice;
mod numbering;
pub mod outcome;
pub mod public_key;
pub mod receipt;
pub mod record;
pub mod registration;
pub mod submission;
pub mod upload;
pub mod working_days;

/// A moment, in UTC, to the microsecond.
pub use jiff::Timestamp;

/// Why a text is not a value of a domain type: one plain sentence for whoever typed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit(pub String);

impl std::fmt::Display for Unfit {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        form.write_str(&self.0)
    }
}

impl std::error::Error for Unfit {}

/// A closed set of words that is written to the database, receipts and command lines: each
/// variant has exactly one lower- or mixed-case text.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The one text of this value.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                form.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::Unfit;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or_else(|| {
                    let known: Vec<&str> = Self::ALL.iter().map(|value| value.as_str()).collect();
                    $crate::domain::Unfit(format!("'{text}' is not one of: {}", known.join(", ")))
                })
            }
        }
    };
}
pub(crate) use words;

/// A database row's number, of one kind only.
macro_rules! id {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, form)
            }
        }
    };
}
pub(crate) use id;
