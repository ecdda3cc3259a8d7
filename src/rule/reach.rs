//! Which members of its record a filter can reach, by its syntax tree, so that only those are built for it.
//!
//! The walk follows where the record itself may be: as the input of a term, in a variable, or behind an argument of a function. As long as
//! nothing but members with constant names is taken out of it, and nothing is done with it as a whole, these members are all that the
//! filter can tell apart. In every other case the answer is the whole record. Functions that are defined in the jq language, the
//! language's own among them, are walked through like any other term.

use jaq_core::Bind;
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::path::Part;

use super::tree::constant;

/// What a filter can reach of its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reach {
    /// Top-level members with these names, sorted, and nothing else.
    Members(Vec<String>),
    /// Possibly all of it.
    Whole,
}

impl Reach {
    /// What two filters can reach together.
    pub(super) fn and(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Members(mut names), Self::Members(others)) => {
                names.extend_from_slice(others);
                names.sort_unstable();
                names.dedup();
                Self::Members(names)
            }
            _ => Self::Whole,
        }
    }
}

/// How many functions may be entered within each other, and terms be walked through, before a filter is given its whole record.
const MOST_CALLS: usize = 32;
const MOST_TERMS: usize = 10_000;

/// Natives that hand on results of their arguments and do not look at their input.
const HANDING_ON: &[&str] = &["first", "last", "limit", "skip"];
/// Natives that do not look at their input.
const BLIND: &[&str] = &["range", "now", "halt", super::given::NATIVE];

/// How a native takes its arguments, where there is one with this name and so many of them.
pub(super) type Natives<'t> = &'t dyn Fn(&str, usize) -> Option<Box<[Bind]>>;

/// What a filter can reach, which may call the definitions.
pub(super) fn of<'t>(filter: &'t Term<&'t str>, definitions: &'t [Def<&'t str>], natives: Natives<'t>) -> Reach {
    let mut walk = Walk { natives, scopes: Vec::new(), names: Vec::new(), calls: 0, terms: 0, is_bound: false };
    let scope = walk.add_all(definitions, None);
    // That the record itself comes out tells nothing of it: it is an object in any case.
    if walk.term(filter, true, scope).is_err() {
        return Reach::Whole;
    }
    // A name with a lone surrogate is read as one with U+FFFD, but is not looked up as that.
    if walk.names.iter().any(|name| name.contains('\u{fffd}')) {
        return Reach::Whole;
    }
    Reach::Members(Vec::new()).and(&Reach::Members(walk.names))
}

/// The filter may look at more than members with constant names.
struct Unclear;

/// Whether the record itself may be among the results of a term.
type IsRecord = Result<bool, Unclear>;

/// A place in the chain of what is bound, in `Walk::scopes`.
type Scope = Option<usize>;

#[derive(Clone, Copy)]
enum Binding<'t> {
    Variable {
        name: &'t str,
        is_record: bool,
    },
    Function(&'t Def<&'t str>),
    /// An argument that is a filter, which runs in the scope of the call.
    Argument {
        name: &'t str,
        filter: &'t Term<&'t str>,
        scope: Scope,
    },
}

struct Walk<'t> {
    natives: Natives<'t>,
    scopes: Vec<(Binding<'t>, Scope)>,
    names: Vec<String>,
    calls: usize,
    terms: usize,
    /// The record has been bound to a variable.
    is_bound: bool,
}

impl<'t> Walk<'t> {
    /// Binds something in front of a scope.
    fn add(&mut self, binding: Binding<'t>, scope: Scope) -> usize {
        self.scopes.push((binding, scope));
        self.scopes.len() - 1
    }

