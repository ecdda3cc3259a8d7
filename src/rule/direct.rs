//! Filters of the plainest kind, run on the text of a record without building values for jaq.
//!
//! Most rules compare a member with a constant, or search one with a regular expression. A filter that is put together from such terms,
//! each of which has exactly one result, is answered here; jaq stays the authority. Whatever a term would have to think about (an error, a
//! number beyond a machine's, an array compared with another) has no answer here, and the whole filter is left to jaq.

use std::borrow::Cow;
use std::sync::Arc;

use jaq_core::load::parse::{BinaryOp, Def, Term};
use jaq_core::ops::Cmp;
use jaq_core::path::Part;
use jaq_json::Num;

use super::answer::Answer;
use super::json;
use super::pattern::Pattern;
use super::tree::{constant, inner_terms};
use crate::pointer::Pointer;
use crate::record::Record;

/// How many terms a filter may have after the functions in it are written out.
const MOST_TERMS: usize = 64;

/// A filter that needs no values of jaq's.
pub(super) struct Direct(Plain);

/// A term with exactly one result.
#[derive(Clone)]
enum Plain {
    Null,
    Bool(bool),
    Int(isize),
    Float(f64),
    Text(Arc<[u8]>),
    /// What is found at the end of a path of members from the record; the paths of its beginnings go before. Never empty.
    Member(Vec<Pointer>),
    /// The record itself.
    Record,
    /// The second, after the first was run.
    Behind(Box<Plain>, Box<Plain>),
    Not(Box<Plain>),
    And(Box<Plain>, Box<Plain>),
    Or(Box<Plain>, Box<Plain>),
    Alternative(Box<Plain>, Box<Plain>),
    If(Box<Plain>, Box<Plain>, Box<Plain>),
    Compare(Cmp, Box<Plain>, Box<Plain>),
    Length(Box<Plain>),
    Test(Arc<Pattern>, Box<Plain>),
    Find(Place, Arc<[u8]>, Box<Plain>),
}

/// Where a text is looked for in another.
#[derive(Clone, Copy)]
enum Place {
    Start,
    End,
    Anywhere,
}

/// A result of a term.
enum Seen<'r> {
    Null,
    Bool(bool),
    Number(Num),
    Text(Cow<'r, [u8]>),
    Array,
    Object,
}

impl Direct {
    /// Looks whether a filter is of the plain kind. It may call the language's own functions, and `shared` ones of the user's.
    pub(super) fn of(filter: &Term<&str>, shared: &[Def<&str>]) -> Option<Self> {
        let mut reader = Reader { terms: 0, shared };
        reader.term(filter, &Plain::Record).map(Self)
    }

    /// What the filter says of a record, or nothing where jaq is to say it.
    pub(super) fn run(&self, record: &Record<'_>) -> Option<Answer> {
        Some(match self.0.run(record)? {
            Seen::Null | Seen::Bool(false) => Answer::Passes,
            Seen::Bool(true) => Answer::Matches,
            Seen::Number(_) | Seen::Text(_) | Seen::Array | Seen::Object => Answer::MatchesOddly,
        })
    }
}

/// Functions that look at their input before anything else.
const USING_INPUT: &[&str] = &["not", "length", "test", "startswith", "endswith", "contains"];

/// Turns terms of the jq language into plain ones.
struct Reader<'t> {
    terms: usize,
    shared: &'t [Def<&'t str>],
}

