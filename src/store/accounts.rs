//! Accounts.

use crate::domain::Timestamp;
use crate::domain::account::{Account, AccountCode, Standing};
use crate::store::{Store, StoreFault};

/// What came of adding something with a unique name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added<T> {
    /// It is there now.
    New(T),
    /// The name was taken.
    Taken,
}

impl Store {
    /// Adds an account.
    pub async fn add_account(
        &self,
        code: &AccountCode,
        name: &str,
        now: Timestamp,
    ) -> Result<Added<Account>, StoreFault> {
        let _ = (code, name, now);
        todo!()
    }

    /// All accounts, by code.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreFault> {
        todo!()
    }

    /// The account with this code.
    pub async fn account(&self, code: &AccountCode) -> Result<Option<Account>, StoreFault> {
        let _ = code;
        todo!()
    }

    /// Suspends or resumes an account; `false` if there is none with this code.
    pub async fn set_account_standing(
        &self,
        code: &AccountCode,
        standing: Standing,
    ) -> Result<bool, StoreFault> {
        let _ = (code, standing);
        todo!()
    }
}
