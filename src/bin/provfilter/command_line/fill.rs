//! Turns flags into values for provenance, and finds those that are wrong or probably not what was meant.

use provfilter::layout::Layout;
use provfilter::provenance::{Field, Sources};
use provfilter::stage::Values;
use provfilter::timestamp::{Clock, Notation, Timestamp, Zone};
use provfilter::value::{Alternatives, Batch, Value};

use super::flags::Cli;
use super::usage::UsageError;

/// A value as it was given.
struct Given<'c> {
    /// The flag, with what separates it from the value.
    flag: String,
    text: &'c str,
}

impl<'c> Given<'c> {
    /// What the flag of a field gives, and behind it `--set` for the same member.
    fn for_field(cli: &'c Cli, field: Field) -> Vec<Self> {
        let (flag, texts) = match field {
            Field::Source => ("--source ", &cli.source),
            Field::Model => ("--model ", &cli.model),
            Field::SourceSessionId => ("--session-id ", &cli.session_id),
            Field::Timestamp => ("--timestamp ", &cli.timestamp),
            Field::Approved | Field::Excluded | Field::ExclusionReason => return Self::set(cli, field.name()).collect(),
        };
        let texts = texts.iter().map(|text| Self { flag: flag.to_owned(), text });
        texts.chain(Self::set(cli, field.name())).collect()
    }

    /// What `--set` gives for a member.
    fn set(cli: &'c Cli, name: &'c str) -> impl Iterator<Item = Self> {
        let own = cli.set.iter().filter(move |member| member.name == name);
        own.map(|member| Self { flag: format!("--set {}=", member.name), text: &member.value })
    }

    /// All values that flags give.
    fn all(cli: &'c Cli) -> impl Iterator<Item = Self> {
        let fields = FLAGGED.into_iter().flat_map(|field| Self::for_field(cli, field));
        fields.chain(other_names(cli).into_iter().flat_map(|name| Self::set(cli, name)))
    }

    fn value(&self) -> Result<Value, UsageError> {
        Value::parse(self.text).map_err(|why| UsageError::Value { flag: self.flag.clone(), text: self.text.to_owned(), why })
    }

    fn check_source(&self, source: &Value, sources: &Sources) -> Result<(), UsageError> {
        let Some(name) = source.as_literal().filter(|name| !sources.contains(name)) else {
            return Ok(());
        };
        let distance = |allowed: &&str| strsim::damerau_levenshtein(name, allowed);
        let nearest = sources.names().min_by_key(distance).filter(|nearest| distance(nearest) <= 3);
        Err(UsageError::UnknownSource {
            flag: self.flag.clone(),
            name: name.to_owned(),
            nearest: nearest.map(ToOwned::to_owned),
            allowed: sources.names().map(ToOwned::to_owned).collect(),
        })
    }