impl Reader<'_> {
    fn term(&mut self, term: &Term<&str>, input: &Plain) -> Option<Plain> {
        self.terms += input.size();
        if self.terms > MOST_TERMS {
            return None;
        }
        match term {
            Term::Id => Some(input.clone()),
            Term::Num(number) => number_constant(number),
            Term::Neg(inner) => match self.term(inner, input)? {
                Plain::Int(number) => number.checked_neg().map(Plain::Int),
                Plain::Float(number) => Some(Plain::Float(-number)),
                _ => None,
            },
            Term::Str(..) => constant(term).map(|text| Plain::Text(text.into_bytes().into())),
            Term::BinOp(left, operator, right) => self.operator(left, operator, right, input),
            Term::IfThenElse(cases, otherwise) => {
                let otherwise =
                    otherwise.as_ref().map_or_else(|| Some(input.clone()), |otherwise| self.term(otherwise, input))?;
                cases.iter().rev().try_fold(otherwise, |otherwise, (condition, then)| {
                    let (condition, then) = (self.boxed(condition, input)?, self.boxed(then, input)?);
                    Some(Plain::If(condition, then, Box::new(otherwise)))
                })
            }
            Term::Path(head, path) => {
                let head = self.term(head, input)?;
                path.0.iter().try_fold(head, |head, (part, _)| match part {
                    Part::Index(name) => head.member(&constant(name)?),
                    Part::Range(..) => None,
                })
            }
            Term::Call(name, arguments) => self.call(name, arguments, input),
            _ => None,
        }
    }

    fn boxed(&mut self, term: &Term<&str>, input: &Plain) -> Option<Box<Plain>> {
        self.term(term, input).map(Box::new)
    }

    fn operator(&mut self, left: &Term<&str>, operator: &BinaryOp<&str>, right: &Term<&str>, input: &Plain) -> Option<Plain> {
        let left = self.boxed(left, input)?;
        if let BinaryOp::Pipe(None) = operator {
            let result = self.term(right, &left)?;
            // What stands before the bar is run, and may fail, even where nothing is made of it.
            let is_run = matches!(right, Term::Call(name, _) if USING_INPUT.contains(name) && !self.is_shared(name));
            return Some(if left.never_fails() || is_run { result } else { Plain::Behind(left, Box::new(result)) });
        }
        let right = self.boxed(right, input)?;
        Some(match operator {
            BinaryOp::And => Plain::And(left, right),
            BinaryOp::Or => Plain::Or(left, right),
            BinaryOp::Alt => Plain::Alternative(left, right),
            BinaryOp::Cmp(how) => Plain::Compare(*how, left, right),
            _ => return None,
        })
    }

    fn is_shared(&self, name: &str) -> bool {
        self.shared.iter().any(|definition| definition.name == name)
    }

    fn call(&mut self, name: &str, arguments: &[Term<&str>], input: &Plain) -> Option<Plain> {
        let is_shared = |definition: &Def<&str>| definition.name == name && definition.args.len() == arguments.len();
        if let Some(at) = self.shared.iter().rposition(is_shared) {
            let definition = &self.shared[at];
            if !arguments.is_empty() {
                return None;
            }
            // The body sees what is defined above it. One that calls itself is not found there, and left to jaq.
            if mentions(&definition.body, name) {
                return None;
            }
            let mut above = Reader { terms: self.terms + 1, shared: &self.shared[..at] };
            let term = above.term(&definition.body, input);
            self.terms = above.terms;
            return term;
        }
        let input = || Box::new(input.clone());
        let text = |term| constant(term).map(|text| Arc::from(text.into_bytes()));
        Some(match (name, arguments) {
            ("null", []) => Plain::Null,
            ("true", []) => Plain::Bool(true),
            ("false", []) => Plain::Bool(false),
            ("not", []) => Plain::Not(input()),
            ("length", []) => Plain::Length(input()),
            ("test", [expression]) => Plain::Test(Arc::new(Pattern::new(&constant(expression)?, "").ok()?), input()),
            ("test", [expression, flags]) => {
                Plain::Test(Arc::new(Pattern::new(&constant(expression)?, &constant(flags)?).ok()?), input())
            }
            ("startswith", [start]) => Plain::Find(Place::Start, text(start)?, input()),
            ("endswith", [end]) => Plain::Find(Place::End, text(end)?, input()),
            ("contains", [part]) => Plain::Find(Place::Anywhere, text(part)?, input()),
            _ => return None,
        })
    }
}

/// The term may call a function with this name.
fn mentions(term: &Term<&str>, name: &str) -> bool {
    matches!(term, Term::Call(own, _) if *own == name) || inner_terms(term).into_iter().any(|inner| mentions(inner, name))
}

/// A number as jaq reads it in a filter: an integer, or a float where it is not written as one.
fn number_constant(text: &str) -> Option<Plain> {
    match number(text)? {
        Num::Int(number) => Some(Plain::Int(number)),
        Num::Float(number) => Some(Plain::Float(number)),
        _ => None,
    }
}

/// A number of JSON, as jaq compares it; nothing for an integer beyond a machine's.
fn number(text: &str) -> Option<Num> {
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        text.parse().ok().map(Num::Int)
    } else {
        text.parse().ok().map(Num::Float)
    }
}

impl Plain {
    fn size(&self) -> usize {
        match self {
            Self::Not(inner) | Self::Length(inner) | Self::Test(_, inner) | Self::Find(_, _, inner) => 1 + inner.size(),
            Self::Behind(left, right)
            | Self::And(left, right)
            | Self::Or(left, right)
            | Self::Alternative(left, right)
            | Self::Compare(_, left, right) => 1 + left.size() + right.size(),
            Self::If(condition, then, otherwise) => 1 + condition.size() + then.size() + otherwise.size(),
            _ => 1,
        }
    }

    fn never_fails(&self) -> bool {
        match self {
            Self::Member(paths) => paths.len() == 1,
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Text(_) | Self::Record => true,
            _ => false,
        }
    }

    /// The member of what the term leads to.
    fn member(self, name: &str) -> Option<Self> {
        let token = name.replace('~', "~0").replace('/', "~1");
        let (mut paths, before) = match self {
            Self::Record => (Vec::new(), String::new()),
            Self::Member(paths) => {
                let last = paths.last().map(ToString::to_string).unwrap_or_default();
                (paths, last)
            }
            _ => return None,
        };
        // Names with lone surrogates read as others.
        if name.contains('\u{fffd}') {
            return None;
        }
        paths.push(Pointer::parse(&format!("{before}/{token}")).ok()?);
        Some(Self::Member(paths))
    }

