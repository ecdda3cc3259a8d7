//! The terms of plain filters, and their values for a record.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Arc;

use jaq_core::ops::Cmp;
use jaq_json::Num;

use super::seen::{Seen, Sight, Stop, decode};
use crate::json::Json;
use crate::pointer::Pointer;
use crate::record::Record;
use crate::rule::pattern::Pattern;

/// A term with exactly one result.
pub(super) enum Plain {
    Null,
    Bool(bool),
    Int(isize),
    Float(f64),
    Text(Arc<[u8]>),
    /// The input: the record, what stands before a bar, or an element of an array.
    Here,
    /// The member of what a term comes to.
    Member(Box<Plain>, Arc<Name>),
    /// The element of what a term comes to, from the end if the number is negative.
    Element(Box<Plain>, isize),
    /// The second, with the first as its input.
    Piped(Box<Plain>, Box<Plain>),
    Not(Box<Plain>),
    And(Box<Plain>, Box<Plain>),
    Or(Box<Plain>, Box<Plain>),
    Alternative(Box<Plain>, Box<Plain>),
    If(Box<Plain>, Box<Plain>, Box<Plain>),
    Compare(Cmp, Box<Plain>, Box<Plain>),
    Length(Box<Plain>),
    Test(Arc<Pattern>, Box<Plain>),
    Find(Place, Arc<[u8]>, Box<Plain>),
    /// The truth of the second for any result of the first.
    Any(Box<Many>, Box<Plain>),
    /// The truth of the second for all results of the first.
    All(Box<Many>, Box<Plain>),
    /// The number of results.
    Count(Box<Many>),
}

/// A term with any number of results.
pub(super) enum Many {
    One(Plain),
    /// The elements of what a term comes to; `true` where what can have none may have none.
    Elements(Plain, bool),
    /// The results of the second for each of the first.
    Through(Box<Many>, Box<Many>),
    /// The results of the first, and then those of the second.
    Both(Box<Many>, Box<Many>),
    /// The input, where the term is true for it.
    Selected(Plain),
    Nothing,
}

/// The name of a member.
pub(super) struct Name {
    text: String,
    /// From the record.
    pointer: Pointer,
}

impl Name {
    /// A name that direct evaluation can look up. Names with lone surrogates read as others.
    pub(super) fn new(text: String) -> Option<Self> {
        let pointer = Pointer::parse(&format!("/{}", text.replace('~', "~0").replace('/', "~1"))).ok()?;
        (!text.contains('\u{fffd}')).then_some(Self { text, pointer })
    }
}

/// Where a text is looked for in another.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Start,
    End,
    Anywhere,
}

/// What a term is asked about.
#[derive(Clone, Copy)]
struct Scope<'c, 'v> {
    record: &'v Record<'v>,
    here: &'c Seen<'v>,
}

impl<'v> Scope<'_, 'v> {
    fn member(self, of: &Seen<'v>, name: &Name) -> Sight<Seen<'v>> {
        match of {
            // What stages before have changed does not stand in the line.
            Seen::Record if self.record.changes_member(&name.text) => Err(Stop::Unclear),
            Seen::Record => match self.record.look_up(&name.pointer).map(Json::into_spelling) {
                Some(Cow::Borrowed(found)) => Seen::of(found.as_bytes()),
                Some(Cow::Owned(_)) => Err(Stop::Unclear),
                None => Ok(Seen::Null),
            },
            of => of.member(name.text.as_bytes()),
        }
    }
}

impl Plain {
    /// The term with another as its input.
    pub(super) fn of(self, input: Self) -> Self {
        match self {
            Self::Here => input,
            Self::Member(of, name) if of.is_here() => Self::Member(Box::new(input), name),
            Self::Element(of, position) if of.is_here() => Self::Element(Box::new(input), position),
            Self::Length(of) if of.is_here() => Self::Length(Box::new(input)),
            Self::Test(pattern, of) if of.is_here() => Self::Test(pattern, Box::new(input)),
            Self::Find(place, part, of) if of.is_here() => Self::Find(place, part, Box::new(input)),
            other => Self::Piped(Box::new(input), Box::new(other)),
        }
    }

    fn is_here(&self) -> bool {
        matches!(self, Self::Here)
    }