    /// A time that is the same for all records has to be one.
    fn check_timestamp(&self, timestamp: &Value, zone: Zone) -> Result<(), UsageError> {
        match constant(timestamp) {
            Some(time) if Timestamp::read(&time, Notation::Text, zone).is_none() => {
                Err(UsageError::Timestamp { flag: self.flag.clone(), text: self.text.to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// A value for `approved` or `excluded` that is the same for all records has to be a boolean.
    fn check_boolean(&self, value: &Value) -> Result<(), UsageError> {
        match constant(value) {
            Some(text) if text != "true" && text != "false" => {
                Err(UsageError::NotBoolean { flag: self.flag.clone(), text: self.text.to_owned() })
            }
            _ => Ok(()),
        }
    }
}

/// The fields that have flags of their own.
const FLAGGED: [Field; 4] = [Field::Source, Field::Model, Field::SourceSessionId, Field::Timestamp];

/// The names of the members that only `--set` gives values for, in the order of the flags.
fn other_names(cli: &Cli) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for member in &cli.set {
        let name = member.name.as_str();
        if !FLAGGED.iter().any(|field| field.name() == name) && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The values to fill provenance with, if any flag asks for that.
pub(super) fn values(cli: &Cli, sources: Sources) -> Result<Option<Values>, UsageError> {
    let layout = cli.layout.as_deref().and_then(Layout::of_name);
    let of_layout = |values: fn(&Layout) -> &'static [&'static str]| layout.as_ref().map(values).unwrap_or_default();
    let of_field = |field, values| {
        alternatives(&Given::for_field(cli, field), of_layout(values), |given, value| match field {
            Field::Source => given.check_source(value, &sources),
            Field::Timestamp => given.check_timestamp(value, cli.assume_tz),
            _ => Ok(()),
        })
    };
    let mut values = Values {
        source: of_field(Field::Source, |layout| layout.source)?,
        model: of_field(Field::Model, |layout| layout.model)?,
        session_id: of_field(Field::SourceSessionId, |layout| layout.session_id)?,
        timestamp: of_field(Field::Timestamp, |layout| layout.timestamp)?,
        others: others(cli)?,
        zone: cli.assume_tz,
        sources,
    };
    let Values { source, model, session_id, timestamp, others, .. } = &mut values;
    let are_given = [&*source, model, session_id, timestamp].into_iter().any(|values| !values.is_empty()) || !others.is_empty();
    if !cli.backfill && layout.is_none() && !are_given {
        return Ok(None);
    }
    if cli.backfill {
        set_default(source, || Value::literal("backfill"));
        set_default(session_id, || Value::literal("backfill"));
    }
    // A session, a time or members of other names alone are filled in alone.
    if cli.backfill || layout.is_some() || !source.is_empty() || !model.is_empty() {
        set_default(timestamp, Value::now);
        if source.is_empty() {
            return Err(UsageError::MissingSource);
        }
        if model.is_empty() {
            return Err(UsageError::MissingModel);
        }
    }
    Ok(Some(values))
}

/// The values for members that only `--set` gives values for.
fn others(cli: &Cli) -> Result<Vec<(String, Alternatives)>, UsageError> {
    let member = |name: &str| {
        let given: Vec<_> = Given::set(cli, name).collect();
        let is_flag = matches!(Field::of_name(name), Some(Field::Approved | Field::Excluded));
        let check = |given: &Given<'_>, value: &Value| if is_flag { given.check_boolean(value) } else { Ok(()) };
        Ok((name.to_owned(), alternatives(&given, &[], check)?))
    };
    other_names(cli).into_iter().map(member).collect()
}

/// The values that flags and a layout give: those that look into the record before those that do not, which always resolve, and among
/// each the flags' before the layout's.
fn alternatives(
    given: &[Given<'_>],
    of_layout: &[&str],
    check: impl Fn(&Given<'_>, &Value) -> Result<(), UsageError>,
) -> Result<Alternatives, UsageError> {
    let of_layout: Vec<_> = of_layout.iter().map(|text| Given { flag: "--layout ".to_owned(), text }).collect();
    let read = |given: &Given<'_>| given.value().and_then(|value| check(given, &value).map(|()| value));
    let mut values = given.iter().chain(&of_layout).map(read).collect::<Result<Vec<_>, _>>()?;
    values.sort_by_key(|value| !value.looks_into_records());
    Ok(Alternatives(values))
}

fn set_default(alternatives: &mut Alternatives, value: impl FnOnce() -> Value) {
    if alternatives.is_empty() {
        *alternatives = value().into();
    }
}

/// The text, if it is the same for all records of all files.
fn constant(value: &Value) -> Option<String> {
    let sample = value.in_batch(&Batch { now: Clock::System.now(), file: "-" });
    sample.as_literal().filter(|_| !value.to_string().contains("{file}")).map(ToOwned::to_owned)
}

/// What is told of values that are written as they stand, and look as if they were meant to name a place in the record.
pub(super) fn notes(cli: &Cli) -> Vec<String> {
    let note = |given: Given<'_>| {
        let value = given.value().ok()?;
        let pointer = pointer_meant(value.as_literal()?)?;
        let (flag, text) = (&given.flag, given.text);
        Some(format!("{flag}{text} is written literally; use {{{pointer}}} to take the value from the record"))
    };
    Given::all(cli).filter_map(note).collect()
}

/// The JSON Pointer to the place that a text names as jq, `JSONPath` or a JSON Pointer without braces would: `.model`, `$.model`,
/// `$model`, `/model`.
fn pointer_meant(text: &str) -> Option<String> {
    let names = |rest: &str| rest.starts_with(|first: char| first.is_alphabetic() || first == '_');
    let is_plain = |character: char| character.is_alphanumeric() || "_-.[]/".contains(character);
    if !text.chars().skip(1).all(is_plain) {
        return None;
    }
    if let Some(rest) = text.strip_prefix('/') {
        return names(rest).then(|| text.to_owned());
    }
    let rest = text.strip_prefix('$').map(|rest| rest.strip_prefix('.').unwrap_or(rest)).or(text.strip_prefix('.'))?;
    names(rest).then(|| format!("/{}", rest.replace(['.', '['], "/").replace(']', "")))
}

#[cfg(test)]
mod tests {
    use super::pointer_meant;

    #[test]
    fn texts_that_name_a_place_in_other_languages_are_found_out() {
        for (text, pointer) in [
            (".model", "/model"),
            ("/model", "/model"),
            ("$model", "/model"),
            ("$.meta.models[0]", "/meta/models/0"),
            (".meta.model_name", "/meta/model_name"),
            ("/models/llama-3.gguf", "/models/llama-3.gguf"),
        ] {
            assert_eq!(pointer_meant(text).as_deref(), Some(pointer), "{text}");
        }
        for text in ["", ".", "/", "$", "$5", ".5", "..", "./model", "hermes4:14b", "meta/model", ".a b", "a.b", "$(model)", "é"]
        {
            assert_eq!(pointer_meant(text), None, "{text}");
        }
    }
}