    fn run<'s, 'r: 's>(&'s self, record: &Record<'r>) -> Option<Seen<'s>> {
        Some(match self {
            Self::Null => Seen::Null,
            Self::Bool(value) => Seen::Bool(*value),
            Self::Int(number) => Seen::Number(Num::Int(*number)),
            Self::Float(number) => Seen::Number(Num::Float(*number)),
            Self::Text(text) => Seen::Text(Cow::Borrowed(text)),
            Self::Record => Seen::Object,
            Self::Member(paths) => member(record, paths)?,
            Self::Behind(first, second) => {
                first.run(record)?;
                second.run(record)?
            }
            Self::Not(inner) => Seen::Bool(!inner.run(record)?.is_true()),
            Self::And(left, right) => Seen::Bool(left.run(record)?.is_true() && right.run(record)?.is_true()),
            Self::Or(left, right) => Seen::Bool(left.run(record)?.is_true() || right.run(record)?.is_true()),
            Self::Alternative(left, right) => match left.run(record)? {
                left if left.is_true() => left,
                _ => right.run(record)?,
            },
            Self::If(condition, then, otherwise) => {
                if condition.run(record)?.is_true() {
                    then.run(record)?
                } else {
                    otherwise.run(record)?
                }
            }
            Self::Compare(how, left, right) => Seen::Bool(left.run(record)?.compare(*how, &right.run(record)?)?),
            Self::Length(inner) => Seen::Number(Num::Int(inner.run(record)?.length()?)),
            Self::Test(pattern, inner) => Seen::Bool(pattern.is_match(inner.run(record)?.text()?)),
            Self::Find(place, part, inner) => {
                let seen = inner.run(record)?;
                let text = seen.text()?;
                Seen::Bool(match place {
                    Place::Start => text.starts_with(part),
                    Place::End => text.ends_with(part),
                    Place::Anywhere => memchr::memmem::find(text, part).is_some(),
                })
            }
        })
    }
}

/// The value at the end of a path. Of what is not there only null may be taken a member of.
fn member<'r>(record: &Record<'r>, paths: &[Pointer]) -> Option<Seen<'r>> {
    let (path, before) = paths.split_last()?;
    // What stages before have changed does not stand in the line.
    if path.tokens().first().is_some_and(|first| record.changes_member(&first.name)) {
        return None;
    }
    if let Some(found) = record.look_up(path) {
        return Seen::of(found.into_spelling());
    }
    for path in before.iter().rev() {
        if let Some(found) = record.look_up(path) {
            return matches!(found.spelling().as_bytes().first(), Some(b'{' | b'n')).then_some(Seen::Null);
        }
    }
    Some(Seen::Null)
}

impl<'r> Seen<'r> {
    /// The value that is spelled in valid JSON.
    fn of(spelling: Cow<'r, str>) -> Option<Self> {
        Some(match spelling.as_bytes() {
            [b'n', ..] => Self::Null,
            [b't', ..] => Self::Bool(true),
            [b'f', ..] => Self::Bool(false),
            [b'[', ..] => Self::Array,
            [b'{', ..] => Self::Object,
            [b'"', inside @ .., b'"'] if memchr::memchr(b'\\', inside).is_none() => Self::Text(match spelling {
                Cow::Borrowed(text) => Cow::Borrowed(&text.as_bytes()[1..text.len() - 1]),
                Cow::Owned(text) => Cow::Owned(text.as_bytes()[1..text.len() - 1].to_vec()),
            }),
            [b'"', inside @ .., b'"'] => Self::Text(Cow::Owned(json::unescaped(inside))),
            _ => Self::Number(number(&spelling)?),
        })
    }

    fn is_true(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }

    /// The place of the value's type in jq's order.
    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Number(_) => 2,
            Self::Text(_) => 3,
            Self::Array => 4,
            Self::Object => 5,
        }
    }

    fn compare(&self, how: Cmp, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Bool(one), Self::Bool(other)) => Some(how.run(one, other)),
            (Self::Number(one), Self::Number(other)) => Some(how.run(one, other)),
            (Self::Text(one), Self::Text(other)) => Some(how.run(one, other)),
            (Self::Array, Self::Array) | (Self::Object, Self::Object) => None,
            _ => Some(how.run(&self.rank(), &other.rank())),
        }
    }

    /// The length, of null or a text.
    fn length(&self) -> Option<isize> {
        match self {
            Self::Null => Some(0),
            Self::Text(text) => text.iter().filter(|byte| **byte & 0xc0 != 0x80).count().try_into().ok(),
            _ => None,
        }
    }

    fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}
