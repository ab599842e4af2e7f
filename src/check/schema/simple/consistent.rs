//! Do the facets of a type fit those of its base, and each other?

use std::cmp::Ordering;

use crate::check::schema::values::facets::{Bound, Facets};

/// A facet may only narrow what its base allows, and not change what is fixed there.
pub(super) fn narrower(new: &Facets, base: &Facets, name: &str) -> Result<(), String> {
    let is_changed = match name {
        "length" => new.length != base.length,
        "minLength" => new.length_min != base.length_min,
        "maxLength" => new.length_max != base.length_max,
        "totalDigits" => new.digits != base.digits,
        "fractionDigits" => new.fraction != base.fraction,
        "whiteSpace" => new.white != base.white,
        name if name.starts_with("min") => !is_same(new.least.as_deref(), base.least.as_deref()),
        _ => !is_same(new.most.as_deref(), base.most.as_deref()),
    };
    if is_changed && base.fixed.contains(&name) {
        return Err(format!("xs:{name} is fixed in the base and cannot change"));
    }
    let is_less =
        |new: Option<usize>, base: Option<usize>| base.is_some_and(|base| new < Some(base));
    let is_more =
        |new: Option<usize>, base: Option<usize>| base.is_some_and(|base| new > Some(base));
    let is_wider = match name {
        "length" => base.length.is_some() && is_changed,
        "minLength" => is_less(new.length_min, base.length_min),
        "maxLength" => is_more(new.length_max, base.length_max),
        "totalDigits" => is_more(new.digits, base.digits),
        "fractionDigits" => is_more(new.fraction, base.fraction),
        "whiteSpace" => new.white < base.white,
        name => {
            let bound = if name.starts_with("min") {
                &new.least
            } else {
                &new.most
            };
            bound.as_ref().is_some_and(|bound| is_outside(bound, base))
        }
    };
    if !is_wider {
        return Ok(());
    }
    Err(match name {
        "length" => "xs:length differs from that of the base".to_owned(),
        "whiteSpace" => format!(
            "xs:whiteSpace of the base is {}; it can only become stricter",
            base.white.as_str()
        ),
        _ => format!("xs:{name} allows more than the base does"),
    })
}

fn is_same(one: Option<&Bound>, other: Option<&Bound>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => {
            one.is_exclusive == other.is_exclusive
                && one.value.compare(&other.value) == Some(Ordering::Equal)
        }
        (None, None) => true,
        _ => false,
    }
}

/// Does the end of a new range lie outside that of the base?
fn is_outside(new: &Bound, base: &Facets) -> bool {
    let beyond = |end: &Option<Box<Bound>>, side: Ordering| {
        end.as_ref()
            .is_some_and(|end| match new.value.compare(&end.value) {
                // An open end may be named again as an open end.
                Some(Ordering::Equal) => end.is_exclusive && !new.is_exclusive,
                order => order == Some(side),
            })
    };
    beyond(&base.least, Ordering::Less) || beyond(&base.most, Ordering::Greater)
}

/// Do the facets after a step, of which `own` are new, leave room for each other?
pub(super) fn consistent(facets: &Facets, base: &Facets, own: &[&str]) -> Result<(), String> {
    let has = |name| own.contains(&name);
    for (inclusive, exclusive) in [
        ("minInclusive", "minExclusive"),
        ("maxInclusive", "maxExclusive"),
    ] {
        if has(inclusive) && has(exclusive) {
            return Err(format!("xs:{inclusive} and xs:{exclusive} in one step"));
        }
    }
    check_lengths(facets, base, own)?;
    if let (Some(fraction), Some(digits)) = (facets.fraction, facets.digits)
        && fraction > digits
    {
        return Err(format!(
            "xs:fractionDigits {fraction} is more than xs:totalDigits {digits}"
        ));
    }
    if let (Some(least), Some(most)) = (&facets.least, &facets.most) {
        let is_empty = match least.value.compare(&most.value) {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => least.is_exclusive != most.is_exclusive,
            _ => false,
        };
        if is_empty {
            return Err(format!(
                "the range from {} to {} is empty",
                least.text, most.text
            ));
        }
    }
    Ok(())
}

fn check_lengths(facets: &Facets, base: &Facets, own: &[&str]) -> Result<(), String> {
    let has = |name| own.contains(&name);
    if let (Some(least), Some(most)) = (facets.length_min, facets.length_max)
        && least > most
    {
        return Err(format!(
            "xs:minLength {least} is more than xs:maxLength {most}"
        ));
    }
    let Some(length) = facets.length else {
        return Ok(());
    };
    if facets.length_min.is_some_and(|least| least > length)
        || facets.length_max.is_some_and(|most| most < length)
    {
        return Err(format!(
            "xs:length {length} lies outside xs:minLength and xs:maxLength"
        ));
    }
    // Beside a length, a least or greatest one may only come from a base that had none.
    let is_new = |name, new: Option<usize>, base: Option<usize>| has(name) && new != base;
    if is_new("minLength", facets.length_min, base.length_min)
        || is_new("maxLength", facets.length_max, base.length_max)
    {
        return Err("xs:length beside xs:minLength or xs:maxLength".to_owned());
    }
    Ok(())
}
