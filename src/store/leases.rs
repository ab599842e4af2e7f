//! Leases of a node that ended without giving its work back.

use diesel::prelude::*;

use crate::domain::submission::Status;
use crate::store::connection::each;
use crate::store::schema::submissions;
use crate::store::{Store, StoreFault};

impl Store {
    /// Ends the leases of what `node` claimed and did not finish, so that it is claimed again at
    /// once and not when they run out; says how many. The attempts stay counted.
    ///
    /// To be called at the start of that very node, before it claims anything.
    pub async fn take_back(&self, node: &str) -> Result<usize, StoreFault> {
        let node = node.to_owned();
        self.write(move |db| {
            each!(db, c => diesel::update(submissions::table)
                .filter(submissions::claimed_by.eq(&node))
                .filter(submissions::decided.is_null())
                .filter(submissions::status.eq(Status::Processing.as_str()))
                .set(submissions::lease_until.eq(0_i64))
                .execute(c))
        })
        .await
    }
}
