//! For tests: holds a receipt against the JSON Schema that ships. `tests/it` uses this file too.

use serde_json::Value;

/// The schema that ships.
const SCHEMA: &str = include_str!("../../docs/receipt.schema.json");

/// The schema that ships, taken apart.
pub(crate) fn shipped() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

/// Fails the test unless `receipt` fits the schema.
#[track_caller]
pub(crate) fn assert_fits(receipt: &Value) {
    let mut found = Vec::new();
    faults(&shipped(), receipt, "", &mut found);
    assert!(found.is_empty(), "{found:#?} in {receipt:#}");
}

/// Checks `value` against the part of JSON Schema that `docs/receipt.schema.json` uses; a keyword
/// that it does not know is a failure, so that nothing is passed over.
fn faults(schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let mut fault = |what: String| found.push(format!("{at}: {what}"));
    let Value::Object(keywords) = schema else {
        return fault("the schema is no object".to_owned());
    };
    for (keyword, wanted) in keywords {
        let fits = match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" | "properties" | "items"
            | "$ref" => true,
            "type" => names(wanted)
                .iter()
                .any(|name| has_type(value, name.as_str().unwrap())),
            "const" => value == wanted,
            "enum" => names(wanted).contains(value),
            "required" => value.is_null() || names(wanted).iter().all(|name| has(value, name)),
            "pattern" => value.as_str().is_none_or(|text| {
                regex::Regex::new(wanted.as_str().unwrap())
                    .unwrap()
                    .is_match(text)
            }),
            "minimum" => value.as_u64().is_none_or(|n| n >= wanted.as_u64().unwrap()),
            "maxItems" => value.as_array().unwrap().len() as u64 <= wanted.as_u64().unwrap(),
            other => panic!("{other} is not known to this test"),
        };
        if !fits {
            fault(format!("{value} does not fit {keyword} {wanted}"));
        }
    }
    if let (Some(properties), Some(fields)) = (schema.get("properties"), value.as_object()) {
        for (name, field) in fields {
            let below = format!("{at}/{name}");
            match properties.get(name) {
                Some(schema) => faults(resolved(schema).as_ref(), field, &below, found),
                None => found.push(format!("{below}: the schema does not tell of it")),
            }
        }
    }
    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
        let schema = resolved(schema.get("items").unwrap());
        faults(&schema, item, &format!("{at}/{number}"), found);
    }
}

fn names(value: &Value) -> Vec<Value> {
    value
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![value.clone()])
}

fn has(value: &Value, name: &Value) -> bool {
    value.get(name.as_str().unwrap()).is_some()
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other} is not known to this test"),
    }
}

fn resolved(schema: &Value) -> std::borrow::Cow<'_, Value> {
    let Some(target) = schema.get("$ref") else {
        return std::borrow::Cow::Borrowed(schema);
    };
    let name = target.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
    std::borrow::Cow::Owned(shipped()["$defs"][name].clone())
}
