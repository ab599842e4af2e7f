//! What is measured in this process: our judging, the bare tokenizer, the crate xsd-schema.

use anyhow::anyhow;
use ecocd::check::{self, Input, Schema, Settings};
use ecocd::config;
use ecocd::domain::Timestamp;
use ecocd::domain::outcome::Finding;
use ecocd::domain::record::Background;
use ecocd::pipeline;
use quick_xml::events::Event;
use quick_xml::reader::NsReader;
use xsd_schema::validation::{
    CollectingValidationSink, SchemaValidator, ValidationFlags, drive_quick_xml,
};
use xsd_schema::{SchemaSet, load_and_process_schema};

/// Our judging with the schema that ships and the default settings.
#[derive(Debug)]
pub(crate) struct Ours {
    pub(crate) schema: Schema,
    pub(crate) settings: Settings,
    background: Background,
    now: Timestamp,
}

impl Ours {
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            schema: Schema::built_in().map_err(|faults| anyhow!("{faults:?}"))?,
            settings: pipeline::settings(&config::Check::default()),
            background: Background {
                has_earlier_stage: true,
                ..Background::default()
            },
            now: "2026-11-20T12:00:00Z"
                .parse()
                .map_err(|error| anyhow!("{error:?}"))?,
        })
    }

    /// Reads, holds against the schema, takes out the facts, applies the rules; the number of findings.
    pub(crate) fn judge(&self, octets: &[u8]) -> usize {
        let (read, judged) = self.findings(octets);
        read.len() + judged.len()
    }

    /// The same; the findings of reading and of the rules.
    pub(crate) fn findings(&self, octets: &[u8]) -> (Vec<Finding>, Vec<Finding>) {
        let input = Input {
            name: "a.xml",
            octets,
            given_up: None,
        };
        let reading = check::read(&self.schema, &self.settings, input);
        let judged = check::judge(&reading, &self.background, &self.settings, self.now);
        (reading.findings, judged)
    }
}

/// Reads every event, with namespaces, and does nothing with it; the number of events.
pub(crate) fn tokens(octets: &[u8]) -> usize {
    let mut reader = NsReader::from_reader(octets);
    let mut count = 0;
    loop {
        match reader.read_resolved_event() {
            Ok((_, Event::Eof)) | Err(_) => return count,
            Ok(_) => count += 1,
        }
    }
}

/// The crate xsd-schema with the same schema.
pub(crate) struct Crate(SchemaSet);

impl Crate {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let place = concat!(env!("CARGO_MANIFEST_DIR"), "/config/schema/ivi-2.0-uk.xsd");
        let mut set = SchemaSet::new();
        load_and_process_schema(&std::fs::read(place)?, place, &mut set, None)?;
        Ok(Self(set))
    }

    /// The number of errors.
    pub(crate) fn judge(&self, octets: &[u8]) -> usize {
        let validator = SchemaValidator::new(&self.0, ValidationFlags::default());
        let (mut errors, mut warnings) = (Vec::new(), Vec::new());
        let mut runtime = validator.start_run(CollectingValidationSink {
            errors: &mut errors,
            warnings: &mut warnings,
        });
        let driven = drive_quick_xml(octets, &mut runtime, &self.0);
        drop(runtime);
        errors.len() + usize::from(driven.is_err())
    }
}
