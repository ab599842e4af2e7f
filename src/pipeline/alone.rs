//! Judging files without a daemon and without a database, for `ecocd check`.

use std::collections::HashMap;

use crate::check::{self, Input, Schema, Settings};
use crate::domain::Unfit;
use crate::domain::account::{AccountCode, AccountId};
use crate::domain::outcome::Verdict;
use crate::domain::receipt::Receipt;
use crate::domain::record::{Background, Facts, Holder, Key};
use crate::domain::submission::{Door, Lane, Status, Submission, SubmissionId, SubmissionNumber};
use crate::intake;
use crate::pipeline::verdict::{Judge, Matter, is_recorded};
use crate::runtime::{self, Clock};

/// A file that lies anywhere.
#[derive(Debug, Clone, Copy)]
pub struct LooseFile<'a> {
    /// Its name without folders.
    pub name: &'a str,
    /// Its path, as the receipt is to show it.
    pub path: &'a str,
    /// Its octets; at most a few more than `file_bytes_max` are needed to see that it is too large.
    pub octets: &'a [u8],
}

/// Judges one file after the other, as the daemon would on the test lane, and remembers what it
/// accepted: a later file of the same key is a duplicate (`D01`, or `D02` for the same octets).
///
/// Nothing is known of what a daemon recorded. So rules that compare with earlier documents see
/// only the files of this run, and take it that earlier stages are recorded.
///
/// The receipts are of lane `test`, door `folder`, account `test`; their submission numbers are
/// drawn at random and mean nothing.
///
/// ```ignore
/// let schema = Schema::built_in()?;
/// let settings = pipeline::settings(&config.check);
/// let mut alone = Alone::new(&schema, &settings, &config.service.node, Clock::system())?;
/// for (name, path, octets) in files {
///     let receipt = alone.judge(LooseFile { name, path, octets });
///     println!("{}", receipts::render(&receipt));
/// }
/// ```
#[derive(Debug)]
pub struct Alone<'a> {
    judge: Judge<'a>,
    clock: Clock,
    account: AccountCode,
    accepted: HashMap<Key, Recorded>,
    count: i64,
}

/// What would have been recorded.
#[derive(Debug)]
struct Recorded {
    holder: Holder,
    facts: Facts,
}

impl<'a> Alone<'a> {
    /// Nothing accepted yet.
    pub fn new(
        schema: &'a Schema,
        settings: &'a Settings,
        node: &'a str,
        clock: Clock,
    ) -> Result<Self, Unfit> {
        Ok(Self {
            judge: Judge {
                schema,
                settings,
                node,
            },
            clock,
            account: AccountCode::new("test")?,
            accepted: HashMap::new(),
            count: 0,
        })
    }

    /// Judges a file.
    pub fn judge(&mut self, file: LooseFile<'_>) -> Receipt {
        let submission = self.submission(&file);
        let input = Input {
            name: file.name,
            octets: file.octets,
            given_up: None,
        };
        let reading = check::read(self.judge.schema, self.judge.settings, input);
        let background = self.background(&reading.facts);
        let matter = Matter {
            submission: &submission,
            reading: &reading,
            background: &background,
            holder: None,
            // A person looks at this list, and wants to see that a file is in it twice.
            door: Door::Web,
        };
        let now = self.clock.now();
        let receipt = self.judge.receipt(&matter, runtime::unique_id(), now);
        self.remember(&submission, &reading.facts, &receipt.verdict);
        receipt
    }

    fn submission(&mut self, file: &LooseFile<'_>) -> Submission {
        self.count = self.count.saturating_add(1);
        let now = self.clock.now();
        Submission {
            id: SubmissionId(self.count),
            number: SubmissionNumber::from_random(runtime::random()),
            account: AccountId(0),
            account_code: self.account.clone(),
            account_name: "Test".to_owned(),
            user: None,
            submitted_by: "ecocd check".to_owned(),
            uploaded_by: "ecocd check".to_owned(),
            door: Door::Folder,
            lane: Lane::Test,
            status: Status::Processing,
            is_held: false,
            attempts: 1,
            file_name: file.name.to_owned(),
            path: file.path.to_owned(),
            size_bytes: file.octets.len() as u64,
            sha256: intake::digest(file.octets),
            first_byte: now,
            complete: now,
            decided: None,
            given_up: None,
            session: None,
        }
    }

    fn remember(&mut self, submission: &Submission, facts: &Facts, verdict: &Verdict) {
        let Some(key) = facts.key().filter(|_| is_recorded(verdict)) else {
            return;
        };
        let holder = Holder {
            submission: submission.id,
            number: submission.number.clone(),
            account: submission.account,
            decided: self.clock.now(),
            sha256: submission.sha256.clone(),
        };
        let facts = facts.clone();
        self.accepted.insert(key, Recorded { holder, facts });
    }

    /// What the store would say if it held the files of this run.
    fn background(&self, facts: &Facts) -> Background {
        let mut background = Background {
            has_earlier_stage: true,
            is_reference_used: facts.ivi_reference_id.is_some()
                && self.accepted.iter().any(|(key, recorded)| {
                    facts.key().as_ref() != Some(key)
                        && recorded.facts.ivi_reference_id == facts.ivi_reference_id
                }),
            ..Background::default()
        };
        let Some(key) = facts.key() else {
            return background;
        };
        background.holder = self
            .accepted
            .get(&key)
            .map(|recorded| recorded.holder.clone());
        let versions = || {
            self.accepted.iter().filter(|(other, _)| {
                other.vin == key.vin
                    && other.manufacturer_stage_number == key.manufacturer_stage_number
                    && other.ivi_version_number != key.ivi_version_number
            })
        };
        background.version_highest = versions().map(|(other, _)| other.ivi_version_number).max();
        let before = versions()
            .filter(|(other, _)| other.ivi_version_number < key.ivi_version_number)
            .max_by_key(|(other, _)| other.ivi_version_number);
        if let Some((_, recorded)) = before {
            background.supersedes = Some(recorded.holder.number.clone());
            background
                .approval_before
                .clone_from(&recorded.facts.type_approval_number);
        }
        background
    }
}
