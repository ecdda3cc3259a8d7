//! Flags into the chain of stages, with the values that they fill in.

use provfilter::layout::Layout;
use provfilter::provenance::Sources;
use provfilter::rule::Rule;
use provfilter::stage::{AllFields, Annotate, Backfill, Chain, Exclude, Validate, Values};
use provfilter::timestamp::{Clock, Notation, Timestamp, Zone};
use provfilter::value::{Alternatives, Batch, Value};

use super::flags::Cli;
use super::usage::UsageError;

/// The stages that the flags ask for, always in the same order.
pub(super) fn chain(cli: &Cli) -> Result<Chain, UsageError> {
    let mut sources = Sources::default();
    for name in &cli.allow_source {
        if name.is_empty() {
            return Err(UsageError::EmptySource);
        }
        sources.allow(name);
    }
    let mut chain = Chain::new();
    if let Some(values) = values(cli, sources.clone())? {
        chain = if cli.backfill { chain.with(Backfill::new(values)) } else { chain.with(Annotate::new(values)) };
    }
    if !cli.exclude.is_empty() {
        let rule = |text: &String| Rule::parse(text).map_err(|why| UsageError::Rule { text: rule_name(text), why });
        let rules = cli.exclude.iter().map(rule).collect::<Result<Vec<_>, _>>()?;
        chain = chain.with(Exclude::new(rules));
    }
    if cli.all_fields {
        chain = chain.with(AllFields::new(cli.assume_tz));
    }
    if cli.validate {
        chain = chain.with(Validate::new(sources));
    }
    Ok(chain)
}

/// What stands before the filter, which the error itself shows.
fn rule_name(text: &str) -> String {
    text.split_once('=').map_or(text, |(reason, _)| reason).to_owned()
}

/// The values to fill provenance with, if any flag asks for that.
fn values(cli: &Cli, sources: Sources) -> Result<Option<Values>, UsageError> {
    let layout = cli.layout.as_deref().and_then(Layout::of_name);
    let of_layout = |values: fn(&Layout) -> &'static [&'static str]| layout.as_ref().map(values).unwrap_or_default();
    let mut source = alternatives("--source", &cli.source, of_layout(|layout| layout.source))?;
    let model = alternatives("--model", &cli.model, of_layout(|layout| layout.model))?;
    let mut session_id = alternatives("--session-id", &cli.session_id, of_layout(|layout| layout.session_id))?;
    let mut timestamp = alternatives("--timestamp", &cli.timestamp, of_layout(|layout| layout.timestamp))?;

    let is_asked_for = [&source, &model, &session_id, &timestamp].into_iter().any(|values| !values.is_empty());
    if !cli.backfill && layout.is_none() && !is_asked_for {
        return Ok(None);
    }
    if cli.backfill {
        set_default(&mut source, || Value::literal("backfill"));
        set_default(&mut session_id, || Value::literal("backfill"));
    }
    // A session or a time alone is filled in alone.
    if cli.backfill || layout.is_some() || !source.is_empty() || !model.is_empty() {
        set_default(&mut timestamp, Value::now);
        if source.is_empty() {
            return Err(UsageError::MissingSource);
        }
        if model.is_empty() {
            return Err(UsageError::MissingModel);
        }
    }
    source.0.iter().try_for_each(|source| check_source(source, &sources))?;
    timestamp.0.iter().try_for_each(|time| check_timestamp(time, cli.assume_tz))?;
    let (zone, others) = (cli.assume_tz, Vec::new());
    Ok(Some(Values { source, model, session_id, timestamp, others, zone, sources }))
}

/// The values that a flag and a layout give: those that look into the record before those that do not, which always resolve, and among
/// each the flag's before the layout's.
fn alternatives(flag: &'static str, texts: &[String], of_layout: &[&str]) -> Result<Alternatives, UsageError> {
    let parse = |text: &str| Value::parse(text).map_err(|why| UsageError::Value { flag, text: text.to_owned(), why });
    let texts = texts.iter().map(String::as_str).chain(of_layout.iter().copied());
    let mut values: Vec<Value> = texts.map(parse).collect::<Result<_, _>>()?;
    values.sort_by_key(|value| !value.looks_into_records());
    Ok(Alternatives(values))
}

fn set_default(alternatives: &mut Alternatives, value: impl FnOnce() -> Value) {
    if alternatives.is_empty() {
        *alternatives = value().into();
    }
}

fn check_source(source: &Value, sources: &Sources) -> Result<(), UsageError> {
    let Some(name) = source.as_literal().filter(|name| !sources.contains(name)) else {
        return Ok(());
    };
    let distance = |allowed: &&str| strsim::damerau_levenshtein(name, allowed);
    let nearest = sources.names().min_by_key(distance).filter(|nearest| distance(nearest) <= 3);
    Err(UsageError::UnknownSource {
        name: name.to_owned(),
        nearest: nearest.map(ToOwned::to_owned),
        allowed: sources.names().map(ToOwned::to_owned).collect(),
    })
}

/// A time that is the same for all records has to be one.
fn check_timestamp(timestamp: &Value, zone: Zone) -> Result<(), UsageError> {
    let sample = timestamp.in_batch(&Batch { now: Clock::System.now(), file: "-" });
    let text = timestamp.to_string();
    match sample.as_literal() {
        Some(time) if Timestamp::read(time, Notation::Text, zone).is_none() && !text.contains("{file}") => {
            Err(UsageError::Timestamp { text })
        }
        _ => Ok(()),
    }
}
