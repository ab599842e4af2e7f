//! What becomes of a child, given its parent's type and the children before it.

use crate::check::found::shorten;
use crate::check::schema::model::{Cursor, Model, Step};
use crate::check::schema::report::{Report, blank, one_of};
use crate::check::schema::suggest::same_but_for_case;
use crate::check::schema::wildcard::Process;
use crate::check::schema::{All, Bits, Compiled, Content, Kind, QName};
use crate::domain::nearest::nearest;
use crate::domain::outcome::Finding;

/// The most elements remembered as missing so far in one parent; they are searched one by one.
const GAPS_MAX: usize = 100;

/// An open element that is checked.
#[derive(Debug)]
pub(crate) struct Checked {
    /// Its type.
    pub(crate) kind: Kind,
    /// Its declaration, if it has one.
    pub(crate) element: Option<usize>,
    /// Where it begins.
    pub(crate) at: usize,
    /// Has it had a child?
    pub(crate) has_child: bool,
    /// Was text between its children told already?
    pub(crate) has_stray_text: bool,
    /// Does `xsi:nil` say that it is empty?
    pub(crate) is_nil: bool,
    /// The members of `xs:all` seen so far.
    seen: Bits,
    /// Where the content model stands.
    state: Cursor,
    /// What went wrong among its children, as long as that matters to those that follow.
    faults: Option<Box<Faults>>,
}

/// Faults among the children of an element. Rare: what is open is moved for every element, and is
/// small without.
#[derive(Debug, Default)]
struct Faults {
    /// Elements that should have come already, and may yet.
    gaps: Vec<Option<usize>>,
    /// Members of `xs:all` for which a misspelt one stands: they are not told as missing too.
    stood_for: Vec<usize>,
    /// Where the content model stood before a misspelt element was taken for the one it expects;
    /// that one may come yet.
    before_guess: Option<Cursor>,
}

/// What becomes of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Child {
    /// It is held against this declaration.
    Declared(usize),
    /// Nothing in it is looked at.
    Skipped,
    /// It is not known, but what is in it may be.
    Lax,
    /// It is not known, and should be, unless it names its type itself.
    Strict,
}

/// A child as it stands in the document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Newcomer<'a> {
    /// Its name by number.
    pub(crate) name: QName,
    /// Its name without prefix.
    pub(crate) local: &'a str,
    /// Its namespace.
    pub(crate) uri: &'a str,
    /// Where it begins.
    pub(crate) at: usize,
}

/// The child of something that is not known, or that a wildcard lets in.
pub(crate) fn wild(schema: &Compiled, process: Process, name: QName) -> Child {
    match (process, schema.globals.get(&name)) {
        (Process::Skip, _) => Child::Skipped,
        (_, Some(number)) => Child::Declared(*number),
        (Process::Lax, None) => Child::Lax,
        (Process::Strict, None) => Child::Strict,
    }
}

impl Checked {
    /// An element that just began.
    pub(crate) fn new(kind: Kind, element: Option<usize>, at: usize) -> Self {
        Self {
            kind,
            element,
            at,
            has_child: false,
            has_stray_text: false,
            is_nil: false,
            seen: Bits::default(),
            state: Cursor::default(),
            faults: None,
        }
    }

    /// A child begins; the report's path ends in it.
    pub(crate) fn child(
        &mut self,
        schema: &Compiled,
        new: Newcomer<'_>,
        report: &mut Report<'_, '_>,
    ) -> Child {
        self.has_child = true;
        let Kind::Complex(number) = self.kind else {
            return unexpected(schema, new, &[], None, report);
        };
        if self.is_nil {
            return unexpected(schema, new, &[], None, report);
        }
        match schema.complex.get(number).map(|kind| &kind.content) {
            Some(Content::All(all)) => self.member(schema, all, new, report),
            Some(Content::Model(model)) => self.next(schema, model, new, report),
            Some(Content::Anything) => wild(schema, Process::Lax, new.name),
            _ => unexpected(schema, new, &[], None, report),
        }
    }