    fn run<'v>(&'v self, scope: Scope<'_, 'v>) -> Sight<Seen<'v>> {
        Ok(match self {
            Self::Null => Seen::Null,
            Self::Bool(value) => Seen::Bool(*value),
            Self::Int(number) => Seen::Number(Num::Int(*number)),
            Self::Float(number) => Seen::Number(Num::Float(*number)),
            Self::Text(text) => Seen::text_of(text),
            Self::Here => scope.here.clone(),
            Self::Member(of, name) => scope.member(&of.run(scope)?, name)?,
            Self::Element(of, position) => of.run(scope)?.element(*position)?,
            Self::Piped(first, second) => {
                let here = first.run(scope)?;
                second.run(Scope { here: &here, ..scope })?
            }
            Self::Alternative(left, right) => match left.run(scope).map_err(unclear)? {
                left if left.is_true() => left,
                _ => right.run(scope)?,
            },
            Self::If(condition, then, otherwise) => {
                if condition.is_true(scope)? {
                    then.run(scope)?
                } else {
                    otherwise.run(scope)?
                }
            }
            Self::Length(of) => Seen::Number(of.run(scope)?.length()?),
            Self::Count(over) => {
                let mut count = 0;
                let _ = over.each(scope, &mut |_| {
                    count += 1;
                    Ok(ControlFlow::Continue(()))
                })?;
                Seen::Number(Num::Int(count))
            }
            _ => Seen::Bool(self.is_so(scope)?),
        })
    }

    fn is_true(&self, scope: Scope<'_, '_>) -> Sight<bool> {
        self.run(scope).map(|seen| seen.is_true())
    }

    /// What a term comes to whose result is a boolean.
    fn is_so(&self, scope: Scope<'_, '_>) -> Sight<bool> {
        Ok(match self {
            Self::Not(inner) => !inner.is_true(scope)?,
            Self::And(left, right) => left.is_true(scope)? && right.is_true(scope)?,
            Self::Or(left, right) => left.is_true(scope)? || right.is_true(scope)?,
            // Which of the two fails first is for jaq to say.
            Self::Compare(how, left, right) => {
                left.run(scope).map_err(unclear)?.compare(*how, &right.run(scope).map_err(unclear)?)?
            }
            Self::Test(pattern, inner) => match inner.run(scope)? {
                Seen::Null => return Err(Stop::Fails(UNMATCHED_NULL.to_owned())),
                seen => {
                    let text = seen.text()?;
                    pattern.may_match(text) && pattern.is_match(&decode(text))
                }
            },
            Self::Find(place, part, inner) => {
                let text = inner.run(scope)?.text()?;
                let text = decode(text);
                match place {
                    Place::Start => text.starts_with(part),
                    Place::End => text.ends_with(part),
                    Place::Anywhere => memchr::memmem::find(&text, part).is_some(),
                }
            }
            Self::Any(over, condition) => over.has(scope, condition, true)?,
            Self::All(over, condition) => !over.has(scope, condition, false)?,
            _ => return Err(Stop::Unclear),
        })
    }
}

/// The error of `test` for null, in the words that it has in jaq.
const UNMATCHED_NULL: &str = "null cannot be matched, as it is not a string";

fn unclear(_: Stop) -> Stop {
    Stop::Unclear
}

/// What is done with each result; it may say that it wants no more.
type Visit<'f, 'v> = &'f mut dyn FnMut(Seen<'v>) -> Sight<ControlFlow<()>>;

impl Many {
    /// The first result for a record.
    pub(super) fn first<'v>(&'v self, record: &'v Record<'v>) -> Sight<Option<Seen<'v>>> {
        let mut first = None;
        let _ = self.each(Scope { record, here: &Seen::Record }, &mut |seen| {
            first = Some(seen);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(first)
    }

    /// The condition is as true as `wanted` for one of the results. What stands behind the first such is not looked at.
    fn has(&self, scope: Scope<'_, '_>, condition: &Plain, wanted: bool) -> Sight<bool> {
        let found = self.each(scope, &mut |seen| {
            let is_true = condition.is_true(Scope { here: &seen, ..scope })?;
            Ok(if is_true == wanted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(found.is_break())
    }

    fn each<'v>(&'v self, scope: Scope<'_, 'v>, visit: Visit<'_, 'v>) -> Sight<ControlFlow<()>> {
        match self {
            Self::One(one) => visit(one.run(scope)?),
            Self::Elements(of, is_optional) => {
                for element in of.run(scope)?.elements(*is_optional)? {
                    if visit(element?)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Ok(ControlFlow::Continue(()))
            }
            Self::Through(first, second) => first.each(scope, &mut |seen| second.each(Scope { here: &seen, ..scope }, visit)),
            Self::Both(first, second) => match first.each(scope, visit)? {
                ControlFlow::Break(()) => Ok(ControlFlow::Break(())),
                ControlFlow::Continue(()) => second.each(scope, visit),
            },
            Self::Selected(condition) if condition.is_true(scope)? => visit(scope.here.clone()),
            Self::Selected(_) | Self::Nothing => Ok(ControlFlow::Continue(())),
        }
    }
}
