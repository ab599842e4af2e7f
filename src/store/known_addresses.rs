//! Addresses from which keys logged in lately: who comes from one is let in also when the door is crowded.

use std::net::IpAddr;

use diesel::prelude::*;

use crate::domain::Timestamp;
use crate::store::connection::{Db, each};
use crate::store::rows::{micros, moment};
use crate::store::schema::known_addresses;
use crate::store::{Store, StoreFault};

fn keep(db: &mut Db, address: IpAddr, seen: i64) -> QueryResult<()> {
    each!(db, c => diesel::insert_into(known_addresses::table)
        .values((
            known_addresses::address.eq(address.to_string()),
            known_addresses::seen.eq(seen),
        ))
        .on_conflict(known_addresses::address)
        .do_update()
        .set(known_addresses::seen.eq(seen))
        .execute(c))?;
    Ok(())
}

impl Store {
    /// Keeps that keys logged in from there, and when; forgets the addresses that came last before `forgotten`.
    pub async fn keep_addresses(
        &self,
        seen: Vec<(IpAddr, Timestamp)>,
        forgotten: Timestamp,
    ) -> Result<(), StoreFault> {
        self.write(move |db| {
            for (address, seen) in &seen {
                keep(db, *address, micros(*seen))?;
            }
            each!(db, c => diesel::delete(known_addresses::table)
                .filter(known_addresses::seen.lt(micros(forgotten)))
                .execute(c))?;
            Ok(())
        })
        .await
    }

    /// The addresses from which keys logged in after `since`, newest first, `most` at most.
    pub async fn kept_addresses(
        &self,
        since: Timestamp,
        most: usize,
    ) -> Result<Vec<(IpAddr, Timestamp)>, StoreFault> {
        let rows: Vec<(String, i64)> = self
            .read(move |db| {
                each!(db, c => known_addresses::table
                    .filter(known_addresses::seen.gt(micros(since)))
                    .order((known_addresses::seen.desc(), known_addresses::address))
                    .limit(i64::try_from(most).unwrap_or(i64::MAX))
                    .load(c))
            })
            .await?;
        // What is no address is nobody's, and no reason not to start.
        let read =
            |(address, seen): (String, i64)| Some((address.parse().ok()?, moment(seen).ok()?));
        Ok(rows.into_iter().filter_map(read).collect())
    }
}
