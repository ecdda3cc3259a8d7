//! A record as a value for filters: in its state when they run, and only as far as they can reach it.

use std::rc::Rc;

use jaq_json::{Map, Val};

use super::given::GivenValues;
use super::json::{self, DEEPEST};
use super::memory::Recall;
use super::pattern::Session;
use super::reach::Reach;
use crate::fault::{Code, Fault};
use crate::pointer::Pointer;
use crate::record::Record;

/// A record before the rules of a run, with what they share while they look at it.
pub(super) struct Case<'c, 'r, 's> {
    pub(super) record: &'c Record<'r>,
    pub(super) given: GivenValues<'r>,
    shared: &'c mut Shared<'s>,
    value: Option<Val>,
}

/// What rules share while they look at the records of a batch.
pub(super) struct Shared<'s> {
    pub(super) session: Session<'s>,
    pub(super) subject: Subject,
    pub(super) recall: Recall<'s>,
}

impl<'c, 'r, 's> Case<'c, 'r, 's> {
    /// Puts a record before rules.
    pub(super) fn new(record: &'c Record<'r>, given: GivenValues<'r>, shared: &'c mut Shared<'s>) -> Self {
        Self { record, given, shared, value: None }
    }

    /// What filters share.
    pub(super) fn session(&self) -> &Session<'s> {
        &self.shared.session
    }

    /// An earlier record has the content of this one.
    pub(super) fn is_duplicate(&mut self) -> bool {
        self.shared.recall.is_duplicate(self.given.record())
    }

    /// Asks before a filter is run.
    ///
    /// # Errors
    ///
    /// The record nests deeper than filters take, whether they look at what is deep or not.
    pub(super) fn check_depth(&self) -> Result<(), Fault> {
        match self.record.depth() {
            ..=DEEPEST => Ok(()),
            depth => Err(Fault::new(Code::TooDeep, format!("nested too deep: {depth} levels, but rules take at most {DEEPEST}"))),
        }
    }

    /// The record as a value, built for the first rule that asks for it.
    ///
    /// # Errors
    ///
    /// jaq cannot read the record.
    pub(super) fn value(&mut self) -> Result<Val, Fault> {
        if let Some(value) = &self.value {
            return Ok(value.clone());
        }
        let value = self.shared.subject.value(self.record)?;
        Ok(self.value.insert(value).clone())
    }
}

/// Builds values of records, with memory that is used again for each.
pub(super) struct Subject {
    members: Option<Members>,
    bytes: Vec<u8>,
}

impl Subject {
    pub(super) fn new(reach: &Reach) -> Self {
        let members = match reach {
            Reach::Members(names) => Some(Members::new(names)),
            Reach::Whole => None,
        };
        Self { members, bytes: Vec::new() }
    }

    /// The value of a record that is not too deep.
    ///
    /// # Errors
    ///
    /// jaq cannot read it.
    pub(super) fn value(&mut self, record: &Record<'_>) -> Result<Val, Fault> {
        let value = if let Some(members) = self.members.as_mut().filter(|members| members.can_read(record)) {
            members.value(record, &mut self.bytes)
        } else {
            self.bytes.clear();
            record.write_to(&mut self.bytes);
            json::value(&self.bytes)
        };
        value.map_err(|why| Fault::new(Code::RuleFailed, format!("rules cannot read the record: {why}")))
    }
}

/// The members that the filters of a run can reach.
struct Members {
    wanted: Vec<Member>,
    /// The value of the record before, whose keys and memory are used again.
    object: Rc<Map>,
}

struct Member {
    pointer: Pointer,
    key: Val,
    name: String,
}

impl Members {
    fn new(names: &[String]) -> Self {
        let member = |name: &String| {
            let pointer = Pointer::parse(&format!("/{}", name.replace('~', "~0").replace('/', "~1")));
            let pointer = pointer.expect("the name is escaped");
            Member { pointer, key: Val::utf8_str(name.clone()), name: name.clone() }
        };
        Self { wanted: names.iter().map(member).collect(), object: Rc::default() }
    }

    /// Each member stands in the line, or is the provenance itself. A member with changed provenance in it is put together with the record.
    fn can_read(&self, record: &Record<'_>) -> bool {
        !(record.nests_provenance() && self.wanted.iter().any(|member| record.changes_member(&member.name)))
    }

    /// The object of these members. `bytes` are for what is written on the way.
    fn value(&mut self, record: &Record<'_>, bytes: &mut Vec<u8>) -> Result<Val, jaq_json::read::Error> {
        let object = Rc::make_mut(&mut self.object);
        for Member { pointer, key, name } in &self.wanted {
            let value = if record.changes_member(name) {
                bytes.clear();
                record.provenance().write_to(bytes);
                Some(json::value(bytes)?)
            } else {
                record.look_up(pointer).map(|found| json::value(found.spelling().as_bytes())).transpose()?
            };
            match value {
                None => drop(object.swap_remove(key)),
                Some(value) => match object.get_mut(key) {
                    Some(before) => *before = value,
                    None => drop(object.insert(key.clone(), value)),
                },
            }
        }
        Ok(Val::Obj(Rc::clone(&self.object)))
    }
}
