//! Fills in what provenance lacks, from flags and layouts: what annotate and backfill share.

use std::rc::Rc;

use super::Needs;
use crate::escape::Escaped;
use crate::fault::{Code, Fault};
use crate::json::Json;
use crate::provenance::{Field, Prepared, Sources};
use crate::record::Record;
use crate::report::StageRecord;
use crate::summary::{Summary, TimeCounts};
use crate::timestamp::{Notation, Origin, Timestamp, Zone};
use crate::value::{Alternatives, Batch, Value};

/// The values to fill provenance with.
///
/// A record for which no source or model resolves is faulty, and so is one whose source is not allowed. A session or a time that does not
/// resolve, or a time that cannot be read, stays missing. Without values for source and model only the other members are filled, and the
/// record is not approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// For `source`.
    pub source: Alternatives,
    /// For `model`.
    pub model: Alternatives,
    /// For `source_session_id`.
    pub session_id: Alternatives,
    /// For `timestamp`. Times are read as [`Timestamp::read`] does, and written in UTC.
    pub timestamp: Alternatives,
    /// For members of other names, and for `approved`, `excluded` and `exclusion_reason`, in the order in which missing ones are added.
    /// Values for `approved` and `excluded` must be `true` or `false`; others become strings.
    pub others: Vec<(String, Alternatives)>,
    /// The zone of times that have none.
    pub zone: Zone,
    /// The allowed sources.
    pub sources: Sources,
}

impl Values {
    /// Values for a source and a model, with the time of the run as `timestamp` and no session.
    #[must_use]
    pub fn new(source: impl Into<Alternatives>, model: impl Into<Alternatives>) -> Self {
        Self { source: source.into(), model: model.into(), timestamp: Value::now().into(), ..Self::none() }
    }

    /// No values: nothing is filled until some are set.
    #[must_use]
    pub fn none() -> Self {
        Self {
            source: Alternatives::default(),
            model: Alternatives::default(),
            session_id: Alternatives::default(),
            timestamp: Alternatives::default(),
            others: Vec::new(),
            zone: Zone::default(),
            sources: Sources::default(),
        }
    }

    /// What the values look at in records.
    pub(super) fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        for value in self.members().flat_map(|(_, alternatives)| &alternatives.0) {
            value.add_wanted(&mut needs.members);
            needs.line_numbers |= value.needs_line_numbers();
        }
        needs
    }

    /// The members that have alternatives, in the order in which missing ones are added.
    fn members(&self) -> impl Iterator<Item = (&str, &Alternatives)> {
        let fields = [
            (Field::Source.name(), &self.source),
            (Field::Model.name(), &self.model),
            (Field::SourceSessionId.name(), &self.session_id),
            (Field::Timestamp.name(), &self.timestamp),
        ];
        let others = self.others.iter().map(|(name, alternatives)| (name.as_str(), alternatives));
        fields.into_iter().chain(others).filter(|(_, alternatives)| !alternatives.is_empty())
    }

    /// The stage of this name with its values, for the report.
    pub(super) fn describe(&self, name: &str) -> StageRecord {
        let texts = |alternatives: &Alternatives| alternatives.0.iter().map(ToString::to_string).collect();
        let values = self.members().map(|(member, alternatives)| (member.to_owned(), texts(alternatives))).collect();
        StageRecord { name: name.to_owned(), values }
    }

    /// Records that are filled are said to be good, unless they are excluded.
    fn approve(&self) -> bool {
        !self.source.is_empty() || !self.model.is_empty()
    }
}

/// Values made ready for a batch of lines.
pub(super) struct Filler<'v> {
    values: &'v Values,
    candidates: Vec<Candidates<'v>>,
    /// What a record without provenance gets, where that is the same for all of the batch.
    prepared: Option<Rc<Prepared>>,
    /// What the record got that was last filled, until it is accepted.
    pending: Pending,
    /// How many records got what is prepared.
    prepared_count: u64,
    times: TimeCounts,
}

/// What a record was filled with.
#[derive(PartialEq, Eq)]
enum Pending {
    Nothing,
    Prepared,
    /// What each field took is with its candidates.
    Candidates,
}

/// A member, and what it may be filled with, in order.
struct Candidates<'v> {
    name: &'v str,
    /// The field that the member is, unless it is the user's own.
    field: Option<Field>,
    list: Vec<Candidate<'v>>,
    /// Which of them the record took that was last filled.
    pending: Option<(usize, Option<TimeSource>)>,
}

struct Candidate<'v> {
    /// As it was written.
    value: &'v Value,
    resolution: Resolution,
    /// How many records took it.
    taken: u64,
}