    fn gaps(&self) -> &[Option<usize>] {
        let faults = self.faults.as_ref();
        faults.map_or(&[], |faults| &faults.gaps)
    }

    /// Does a misspelt element stand for this one?
    fn is_stood_for(&self, element: usize) -> bool {
        let faults = self.faults.as_ref();
        faults.is_some_and(|faults| faults.stood_for.contains(&element))
    }

    /// The element ends at `at`: tells what is missing in it.
    pub(crate) fn end(&self, schema: &Compiled, at: usize, report: &mut Report<'_, '_>) {
        let Kind::Complex(number) = self.kind else {
            return;
        };
        match schema.complex.get(number).map(|kind| &kind.content) {
            Some(Content::All(all)) => {
                let is_left_out = all.is_optional && !self.has_child;
                if is_left_out || self.seen.has_all(&all.required) {
                    return;
                }
                for (index, element) in all.members.iter().enumerate() {
                    let is_there = self.seen.has(index) || self.is_stood_for(*element);
                    if all.required.has(index) && !is_there {
                        report.missing(schema, Some(*element), at);
                    }
                }
            }
            Some(Content::Model(model))
                if !self.gaps().is_empty() || !model.may_end(self.state) =>
            {
                let gaps = self.gaps();
                let missing = model.missing(self.state);
                if missing.is_empty() && gaps.is_empty() {
                    // No child at all could make it right.
                    report.missing(schema, None, at);
                }
                for element in gaps.iter().copied().chain(missing) {
                    report.missing(schema, element, at);
                }
            }
            _ => {}
        }
    }

    fn member(
        &mut self,
        schema: &Compiled,
        all: &All,
        new: Newcomer<'_>,
        report: &mut Report<'_, '_>,
    ) -> Child {
        let Some((index, element)) = all.find(new.name) else {
            let free: Vec<usize> = all
                .members
                .iter()
                .enumerate()
                .filter(|(index, _)| !self.seen.has(*index))
                .map(|(_, element)| *element)
                .filter(|element| !self.is_stood_for(*element))
                .collect();
            let meant = meant(schema, new, &free, report);
            if let Some(meant) = meant {
                self.faults.get_or_insert_default().stood_for.push(meant);
            }
            return unexpected(schema, new, &free, meant, report);
        };
        if self.seen.has(index) {
            return repeated(new, report);
        }
        self.seen.set(index);
        Child::Declared(element)
    }

    fn next(
        &mut self,
        schema: &Compiled,
        model: &Model,
        new: Newcomer<'_>,
        report: &mut Report<'_, '_>,
    ) -> Child {
        let step = model.step(self.state, new.name);
        let step = match &mut self.faults {
            None => step,
            Some(faults) => {
                let step = step.or_else(|| model.step(faults.before_guess?, new.name));
                if step.is_some() {
                    faults.before_guess = None;
                }
                step
            }
        };
        match step {
            Some(Step::Element { element, next }) => {
                self.state = next;
                return Child::Declared(element);
            }
            Some(Step::Any { process, next }) => {
                self.state = next;
                return wild(schema, process, new.name);
            }
            None => {}
        }
        let is_new = |gap: &Option<usize>| {
            let element = gap.and_then(|element| schema.element(element));
            element.is_some_and(|element| element.name == new.name)
        };
        if let Some(faults) = &mut self.faults
            && let Some(index) = faults.gaps.iter().position(is_new)
            && let Some(element) = faults.gaps.remove(index)
        {
            return misplaced(new, element, report);
        }
        if let Some((skipped, Step::Element { element, next })) = model.ahead(self.state, new.name)
        {
            // What was skipped may still come, in the wrong place; if not, it is missing.
            if !skipped.is_empty() {
                let gaps = &mut self.faults.get_or_insert_default().gaps;
                let room = GAPS_MAX.saturating_sub(gaps.len());
                gaps.extend(skipped.into_iter().take(room));
            }
            self.state = next;
            return Child::Declared(element);
        }
        if let Some(element) = model.declaration(new.name) {
            let position = report.path.depth().checked_sub(1);
            let position = position.and_then(|depth| report.path.step(depth));
            return match position {
                Some((_, position)) if position > 1 => repeated(new, report),
                _ => misplaced(new, element, report),
            };
        }
        let expected: Vec<usize> = model.expected(self.state).collect();
        let meant = meant(schema, new, &expected, report);
        if let Some(name) = meant
            .and_then(|element| schema.element(element))
            .map(|known| known.name)
            && let Some(Step::Element { next, .. }) = model.step(self.state, name)
        {
            let faults = self.faults.get_or_insert_default();
            faults.before_guess.get_or_insert(self.state);
            self.state = next;
        }
        unexpected(schema, new, &expected, meant, report)
    }
}

