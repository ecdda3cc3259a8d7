//! Syntax trees of the jq language, as far as several modules need them.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Pattern, Term};
use jaq_core::path::Part;

/// The text of a term that is a string without anything put into it.
pub(super) fn constant(term: &Term<&str>) -> Option<String> {
    let Term::Str(None, parts) = term else { return None };
    parts.iter().try_fold(String::new(), |mut text, part| {
        match part {
            StrPart::Str(part) => text.push_str(part),
            StrPart::Char(character) => text.push(*character),
            StrPart::Term(_) => return None,
        }
        Some(text)
    })
}

/// The terms that a term is made of.
pub(super) fn inner_terms<'t>(term: &'t Term<&'t str>) -> Vec<&'t Term<&'t str>> {
    match term {
        Term::Id | Term::Recurse | Term::Num(_) | Term::Arr(None) | Term::Break(_) | Term::Var(_) => Vec::new(),
        Term::Str(_, parts) => parts.iter().filter_map(interpolated).collect(),
        Term::Arr(Some(inner)) | Term::Neg(inner) | Term::Label(_, inner) => vec![inner],
        Term::Obj(entries) => entries.iter().flat_map(|(key, value)| [Some(key), value.as_ref()]).flatten().collect(),
        Term::BinOp(left, operator, right) => {
            let mut terms = vec![&**left, &**right];
            if let BinaryOp::Pipe(Some(binding)) = operator {
                keys(binding, &mut terms);
            }
            terms
        }
        Term::Fold(_, over, binding, steps) => {
            let mut terms: Vec<_> = std::iter::once(&**over).chain(steps).collect();
            keys(binding, &mut terms);
            terms
        }
        Term::TryCatch(tried, caught) => std::iter::once(&**tried).chain(caught.as_deref()).collect(),
        Term::IfThenElse(cases, otherwise) => {
            cases.iter().flat_map(|(condition, then)| [condition, then]).chain(otherwise.as_deref()).collect()
        }
        Term::Def(definitions, inner) => definitions.iter().map(|definition| &definition.body).chain([&**inner]).collect(),
        Term::Call(_, arguments) => arguments.iter().collect(),
        Term::Path(head, path) => {
            let parts = path.0.iter().flat_map(|(part, _)| match part {
                Part::Index(index) => [Some(index), None],
                Part::Range(from, to) => [from.as_ref(), to.as_ref()],
            });
            std::iter::once(&**head).chain(parts.flatten()).collect()
        }
    }
}

fn interpolated<'t>(part: &'t StrPart<&'t str, Term<&'t str>>) -> Option<&'t Term<&'t str>> {
    match part {
        StrPart::Term(term) => Some(term),
        StrPart::Str(_) | StrPart::Char(_) => None,
    }
}

/// Adds the terms that are keys in what binds variables.
fn keys<'t>(binding: &'t Pattern<&'t str>, terms: &mut Vec<&'t Term<&'t str>>) {
    match binding {
        Pattern::Var(_) => {}
        Pattern::Arr(inner) => inner.iter().for_each(|inner| keys(inner, terms)),
        Pattern::Obj(inner) => inner.iter().for_each(|(key, inner)| {
            terms.push(key);
            keys(inner, terms);
        }),
    }
}
