//! Turns terms of the jq language into plain ones, as far as they are.

use std::sync::Arc;

use jaq_core::load::parse::{BinaryOp, Def, Term};
use jaq_core::path::{Opt, Part};
use jaq_json::Num;

use super::plain::{Many, Name, Place, Plain};
use super::seen::number;
use crate::rule::pattern::Pattern;
use crate::rule::tree::{constant, inner_terms};

/// How many terms a filter may have after the functions in it are written out.
const MOST_TERMS: usize = 64;

/// Reads a filter, which may call the language's own functions, and `shared` ones of the user's.
pub(super) fn read(filter: &Term<&str>, shared: &[Def<&str>]) -> Option<Many> {
    Reader { terms: 0, shared }.many(filter)
}

struct Reader<'t> {
    terms: usize,
    shared: &'t [Def<&'t str>],
}

impl Reader<'_> {
    /// Reads a term with exactly one result.
    fn one(&mut self, term: &Term<&str>) -> Option<Box<Plain>> {
        match self.many(term)? {
            Many::One(one) => Some(Box::new(one)),
            _ => None,
        }
    }

    /// Reads a term with any number of results.
    fn many(&mut self, term: &Term<&str>) -> Option<Many> {
        self.terms += 1;
        if self.terms > MOST_TERMS {
            return None;
        }
        Some(Many::One(match term {
            Term::Id => Plain::Here,
            Term::Num(number) => number_constant(number)?,
            Term::Neg(inner) => match *self.one(inner)? {
                Plain::Int(number) => Plain::Int(number.checked_neg()?),
                Plain::Float(number) => Plain::Float(-number),
                _ => return None,
            },
            Term::Str(..) => Plain::Text(constant(term)?.into_bytes().into()),
            Term::BinOp(left, operator, right) => return self.operator(left, operator, right),
            Term::IfThenElse(cases, otherwise) => self.choice(cases, otherwise.as_deref())?,
            Term::Path(head, path) => {
                let head = self.many(head)?;
                return path.0.iter().try_fold(head, |head, (part, optional)| Some(through(head, step(part, *optional)?)));
            }
            Term::Call(name, arguments) => return self.call(name, arguments),
            _ => return None,
        }))
    }

    fn choice(&mut self, cases: &[(Term<&str>, Term<&str>)], otherwise: Option<&Term<&str>>) -> Option<Plain> {
        let otherwise = otherwise.map_or_else(|| Some(Box::new(Plain::Here)), |otherwise| self.one(otherwise))?;
        let choice = cases.iter().rev().try_fold(otherwise, |otherwise, (condition, then)| {
            Some(Box::new(Plain::If(self.one(condition)?, self.one(then)?, otherwise)))
        });
        choice.map(|choice| *choice)
    }

    fn operator(&mut self, left: &Term<&str>, operator: &BinaryOp<&str>, right: &Term<&str>) -> Option<Many> {
        match operator {
            // The number of results, of which none is kept.
            BinaryOp::Pipe(None) if matches!((left, right), (Term::Arr(Some(_)), Term::Call("length", _))) => {
                return self.number(left, right);
            }
            BinaryOp::Pipe(None) => return Some(through(self.many(left)?, self.many(right)?)),
            BinaryOp::Comma => return Some(Many::Both(Box::new(self.many(left)?), Box::new(self.many(right)?))),
            _ => {}
        }
        let (left, right) = (self.one(left)?, self.one(right)?);
        Some(Many::One(match operator {
            BinaryOp::And => Plain::And(left, right),
            BinaryOp::Or => Plain::Or(left, right),
            BinaryOp::Alt => Plain::Alternative(left, right),
            BinaryOp::Cmp(how) => Plain::Compare(*how, left, right),
            _ => return None,
        }))
    }

    fn number(&mut self, array: &Term<&str>, length: &Term<&str>) -> Option<Many> {
        let Many::One(Plain::Length(_)) = self.many(length)? else { return None };
        let Term::Arr(Some(inside)) = array else { return None };
        Some(Many::One(Plain::Count(Box::new(self.many(inside)?))))
    }

    fn call(&mut self, name: &str, arguments: &[Term<&str>]) -> Option<Many> {
        let is_shared = |definition: &Def<&str>| definition.name == name && definition.args.len() == arguments.len();
        if let Some(at) = self.shared.iter().rposition(is_shared) {
            return self.shared_function(at, arguments);
        }
        let here = || Box::new(Plain::Here);
        let text = |term| constant(term).map(|text| Arc::from(text.into_bytes()));
        Some(Many::One(match (name, arguments) {
            ("empty", []) => return Some(Many::Nothing),
            ("select", [condition]) => return Some(Many::Selected(*self.one(condition)?)),
            ("null", []) => Plain::Null,
            ("true", []) => Plain::Bool(true),
            ("false", []) => Plain::Bool(false),
            ("not", []) => Plain::Not(here()),
            ("length", []) => Plain::Length(here()),
            ("first", []) => Plain::Element(here(), 0),
            ("last", []) => Plain::Element(here(), -1),
            ("any" | "all", _) => self.quantifier(name == "any", arguments)?,
            ("test", [expression]) => Plain::Test(Arc::new(Pattern::new(&constant(expression)?, "").ok()?), here()),
            ("test", [expression, flags]) => {
                Plain::Test(Arc::new(Pattern::new(&constant(expression)?, &constant(flags)?).ok()?), here())
            }
            ("startswith", [start]) => Plain::Find(Place::Start, text(start)?, here()),
            ("endswith", [end]) => Plain::Find(Place::End, text(end)?, here()),
            ("contains", [part]) => Plain::Find(Place::Anywhere, text(part)?, here()),
            _ => return None,
        }))
    }

    /// `any` and `all`, over the elements of the input or over what the first of two arguments yields.
    fn quantifier(&mut self, is_any: bool, arguments: &[Term<&str>]) -> Option<Plain> {
        let elements = || Many::Elements(Plain::Here, false);
        let (over, condition) = match arguments {
            [] => (elements(), Box::new(Plain::Here)),
            [condition] => (elements(), self.one(condition)?),
            [over, condition] => (self.many(over)?, self.one(condition)?),
            _ => return None,
        };
        let over = Box::new(over);
        Some(if is_any { Plain::Any(over, condition) } else { Plain::All(over, condition) })
    }

    fn shared_function(&mut self, at: usize, arguments: &[Term<&str>]) -> Option<Many> {
        let definition = &self.shared[at];
        // The body sees what is defined above it. One that calls itself is not found there, and left to jaq.
        if !arguments.is_empty() || mentions(&definition.body, definition.name) {
            return None;
        }
        let mut above = Reader { terms: self.terms, shared: &self.shared[..at] };
        let body = above.many(&definition.body);
        self.terms = above.terms;
        body
    }
}

