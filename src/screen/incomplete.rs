//! `incomplete`: the record says that its run did not complete.

use super::{Look, Rule};
use crate::conversation::cursor::Value;
use crate::conversation::top::member;

pub(super) const RULE: Rule =
    Rule { name: "incomplete", excludes: "that says its run did not complete", source: "hermes-agent batch_runner.py", find };

fn find(record: &Look<'_>) -> Option<String> {
    let top = record.top();
    if let Some(what) = says(top.completed, top.partial) {
        return Some(what.to_owned());
    }
    let metadata = top.metadata?.object()?;
    let what = says(member(metadata, "completed"), member(metadata, "partial"))?;
    Some(format!("{what} in `metadata`"))
}

fn says(completed: Option<Value<'_>>, partial: Option<Value<'_>>) -> Option<&'static str> {
    if completed == Some(Value::Other(b"false")) {
        Some("`completed` is false")
    } else if partial == Some(Value::Other(b"true")) {
        Some("`partial` is true")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::check;

    #[test]
    fn a_run_that_says_so_is_incomplete() {
        let turned_down = [
            (r#"{"completed":false}"#, "`completed` is false"),
            (r#"{"completed":true,"partial" : true }"#, "`partial` is true"),
            (r#"{"metadata":{"completed":false}}"#, "`completed` is false in `metadata`"),
            (r#"{"completed":true,"metadata":{"partial":true}}"#, "`partial` is true in `metadata`"),
            (r#"{"completed":true,"c\u006fmpleted":false}"#, "`completed` is false"),
        ];
        let passed = [
            "{}",
            r#"{"completed":true,"partial":false,"metadata":{"completed":true,"partial":false}}"#,
            r#"{"completed":null,"partial":"true","metadata":[{"completed":false}]}"#,
            r#"{"completed":"false","partial":1}"#,
            r#"{"completed":false,"completed":true}"#,
            r#"{"other":{"completed":false}}"#,
        ];
        check(&RULE, &turned_down, &passed);
    }
}
