//! One pass over the text: strict reading, the schema, and the values we look for.

use crate::check::facts::{Gatherer, Values};
use crate::check::found::{Findings, error};
use crate::check::names::DocumentNames;
use crate::check::path::Path;
use crate::check::schema::Compiled;
use crate::check::schema::report::Report;
use crate::check::schema::validate::Validator;
use crate::check::xml::{Event, Fault, Limits, Reader};
use crate::domain::outcome::Layer;

/// What a pass gave.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    /// The values, up to where reading stopped.
    pub(crate) values: Values,
    /// Was the document read to its end, from the right root?
    pub(crate) is_whole: bool,
}

/// Reads `text` to its end, or to the first fault.
pub(crate) fn walk(
    text: &str,
    schema: &Compiled,
    limits: Limits,
    findings: &mut Findings,
) -> Walked {
    let mut reader = Reader::new(text, limits);
    let mut names = DocumentNames::new(schema.names());
    let mut path = Path::new();
    let mut gatherer = Gatherer::new(text);
    let mut validator = Validator::new(schema, false);
    let ended = loop {
        match reader.next() {
            Ok(Event::Start(tag)) => {
                let report = &mut Report {
                    path: &path,
                    findings,
                };
                validator.text_before_child(&reader, report);
                let number = names.number(tag.local);
                path.enter(tag.local, number);
                let report = &mut Report {
                    path: &path,
                    findings,
                };
                validator.start(&tag, number, &reader, report);
                gatherer.start(&path, number, tag.namespace, tag.at);
            }
            Ok(Event::End { at }) => {
                let report = &mut Report {
                    path: &path,
                    findings,
                };
                validator.end(&reader, at, report);
                gatherer.end(&path, reader.text());
                path.leave();
            }
            Ok(Event::Done) => {
                let report = &mut Report {
                    path: &path,
                    findings,
                };
                validator.finish(report);
                break true;
            }
            Err(fault) => {
                report_fault(&fault, &path, findings);
                break false;
            }
        }
    };
    Walked {
        values: gatherer.finish(&reader),
        is_whole: ended && validator.is_right_root(),
    }
}

/// Holds `text` against the schema alone. It may begin with any element at the top of the schema's
/// files.
pub(crate) fn validate(text: &str, schema: &Compiled, limits: Limits, findings: &mut Findings) {
    let mut reader = Reader::new(text, limits);
    let mut names = DocumentNames::new(schema.names());
    let mut path = Path::new();
    let mut validator = Validator::new(schema, true);
    loop {
        let event = reader.next();
        let mut report = Report {
            path: &path,
            findings,
        };
        match event {
            Ok(Event::Start(tag)) => {
                validator.text_before_child(&reader, &mut report);
                let number = names.number(tag.local);
                path.enter(tag.local, number);
                let report = &mut Report {
                    path: &path,
                    findings,
                };
                validator.start(&tag, number, &reader, report);
            }
            Ok(Event::End { at }) => {
                validator.end(&reader, at, &mut report);
                path.leave();
            }
            Ok(Event::Done) => {
                validator.finish(&mut report);
                return;
            }
            Err(fault) => {
                report_fault(&fault, &path, findings);
                return;
            }
        }
    }
}

fn report_fault(fault: &Fault, path: &Path<'_>, findings: &mut Findings) {
    let mut finding = error(fault.code, Layer::Xml, &fault.message, fault.help);
    finding.path = path.render();
    findings.push(finding, Some(fault.at));
}
