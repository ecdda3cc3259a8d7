//! Finds the constant regular expressions in a filter, so that a wrong one is reported before any record is read.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::Term;

use crate::rule::error::Flaw;
use crate::rule::pattern::Pattern;
use crate::rule::tree::{constant, inner_terms};

/// Checks the expressions in a term of `text`. Functions that `is_redefined` names, with their arity, are not the language's own.
///
/// # Errors
///
/// The first expression that does not compile.
pub(in crate::rule) fn check(term: &Term<&str>, text: &str, is_redefined: &dyn Fn(&str, usize) -> bool) -> Result<(), Flaw> {
    let check_inner = |is_redefined: &dyn Fn(&str, usize) -> bool| {
        inner_terms(term).into_iter().try_for_each(|inner| check(inner, text, is_redefined))
    };
    match term {
        Term::Call(name, arguments) if !is_redefined(name, arguments.len()) => {
            call(name, arguments, text)?;
            check_inner(is_redefined)
        }
        Term::Def(definitions, _) => check_inner(&|name, arity| {
            let is_local = definitions.iter().any(|local| local.name == name && local.args.len() == arity);
            is_local || is_redefined(name, arity)
        }),
        _ => check_inner(is_redefined),
    }
}

fn call(name: &str, arguments: &[Term<&str>], text: &str) -> Result<(), Flaw> {
    let (expression, flags) = match (name, arguments) {
        ("test" | "match" | "capture" | "scan" | "splits", [expression]) | ("sub" | "gsub", [expression, _]) => {
            (expression, None)
        }
        ("test" | "match" | "capture" | "scan" | "split" | "splits", [expression, flags])
        | ("sub" | "gsub", [expression, _, flags]) => (expression, Some(flags)),
        _ => return Ok(()),
    };
    let Some(constant_expression) = constant(expression) else { return Ok(()) };
    let is_null = |flags: &Term<&str>| matches!(flags, Term::Call("null", arguments) if arguments.is_empty());
    let constant_flags = match flags {
        None => Some(String::new()),
        Some(flags) if is_null(flags) => Some(String::new()),
        Some(flags) => constant(flags),
    };
    // Without known flags the expression is checked as it stands.
    let flags_known = constant_flags.unwrap_or_default();
    let at = |term| literal(term, text).unwrap_or_else(|| jaq_core::load::span(text, name));
    if let (Err(what), Some(flags)) = (Pattern::new("", &flags_known), flags) {
        return Err(Flaw { what, place: at(flags) });
    }
    Pattern::new(&constant_expression, &flags_known).map(drop).map_err(|what| Flaw { what, place: at(expression) })
}

/// Where a string stands in the text, with its quotes. Nothing for one of nothing but escapes, which leaves no trace of its place.
fn literal(term: &Term<&str>, text: &str) -> Option<std::ops::Range<usize>> {
    let Term::Str(_, parts) = term else { return None };
    let mut pieces = parts.iter().filter_map(|part| match part {
        StrPart::Str(piece) => Some(jaq_core::load::span(text, piece)),
        StrPart::Char(_) | StrPart::Term(_) => None,
    });
    let first = pieces.next()?;
    let last = pieces.next_back().unwrap_or_else(|| first.clone());
    // Only escapes stand between the pieces and the quotes: a quote among them has a backslash before it, and that has none.
    let is_escaped = |at: usize| text[..at].bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
    let start = text[..first.start].rmatch_indices('"').map(|(at, _)| at).find(|at| !is_escaped(*at))?;
    let end = text[last.end..].match_indices('"').map(|(at, _)| last.end + at).find(|at| !is_escaped(*at))?;
    Some(start..end + 1)
}