/// One step of a path, from where it starts.
fn step(part: &Part<Term<&str>>, optional: Opt) -> Option<Many> {
    Some(match part {
        Part::Index(index) => Many::One(match position(index) {
            Some(position) => Plain::Element(Box::new(Plain::Here), position),
            None => Plain::Member(Box::new(Plain::Here), Arc::new(Name::new(constant(index)?)?)),
        }),
        Part::Range(None, None) => Many::Elements(Plain::Here, matches!(optional, Opt::Optional)),
        Part::Range(..) => return None,
    })
}

/// The position in an array that a term says.
fn position(term: &Term<&str>) -> Option<isize> {
    match term {
        Term::Neg(inner) => position(inner)?.checked_neg(),
        Term::Num(text) => match number(text)? {
            Num::Int(position) => Some(position),
            _ => None,
        },
        _ => None,
    }
}

/// The results of the second for each of the first.
fn through(first: Many, second: Many) -> Many {
    match (first, second) {
        (Many::One(Plain::Here), second) => second,
        (Many::One(first), Many::One(second)) => Many::One(second.of(first)),
        (Many::One(first), Many::Elements(Plain::Here, is_optional)) => Many::Elements(first, is_optional),
        (first, second) => Many::Through(Box::new(first), Box::new(second)),
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
