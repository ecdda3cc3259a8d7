//! Looking up a JSON Pointer in a record's bytes gives what `serde_json` gives for the parsed value.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Record, Wanted};
use crate::pointer::Pointer;

/// Names that pointers have to escape, that look like positions, or that JSON has to escape.
fn name() -> impl Strategy<Value = String> {
    let awkward = ["", "a", "b", "0", "1", "01", "-", "a/b", "m~n", "~1", "é", "\"", "\\", "\n", "provenance"];
    prop::sample::select(awkward.to_vec()).prop_map(String::from)
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![prop::collection::vec(inner.clone(), 0..12).prop_map(Value::from), object(inner).prop_map(Value::from)]
    })
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec((name(), value), 0..5).prop_map(|members| members.into_iter().collect())
}

/// A record, whose provenance is none that is a fault.
fn record() -> impl Strategy<Value = Value> {
    object(value()).prop_map(|mut members| {
        members.entry("provenance").and_modify(|provenance| *provenance = json!({ "a": [1, { "b": "c" }] }));
        Value::from(members)
    })
}

/// Pointers to all values within a value.
fn pointers(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                pointers(value, &format!("{path}/{}", escaped(name)), found);
            }
        }
        Value::Array(elements) => {
            for (position, value) in elements.iter().enumerate() {
                pointers(value, &format!("{path}/{position}"), found);
            }
        }
        _ => {}
    }
}

/// Pointers that lead somewhere in the record, and others that nearly do.
fn pointers_of(record: &Value) -> Vec<String> {
    let mut found = Vec::new();
    pointers(record, "", &mut found);
    let astray = found.iter().flat_map(|path| ["", "/", "/0", "/00", "/-", "/a", "/12"].map(|more| format!("{path}{more}")));
    astray.collect()
}

proptest! {
    #[test]
    fn a_pointer_leads_to_the_same_value_as_in_the_parsed_record(record in record(), is_pretty in any::<bool>(), is_noted in any::<bool>()) {
        let pretty = serde_json::to_string_pretty(&record).expect("values are JSON").replace('\n', "\r");
        let line = if is_pretty { pretty } else { record.to_string() };
        for path in pointers_of(&record) {
            let pointer = Pointer::parse(&path).expect("it is escaped");
            let mut wanted = Wanted::default();
            if is_noted && let Some(Value::Object(members)) = Some(&record) {
                members.keys().for_each(|name| wanted.add(name));
            }
            let parsed = Record::parse_for(line.as_bytes(), &wanted).expect("a record");
            let found = parsed.look_up(&pointer).map(|json| json.spelling().parse::<Value>().expect("a value is JSON"));
            prop_assert_eq!(found.as_ref(), record.pointer(&path), "{} in {}", path, line);
        }
    }
}