    fn add_all(&mut self, definitions: &'t [Def<&'t str>], scope: Scope) -> Scope {
        definitions.iter().fold(scope, |scope, definition| Some(self.add(Binding::Function(definition), scope)))
    }

    /// Walks through a term, whose input may be the record or is another value.
    fn term(&mut self, term: &'t Term<&'t str>, input: bool, scope: Scope) -> IsRecord {
        if !input && !self.is_bound {
            return Ok(false);
        }
        self.terms += 1;
        if self.terms > MOST_TERMS {
            return Err(Unclear);
        }
        match term {
            Term::Id => Ok(input),
            Term::Recurse if input => Err(Unclear),
            Term::Recurse | Term::Num(_) | Term::Break(_) => Ok(false),
            Term::Str(_, parts) => self.string(parts, input, scope),
            Term::Arr(inside) => self.parts(inside.as_deref(), input, scope),
            Term::Obj(entries) => self.object(entries, input, scope),
            Term::Neg(inside) => self.parts([&**inside], input, scope),
            Term::BinOp(left, operator, right) => self.operator(left, operator, right, input, scope),
            Term::Label(_, inside) => self.term(inside, input, scope),
            Term::Fold(_, over, pattern, steps) => self.fold(over, pattern, steps, input, scope),
            // What is caught is an error, and none is made of the record as a whole.
            Term::TryCatch(tried, caught) => {
                let is_record = self.term(tried, input, scope)?;
                let caught = caught.as_ref().map_or(Ok(false), |caught| self.term(caught, false, scope))?;
                Ok(is_record || caught)
            }
            Term::IfThenElse(cases, otherwise) => self.choice(cases, otherwise.as_deref(), input, scope),
            Term::Def(definitions, inside) => {
                let scope = self.add_all(definitions, scope);
                self.term(inside, input, scope)
            }
            Term::Call(name, arguments) => self.call(name, arguments, input, scope),
            Term::Var(name) => self.variable(name, scope),
            Term::Path(head, path) => self.path(head, &path.0, input, scope),
        }
    }

    /// Walks through terms whose results become parts of something new.
    fn parts<I: IntoIterator<Item = &'t Term<&'t str>>>(&mut self, terms: I, input: bool, scope: Scope) -> IsRecord {
        for term in terms {
            if self.term(term, input, scope)? {
                return Err(Unclear);
            }
        }
        Ok(false)
    }

    fn string(&mut self, parts: &'t [StrPart<&'t str, Term<&'t str>>], input: bool, scope: Scope) -> IsRecord {
        let terms = parts.iter().filter_map(|part| match part {
            StrPart::Term(term) => Some(term),
            StrPart::Str(_) | StrPart::Char(_) => None,
        });
        self.parts(terms, input, scope)
    }

    fn object(&mut self, entries: &'t [(Term<&'t str>, Option<Term<&'t str>>)], input: bool, scope: Scope) -> IsRecord {
        for (key, value) in entries {
            self.parts([key], input, scope)?;
            match value {
                Some(value) => self.parts([value], input, scope).map(drop)?,
                None if input && !matches!(key, Term::Var(_)) => self.member(key)?,
                None => {}
            }
        }
        Ok(false)
    }

    fn operator(
        &mut self,
        left: &'t Term<&'t str>,
        operator: &'t BinaryOp<&'t str>,
        right: &'t Term<&'t str>,
        input: bool,
        scope: Scope,
    ) -> IsRecord {
        match operator {
            BinaryOp::Pipe(None) => {
                let is_record = self.term(left, input, scope)?;
                self.term(right, is_record, scope)
            }
            BinaryOp::Pipe(Some(pattern)) => {
                let is_record = self.term(left, input, scope)?;
                let inner = self.bind(pattern, is_record, input, scope)?;
                self.term(right, input, inner)
            }
            BinaryOp::Comma | BinaryOp::Alt => {
                let is_record = self.term(left, input, scope)?;
                Ok(self.term(right, input, scope)? || is_record)
            }
            // Only whether they are true is asked.
            BinaryOp::Or | BinaryOp::And => {
                self.term(left, input, scope)?;
                self.term(right, input, scope)?;
                Ok(false)
            }
            BinaryOp::Math(_) | BinaryOp::Cmp(_) => self.parts([left, right], input, scope),
            // The result of an assignment is its input, changed.
            _ if input => Err(Unclear),
            _ => self.parts([left, right], input, scope),
        }
    }

    fn choice(
        &mut self,
        cases: &'t [(Term<&'t str>, Term<&'t str>)],
        otherwise: Option<&'t Term<&'t str>>,
        input: bool,
        scope: Scope,
    ) -> IsRecord {
        let mut is_record = otherwise.map_or(Ok(input), |otherwise| self.term(otherwise, input, scope))?;
        for (condition, then) in cases {
            self.term(condition, input, scope)?;
            is_record |= self.term(then, input, scope)?;
        }
        Ok(is_record)
    }

    fn fold(
        &mut self,
        over: &'t Term<&'t str>,
        pattern: &'t Pattern<&'t str>,
        steps: &'t [Term<&'t str>],
        input: bool,
        scope: Scope,
    ) -> IsRecord {
        let is_record = self.term(over, input, scope)?;
        let inner = self.bind(pattern, is_record, input, scope)?;
        let [initial, steps @ ..] = steps else { return Err(Unclear) };
        let mut state = self.term(initial, input, scope)?;
        // Each step takes the state from the one before, so the record may come into it late.
        for _ in 0..=1 {
            for step in steps {
                state |= self.term(step, state, inner)?;
            }
        }
        Ok(state)
    }

    /// Binds the variables of a pattern to the parts of a value. Its keys are taken from the input.
    fn bind(&mut self, pattern: &'t Pattern<&'t str>, is_record: bool, input: bool, scope: Scope) -> Result<Scope, Unclear> {
        match pattern {
            Pattern::Var(name) => {
                self.is_bound |= is_record;
                Ok(Some(self.add(Binding::Variable { name, is_record }, scope)))
            }
            Pattern::Arr(_) if is_record => Err(Unclear),
            Pattern::Arr(inside) => inside.iter().try_fold(scope, |scope, inside| self.bind(inside, false, input, scope)),
            Pattern::Obj(inside) => inside.iter().try_fold(scope, |scope, (key, inside)| {
                self.parts([key], input, scope)?;
                if is_record {
                    self.member(key)?;
                }
                self.bind(inside, false, input, scope)
            }),
        }
    }

    fn variable(&self, name: &str, scope: Scope) -> IsRecord {
        let mut scope = scope;
        while let Some((binding, next)) = scope.map(|scope| &self.scopes[scope]) {
            match binding {
                Binding::Variable { name: own, is_record } if *own == name => return Ok(*is_record),
                _ => scope = *next,
            }
        }
        Err(Unclear)
    }

    fn path(
        &mut self,
        head: &'t Term<&'t str>,
        path: &'t [(Part<Term<&'t str>>, jaq_core::path::Opt)],
        input: bool,
        scope: Scope,
    ) -> IsRecord {
        for (part, _) in path {
            match part {
                Part::Index(index) => self.parts([index], input, scope)?,
                Part::Range(from, to) => self.parts([from, to].into_iter().flatten(), input, scope)?,
            };
        }
        let is_record = self.term(head, input, scope)?;
        match path.first() {
            Some((Part::Index(index), _)) if is_record => self.member(index).map(|()| false),
            Some(_) if is_record => Err(Unclear),
            Some(_) => Ok(false),
            None => Ok(is_record),
        }
    }

    /// Takes a member out of the record.
    fn member(&mut self, name: &Term<&str>) -> Result<(), Unclear> {
        self.names.push(constant(name).ok_or(Unclear)?);
        Ok(())
    }

    fn call(&mut self, name: &'t str, arguments: &'t [Term<&'t str>], input: bool, scope: Scope) -> IsRecord {
        let mut place = scope;
        while let Some(at) = place {
            let (binding, next) = self.scopes[at];
            match binding {
                Binding::Argument { name: own, filter, scope } if own == name && arguments.is_empty() => {
                    return self.enter(filter, input, scope);
                }
                Binding::Function(definition) if definition.name == name && definition.args.len() == arguments.len() => {
                    return self.function(definition, next, arguments, input, scope);
                }
                _ => place = next,
            }
        }
        self.native(name, arguments, input, scope)
    }

    /// Calls a function that is defined in the scope `outer`.
    fn function(
        &mut self,
        definition: &'t Def<&'t str>,
        outer: Scope,
        arguments: &'t [Term<&'t str>],
        input: bool,
        scope: Scope,
    ) -> IsRecord {
        let mut inner = outer;
        for (&name, argument) in definition.args.iter().zip(arguments) {
            let binding = if name.starts_with('$') {
                let is_record = self.term(argument, input, scope)?;
                self.is_bound |= is_record;
                Binding::Variable { name, is_record }
            } else {
                Binding::Argument { name, filter: argument, scope }
            };
            inner = Some(self.add(binding, inner));
        }
        let inner = self.add(Binding::Function(definition), inner);
        self.enter(&definition.body, input, Some(inner))
    }

    fn enter(&mut self, body: &'t Term<&'t str>, input: bool, scope: Scope) -> IsRecord {
        self.calls += 1;
        if self.calls > MOST_CALLS {
            return Err(Unclear);
        }
        let is_record = self.term(body, input, scope);
        self.calls -= 1;
        is_record
    }

    fn native(&mut self, name: &str, arguments: &'t [Term<&'t str>], input: bool, scope: Scope) -> IsRecord {
        let binds = (self.natives)(name, arguments.len()).ok_or(Unclear)?;
        let mut is_record = false;
        for (bind, argument) in binds.iter().zip(arguments) {
            match bind {
                Bind::Var(()) => self.parts([argument], input, scope).map(drop)?,
                Bind::Fun(()) => is_record |= self.term(argument, input, scope)?,
            }
        }
        match (name, arguments) {
            _ if HANDING_ON.contains(&name) => Ok(is_record),
            // Others may do anything with what comes out of their arguments.
            _ if is_record => Err(Unclear),
            _ if !input || BLIND.contains(&name) => Ok(false),
            ("has", [member]) => self.member(member).map(|()| false),
            _ => Err(Unclear),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::given::GIVEN;
    use crate::rule::language::Language;

    fn reach(definitions: &'static str, filter: &str) -> Option<String> {
        let mut language = Language::new(GIVEN);
        language.define(definitions).expect("the definitions compile");
        match language.compile(filter).map(|compiled| compiled.reach).expect(filter) {
            Reach::Members(names) => Some(names.join(" ")),
            Reach::Whole => None,
        }
    }

    #[test]
    fn members_with_constant_names_are_all_that_is_reached() {
        for (filter, members) in [
            (".score < 0.5", "score"),
            (".score != null and .score < 0.5", "score"),
            ("true", ""),
            (".a.b[0].c? // .d", "a d"),
            (r#"."a b", .["c"], ."\u0064", (.e)"#, "a b c d e"),
            (".a | .b | ..", "a"),
            (".a[.b:.c]", "a b c"),
            ("[.a, .b] | add > 1", "a b"),
            ("{a, b: .c, \"d\"} | keys", "a c d"),
            ("\"\\(.a)\" | test(\"x\"; \"i\")", "a"),
            ("select(.a) | .b", "a b"),
            ("if .a then .b elif .c then . else empty end", "a b c"),
            ("try .a.b catch .", "a"),
            (". as $r | .a[] | select($r.b == .)", "a b"),
            (". as {a: $x, $b} | $x + $b", "a b"),
            ("any(.a[]; .b) or all(.c[]; . > 1)", "a c"),
            ("def f: .a; def g(x): x | .c; f and g(.b)", "a b"),
            ("def f($x): $x | length; f(.a)", "a"),
            (".a | to_entries | getpath([\"x\"]) | ..", "a"),
            ("reduce .a[] as $x (0; . + $x)", "a"),
            ("reduce .a[] as $x (.; .) | .b", "a b"),
            ("label $out | .a[] | if . then ., break $out else empty end", "a"),
            ("first(.a[], .b) , limit(2; .c[])", "a b c"),
            ("has(\"a\") and .b", "a b"),
            ("-.a, (.b | not)", "a b"),
            (".a as [$x, {y: $z}] | $x + $z", "a"),
            ("isempty(.a[]) | not", "a"),
            ("(.a |= 1)?, .b | ..", ""),
            ("shared", "s"),
            ("of(.t)", "t"),
            (".provenance.model", "provenance"),
        ] {
            let expected = if filter.contains("|=") { None } else { Some(members.to_owned()) };
            assert_eq!(reach("def shared: .s; def of(f): f == 1;", filter), expected, "{filter}");
        }
    }

    #[test]
    fn whatever_looks_at_the_record_as_a_whole_reaches_all_of_it() {
        for filter in [
            "..",
            ".[]",
            ".[.a]",
            "keys",
            "length",
            "to_entries",
            "getpath([\"a\"])",
            "tostring",
            "\"\\(.)\"",
            "[.]",
            "{a: .}",
            ". == {}",
            "del(.a)",
            ".a = 1",
            ".a += .b",
            "error",
            "tojson",
            "path(.a)",
            "has(.a)",
            "add",
            "any",
            "map(.)",
            "first",
            ". as $r | [$r]",
            ". as [$x] | $x",
            "with_entries(.)",
            "walk(.)",
            "paths",
            "def f: .; [f]",
            "def f(g): g | [.]; f(.)",
            "reduce .a as $x (.; [.])",
            "try error catch .",
            ".[\"a\",\"b\"]",
            ". as $r | .a | $r | keys",
            "recurse",
            "limit(1; .) | [.]",
            "@json",
            "@base64 \"\\(.)\"",
            ".\"\\(.a)\"",
            ".\"\u{fffd}\"",
            "def f: f; f",
            "in({})",
            "inside({})",
            "def f($x): $x | keys; f(.)",
        ] {
            assert_eq!(reach("", filter), None, "{filter}");
        }
    }
}