/// The element among `allowed` whose name differs by case or namespace only, or by a slip of the
/// hand. A name that the schema knows elsewhere is no such slip.
fn meant(
    schema: &Compiled,
    new: Newcomer<'_>,
    allowed: &[usize],
    report: &Report<'_, '_>,
) -> Option<usize> {
    let names = allowed.iter().map(|element| schema.element_name(*element));
    let name = same_but_for_case(new.local, names).or_else(|| {
        if report.findings.is_full() || schema.names.number(new.local).is_some() {
            return None;
        }
        let known = allowed
            .iter()
            .filter_map(|element| schema.element(*element));
        let known = known.filter(|known| known.name.namespace == new.name.namespace);
        nearest(
            new.local,
            known.map(|known| schema.names.name(known.name.name)),
        )
    })?;
    allowed
        .iter()
        .copied()
        .find(|element| schema.element_name(*element) == name)
}

fn unexpected(
    schema: &Compiled,
    new: Newcomer<'_>,
    allowed: &[usize],
    meant: Option<usize>,
    report: &mut Report<'_, '_>,
) -> Child {
    let name = shorten(new.local);
    let is_foreign = schema.namespace_number(new.uri) != schema.root_namespace();
    let of = if is_foreign && new.uri.is_empty() {
        " in no namespace".to_owned()
    } else if is_foreign {
        format!(" in namespace '{}'", shorten(new.uri))
    } else {
        String::new()
    };
    let message = format!(
        "Element '{name}'{of} is not expected in element '{}'.",
        report.parent()
    );
    let help = match meant.map(|element| schema.element_name(element)) {
        Some(meant) if meant == new.local => "Its namespace is wrong.".to_owned(),
        Some(meant) => format!("Perhaps '{meant}' was meant."),
        None => String::new(),
    };
    let more = Finding {
        value: Some(name),
        expected: Some(one_of(schema, allowed.iter().copied())),
        help: help.into(),
        ..blank()
    };
    report.add("S02-unexpected-element", new.at, message, more);
    // What is in a misspelt element is held against the one that was meant.
    meant
        .filter(|element| {
            schema.element(*element).is_some_and(|element| {
                element.name.namespace == new.name.namespace && !element.is_abstract
            })
        })
        .map_or(Child::Skipped, Child::Declared)
}

fn repeated(new: Newcomer<'_>, report: &mut Report<'_, '_>) -> Child {
    let parent = report.parent();
    let message = format!(
        "Element '{}' stands too often in element '{parent}'.",
        new.local
    );
    let more = Finding {
        value: Some(shorten(new.local)),
        expected: Some(format!("element '{}' not again", new.local)),
        help: "Remove all but one.".into(),
        ..blank()
    };
    report.add("S02-repeated", new.at, message, more);
    Child::Skipped
}

fn misplaced(new: Newcomer<'_>, element: usize, report: &mut Report<'_, '_>) -> Child {
    let parent = report.parent();
    let message = format!(
        "Element '{}' stands in the wrong place in element '{parent}'.",
        new.local
    );
    let more = Finding {
        value: Some(shorten(new.local)),
        expected: Some("the order that the schema gives".to_owned()),
        help: "The order of elements counts here: move it further up.".into(),
        ..blank()
    };
    report.add("S02-misplaced", new.at, message, more);
    Child::Declared(element)
}
