//! Flags into the chain of stages. The values that are filled in are made in `fill`.

use provfilter::provenance::Sources;
use provfilter::rule::Rules;
use provfilter::stage::{AllFields, Annotate, Backfill, Chain, Exclude, Rescreen, Validate};

use super::fill;
use super::flags::Cli;
use super::usage::UsageError;

/// The stages that the flags ask for, always in the same order.
pub(super) fn chain(cli: &Cli, rules: Option<Rules>) -> Result<Chain, UsageError> {
    let mut sources = Sources::default();
    for name in &cli.allow_source {
        if name.is_empty() {
            return Err(UsageError::EmptySource);
        }
        sources.allow(name);
    }
    let mut chain = Chain::new();
    if cli.rescreen {
        chain = chain.with(Rescreen);
    }
    if let Some(values) = fill::values(cli, sources.clone())? {
        chain = if cli.backfill { chain.with(Backfill::new(values)) } else { chain.with(Annotate::new(values)) };
    }
    if let Some(rules) = rules {
        chain = chain.with(Exclude::new(rules));
    }
    if cli.all_fields {
        chain = chain.with(AllFields::new(cli.assume_tz));
    }
    if cli.validate {
        chain = chain.with(Validate::new(sources).requiring(cli.require.clone()));
    }
    Ok(chain.with_provenance_at(cli.member.clone()))
}
