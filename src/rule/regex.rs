//! Regular expressions for filters: compiled once per run, Unicode as in jq, and checked when the rule is compiled if they are constant.

mod check;

use jaq_core::load::parse::Def;
use jaq_core::native::{Filter, Fun, bome, run, v};
use jaq_core::{Cv, Error, RunPtr, ValT as _};
use jaq_json::Val;
use jaq_std::ValT as _;

pub(super) use check::check;

use super::jq::Jq;
use super::pattern::{Found, Pattern};

/// The functions of the language that take regular expressions.
pub(super) fn definitions() -> impl Iterator<Item = Def<&'static str>> {
    let definitions = jaq_core::load::parse(include_str!("regex.jq"), |parser| parser.defs());
    definitions.expect("our definitions are in the jq language").into_iter()
}

/// The natives that [`definitions`] are built on.
pub(super) fn natives() -> impl Iterator<Item = Fun<Jq>> {
    let natives: [Filter<RunPtr<Jq>>; 4] = [
        ("_regex_test", v(2), |cv| bome(on_text(cv, |pattern, text, _| Val::Bool(pattern.is_match(text))))),
        ("_regex_matches", v(2), |cv| bome(on_text(cv, matches))),
        ("_regex_parts", v(2), |cv| bome(on_text(cv, parts))),
        ("_joined", v(0), |cv| bome(joined(cv.1))),
    ];
    natives.into_iter().map(run::<Jq>)
}

/// Applies an expression, which with its flags is in the arguments, to the input.
fn on_text(mut cv: Cv<'_, Jq>, apply: fn(&Pattern, &[u8], &Val) -> Val) -> Result<Val, Error<Val>> {
    let flags = cv.0.pop_var();
    let expression = cv.0.pop_var();
    let (context, input) = cv;
    let Some(text) = input.as_utf8_bytes() else {
        return Err(Error::str(format_args!("{input} cannot be matched, as it is not a string")));
    };
    let (expression, flags) = match &expression {
        // The expression and its flags may come in an array.
        Val::Arr(both) if matches!(flags, Val::Null) => (both.first(), both.get(1).unwrap_or(&Val::Null)),
        expression => (Some(expression), &flags),
    };
    let Some(expression) = expression.and_then(Val::as_utf8_bytes) else {
        return Err(Error::str("a regular expression must be a string"));
    };
    let flags = match flags {
        Val::Null => &[],
        flags => flags.as_utf8_bytes().ok_or_else(|| Error::str(format_args!("{flags} is not a string of flags")))?,
    };
    let pattern = context.data().session.pattern(expression, flags).map_err(Error::str)?;
    Ok(apply(&pattern, text, &input))
}

/// The matches in a text as an array of objects.
fn matches(pattern: &Pattern, text: &[u8], input: &Val) -> Val {
    let mut characters = Characters::of(text);
    pattern.matches(text).map(|found| object(pattern, &found, input, text, &mut characters)).collect()
}

/// What stands between matches, as strings, and the matches in turn.
fn parts(pattern: &Pattern, text: &[u8], input: &Val) -> Val {
    let mut characters = Characters::of(text);
    let (mut parts, mut end) = (Vec::new(), 0);
    for found in pattern.matches(text) {
        let whole = found.whole();
        parts.push(input.as_sub_str(&text[end..whole.start]));
        end = whole.end;
        parts.push(object(pattern, &found, input, text, &mut characters));
    }
    parts.push(input.as_sub_str(&text[end..]));
    parts.into_iter().collect()
}

/// A match as jq describes it: `{offset, length, string, captures: [{offset, length, string, name}]}`, in characters.
fn object(pattern: &Pattern, found: &Found, input: &Val, text: &[u8], characters: &mut Characters<'_>) -> Val {
    let mut describe = |group: Option<std::ops::Range<usize>>| {
        let (offset, length, string) = match group {
            Some(group) => {
                let (start, end) = (characters.before(group.start), characters.before(group.end));
                (isize::try_from(start).unwrap_or(isize::MAX), end - start, input.as_sub_str(&text[group]))
            }
            None => (-1, 0, Val::Null),
        };
        [("offset", Val::from(offset)), ("length", Val::from(length)), ("string", string)]
            .map(|(key, value)| (key.to_owned().into(), value))
    };
    let whole = describe(Some(found.whole()));
    let captures = found.groups().zip(pattern.names()).map(|(group, name)| {
        let name = name.map_or(Val::Null, |name| Val::from(name.to_owned()));
        Val::obj(describe(group).into_iter().chain([("name".to_owned().into(), name)]).collect())
    });
    let captures: Val = captures.collect();
    Val::obj(whole.into_iter().chain([("captures".to_owned().into(), captures)]).collect())
}

/// Counts characters before places in a text, quickly where the places come in order.
struct Characters<'t> {
    text: &'t [u8],
    at: usize,
    before: usize,
}

impl<'t> Characters<'t> {
    fn of(text: &'t [u8]) -> Self {
        Self { text, at: 0, before: 0 }
    }

    /// How many characters stand before a place, which is given in bytes.
    fn before(&mut self, place: usize) -> usize {
        let count = |bytes: &[u8]| bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        if self.at <= place {
            self.before += count(&self.text[self.at..place]);
        } else {
            self.before -= count(&self.text[place..self.at]);
        }
        self.at = place;
        self.before
    }
}

/// Joins an array of strings; null stands for an empty one.
fn joined(array: Val) -> Result<Val, Error<Val>> {
    let mut text = Vec::new();
    for part in array.values() {
        match part? {
            Val::Null => {}
            part => text.extend_from_slice(
                part.as_utf8_bytes().ok_or_else(|| Error::str(format_args!("{part} cannot be added to a string")))?,
            ),
        }
    }
    Ok(Val::utf8_str(text))
}