/// When a candidate is resolved.
enum Resolution {
    /// It is nothing that the member can have.
    Never,
    /// Once for all records of the batch.
    Once(Content<'static>),
    /// For each record.
    PerRecord(Value),
}

/// What a candidate resolved to.
#[derive(Clone)]
struct Content<'a> {
    /// `None` for a time that cannot be read.
    json: Option<Json<'a>>,
    /// How a time was found.
    time: Option<TimeSource>,
}

#[derive(Clone, Copy)]
enum TimeSource {
    Read,
    Assumed,
    Stamped,
    Unreadable,
}

/// Whether a record's provenance was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Filled,
    Nothing,
}

impl<'v> Filler<'v> {
    pub(super) fn new(values: &'v Values, batch: &Batch<'_>) -> Self {
        let candidates = values.members().map(|(name, alternatives)| Candidates::new(name, alternatives, values.zone, batch));
        let candidates: Vec<_> = candidates.collect();
        let prepared = prepare(&candidates, values).map(Rc::new);
        let times = TimeCounts::default();
        Self { values, candidates, prepared, pending: Pending::Nothing, prepared_count: 0, times }
    }

    /// Fills what the record lacks.
    pub(super) fn fill(&mut self, record: &mut Record<'_>) -> Result<Change, Fault> {
        self.pending = Pending::Nothing;
        if record.provenance().is_empty()
            && let Some(prepared) = &self.prepared
        {
            record.adopt(prepared);
            self.pending = Pending::Prepared;
            return Ok(Change::Filled);
        }
        let change = self.fill_members(record)?;
        self.pending = Pending::Candidates;
        if !self.values.approve() || !record.provenance().is_missing(Field::Approved) {
            return Ok(change);
        }
        let is_excluded = record.provenance().is_set(Field::Excluded);
        record.set(Field::Approved, if is_excluded { Json::FALSE } else { Json::TRUE });
        Ok(Change::Filled)
    }

    fn fill_members(&mut self, record: &mut Record<'_>) -> Result<Change, Fault> {
        let mut change = Change::Nothing;
        for candidates in &mut self.candidates {
            candidates.pending = None;
            if !candidates.are_wanted(record) {
                continue;
            }
            let Some((position, content)) = candidates.find(record, self.values.zone) else {
                candidates.may_stay_missing()?;
                continue;
            };
            if candidates.field == Some(Field::Source) {
                check_source(content.json.as_ref(), &self.values.sources)?;
            }
            candidates.pending = Some((position, content.time));
            if let Some(json) = content.json {
                candidates.set(record, json);
                change = Change::Filled;
            }
        }
        Ok(change)
    }

    /// Counts what the record took that was last filled.
    pub(super) fn accept(&mut self) {
        match self.pending {
            Pending::Nothing => {}
            Pending::Prepared => self.prepared_count += 1,
            Pending::Candidates => {
                for candidates in &mut self.candidates {
                    if let Some((position, time)) = candidates.pending {
                        candidates.list[position].taken += 1;
                        count_time(&mut self.times, time, 1);
                    }
                }
            }
        }
    }

    /// Adds what was counted to the summary.
    pub(super) fn count(&self, summary: &mut Summary) {
        let mut times = self.times;
        for Candidates { name, list, .. } in &self.candidates {
            for (position, candidate) in list.iter().enumerate() {
                let prepared = if position == 0 { self.prepared_count } else { 0 };
                summary.values.add(name, &candidate.value.to_string(), candidate.taken + prepared);
                if let Resolution::Once(content) = &candidate.resolution {
                    count_time(&mut times, content.time, prepared);
                }
            }
        }
        summary.times += times;
    }
}

impl<'v> Candidates<'v> {
    fn new(name: &'v str, alternatives: &'v Alternatives, zone: Zone, batch: &Batch<'_>) -> Self {
        let field = Field::of_name(name);
        let candidate = |value: &'v Value| Candidate { value, resolution: Resolution::new(field, value, zone, batch), taken: 0 };
        Self { name, field, list: alternatives.0.iter().map(candidate).collect(), pending: None }
    }

    /// The record lacks the member.
    fn are_wanted(&self, record: &Record<'_>) -> bool {
        match self.field {
            Some(field) => record.provenance().is_missing(field),
            None => record.provenance().is_missing_named(self.name),
        }
    }

