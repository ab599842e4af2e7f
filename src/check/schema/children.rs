//! What becomes of a child, given its parent's type and the children before it.

use crate::check::found::shorten;
use crate::check::schema::model::{Cursor, Model, Step};
use crate::check::schema::report::{Report, blank, one_of};
use crate::check::schema::suggest::same_but_for_case;
use crate::check::schema::wildcard::Process;
use crate::check::schema::{All, Bits, Compiled, Content, Kind, QName};
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
    /// Elements that should have come already, and may yet.
    gaps: Option<Box<Gaps>>,
}

/// Elements that should have come. Rare: what is open is moved for every element, and is small
/// without.
#[derive(Debug, Default)]
struct Gaps(Vec<Option<usize>>);

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
            gaps: None,
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

    fn has_gaps(&self) -> bool {
        self.gaps.as_ref().is_some_and(|gaps| !gaps.0.is_empty())
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
                    if all.required.has(index) && !self.seen.has(index) {
                        report.missing(schema, Some(*element), at);
                    }
                }
            }
            Some(Content::Model(model)) if self.has_gaps() || !model.may_end(self.state) => {
                let gaps = self.gaps.as_ref().map_or(&[][..], |gaps| &gaps.0);
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
                .collect();
            let meant = meant(schema, new, &free);
            if let Some(element) = meant {
                // It stands for the one that was meant: that one is not told as missing too.
                if let Some(index) = all.members.iter().position(|known| *known == element) {
                    self.seen.set(index);
                }
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
        match model.step(self.state, new.name) {
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
        if let Some(gaps) = &mut self.gaps
            && let Some(index) = gaps.0.iter().position(is_new)
            && let Some(element) = gaps.0.remove(index)
        {
            return misplaced(new, element, report);
        }
        if let Some((skipped, Step::Element { element, next })) = model.ahead(self.state, new.name)
        {
            // What was skipped may still come, in the wrong place; if not, it is missing.
            if !skipped.is_empty() {
                let gaps = &mut self.gaps.get_or_insert_default().0;
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
        let meant = meant(schema, new, &expected);
        if let Some(name) = meant
            .and_then(|element| schema.element(element))
            .map(|known| known.name)
            && let Some(Step::Element { next, .. }) = model.step(self.state, name)
        {
            self.state = next;
        }
        unexpected(schema, new, &expected, meant, report)
    }
}

/// The element among `allowed` whose name differs by case or namespace only.
fn meant(schema: &Compiled, new: Newcomer<'_>, allowed: &[usize]) -> Option<usize> {
    let names = allowed.iter().map(|element| schema.element_name(*element));
    let name = same_but_for_case(new.local, names)?;
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
        help,
        ..blank()
    };
    report.add("S02-unexpected-element", new.at, message, more);
    Child::Skipped
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
        help: "Remove all but one.".to_owned(),
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
        help: "The order of elements counts here: move it further up.".to_owned(),
        ..blank()
    };
    report.add("S02-misplaced", new.at, message, more);
    Child::Declared(element)
}