    fn set<'a>(&self, record: &mut Record<'a>, value: Json<'a>) {
        match self.field {
            Some(field) => record.set(field, value),
            None => record.set_named(self.name, value),
        }
    }

    /// The position of the first candidate that resolves, and what to.
    fn find<'a>(&self, record: &Record<'a>, zone: Zone) -> Option<(usize, Content<'a>)> {
        self.list.iter().enumerate().find_map(|(position, candidate)| {
            let content = match &candidate.resolution {
                Resolution::Never => return None,
                Resolution::Once(content) => content.clone(),
                Resolution::PerRecord(value) => {
                    let (json, notation) = value.resolve(record)?;
                    Content::new(self.field, json, notation, zone)?
                }
            };
            Some((position, content))
        })
    }

    /// What every record of the batch takes, if that is the same for all.
    fn constant(&self) -> Option<&Content<'static>> {
        match &self.list.first()?.resolution {
            Resolution::Once(content) => Some(content),
            Resolution::Never | Resolution::PerRecord(_) => None,
        }
    }

    /// Refuses a record without a source or a model.
    fn may_stay_missing(&self) -> Result<(), Fault> {
        if !matches!(self.field, Some(Field::Source | Field::Model)) {
            return Ok(());
        }
        let tried = self.list.iter().map(|candidate| candidate.value.to_string()).collect::<Vec<_>>().join(" or ");
        let tried = Escaped::new(&tried, 200);
        Err(Fault::new(Code::UnresolvedValue, format!("no {}: the record has no value for {tried}", self.name)))
    }
}

impl Resolution {
    fn new(field: Option<Field>, value: &Value, zone: Zone, batch: &Batch<'_>) -> Self {
        let ready = value.in_batch(batch);
        match ready.as_literal() {
            Some(text) if field == Some(Field::Timestamp) && value.is_now() => {
                Self::Once(Content { json: Some(Json::text(text)), time: Some(TimeSource::Stamped) })
            }
            Some(text) => Content::new(field, Json::text(text), Notation::Text, zone).map_or(Self::Never, Self::Once),
            None => Self::PerRecord(ready),
        }
    }
}

impl<'a> Content<'a> {
    /// `None` for what the member cannot have.
    fn new(field: Option<Field>, json: Json<'a>, notation: Notation, zone: Zone) -> Option<Self> {
        match field {
            Some(Field::Timestamp) => Some(Self::time(&json, notation, zone)),
            Some(Field::Approved | Field::Excluded) => {
                let boolean = [Json::TRUE, Json::FALSE].into_iter().find(|boolean| json.is_text(boolean.spelling()))?;
                Some(Self { json: Some(boolean), time: None })
            }
            _ => Some(Self { json: Some(json), time: None }),
        }
    }

    fn time(json: &Json<'_>, notation: Notation, zone: Zone) -> Self {
        let read = json.as_text().and_then(|text| Timestamp::read(&text, notation, zone));
        let Some((time, origin)) = read else {
            return Self { json: None, time: Some(TimeSource::Unreadable) };
        };
        let source = match origin {
            Origin::Stated => TimeSource::Read,
            Origin::Assumed => TimeSource::Assumed,
        };
        Self { json: Some(Json::text(&time.to_string())), time: Some(source) }
    }
}

/// What a record without provenance gets, if that is the same for all of the batch.
fn prepare(candidates: &[Candidates<'_>], values: &Values) -> Option<Prepared> {
    let contents = candidates.iter().map(|own| Some((own.name, own.constant()?))).collect::<Option<Vec<_>>>()?;
    let content =
        |field: Field| contents.iter().find(|(name, _)| *name == field.name()).and_then(|(_, content)| content.json.clone());
    check_source(content(Field::Source).as_ref(), &values.sources).ok()?;
    let is_excluded = content(Field::Excluded) == Some(Json::TRUE);
    let by_default = values.approve() && content(Field::Approved).is_none();
    let approved = by_default.then_some((Field::Approved.name(), if is_excluded { Json::FALSE } else { Json::TRUE }));
    let members = contents.iter().filter_map(|(name, content)| Some((*name, content.json.clone()?)));
    let members: Vec<_> = members.chain(approved).collect();
    (!members.is_empty()).then(|| Prepared::new(members))
}

fn check_source(source: Option<&Json<'_>>, sources: &Sources) -> Result<(), Fault> {
    let Some(name) = source.and_then(Json::as_text).filter(|name| !sources.contains(name)) else {
        return Ok(());
    };
    let allowed = sources.names().collect::<Vec<_>>().join(", ");
    let message = format!("unknown source `{}`: the allowed sources are {allowed}", Escaped::new(&name, 80));
    Err(Fault::new(Code::UnknownSource, message))
}

fn count_time(times: &mut TimeCounts, time: Option<TimeSource>, count: u64) {
    match time {
        Some(TimeSource::Read) => times.read += count,
        Some(TimeSource::Assumed) => times.assumed += count,
        Some(TimeSource::Stamped) => times.stamped += count,
        Some(TimeSource::Unreadable) => times.unreadable += count,
        None => {}
    }
}
