//! The jq language for filters: jaq's, with our own regular expressions and extra values beside the record, and without access to
//! the environment, other inputs or modules.

use jaq_core::load::parse::Def;
use jaq_core::load::{self, Arena, File, Lexer, Loader, Parser};
use jaq_core::native::{Fun, bome, run, v};
use jaq_core::{Bind, Compiler};

use super::direct::Direct;
use super::error::{Flaw, RuleError};
use super::given::{self, Given};
use super::jq::Jq;
use super::json;
use super::reach::{self, Reach};
use super::regex;

/// A filter that is ready to be run by jaq.
pub(super) type Program = jaq_core::Filter<Jq>;

/// A filter, and what its syntax tree tells of it.
pub(super) struct Compiled {
    pub(super) program: Program,
    pub(super) reach: Reach,
    pub(super) direct: Option<Direct>,
}

/// The language with the definitions that the rules of a run share.
pub(super) struct Language<'d> {
    definitions: Vec<Def<&'d str>>,
    /// The first of the user's definitions.
    first_shared: usize,
}

impl<'d> Language<'d> {
    /// The language with values that are given to each filter, and no definitions of the user's.
    pub(super) fn new(given: &'static [Given]) -> Self {
        let definitions: Vec<_> = own_definitions(given).collect();
        Self { first_shared: definitions.len(), definitions }
    }

    /// Adds definitions, `def NAME: BODY;`, for all filters that are compiled from here on.
    ///
    /// # Errors
    ///
    /// The text does not compile.
    pub(super) fn define(&mut self, text: &'d str) -> Result<(), RuleError> {
        let added = parse(text, |parser| parser.defs()).map_err(|flaw| flaw.in_definition(text))?;
        let count = self.definitions.len();
        self.definitions.extend(added);
        for definition in &self.definitions[count..] {
            regex::check(&definition.body, text, &|name, arity| self.is_redefined(name, arity))
                .map_err(|flaw| flaw.in_definition(text))?;
        }
        self.program(".", text).map(drop).map_err(|flaw| flaw.in_definition(text))
    }

    /// Compiles a filter, and finds out which members of its record it can reach, and whether it is a plain one.
    ///
    /// # Errors
    ///
    /// The filter does not compile, or has a regular expression that does not.
    pub(super) fn compile(&self, filter: &str) -> Result<Compiled, RuleError> {
        let program = self.program(filter, filter).map_err(|flaw| flaw.in_filter(filter))?;
        // A filter that starts with a directive for modules has compiled, but is not a term.
        let Ok(term) = parse(filter, |parser| parser.term()) else {
            return Ok(Compiled { program, reach: Reach::Whole, direct: None });
        };
        regex::check(&term, filter, &|name, arity| self.is_redefined(name, arity)).map_err(|flaw| flaw.in_filter(filter))?;
        let direct = Direct::of(&term, &self.definitions[self.first_shared..]);
        Ok(Compiled { program, reach: reach::of(&term, &self.definitions, &native_arguments), direct })
    }

    /// A definition of the user's stands in the place of the language's own.
    fn is_redefined(&self, name: &str, arity: usize) -> bool {
        let shared = &self.definitions[self.first_shared..];
        shared.iter().any(|definition| definition.name == name && definition.args.len() == arity)
    }

    /// Compiles a filter. Of what is wrong, it tells what stands in `text`, which is the filter or a definition.
    fn program(&self, filter: &str, text: &str) -> Result<Program, Flaw> {
        let arena = Arena::default();
        let main = File { code: filter, path: () };
        let modules = Loader::new(self.definitions.iter().cloned()).load(&arena, main).map_err(|errors| {
            let first = errors.into_iter().next().map(|(file, error)| load_error(file.code, error));
            flaw(text, first)
        })?;
        Compiler::default().with_funs(natives()).compile(modules).map_err(|errors| {
            let first = errors.into_iter().flat_map(|(_, undefined)| undefined).next();
            flaw(text, first.map(|(symbol, kind)| (format!("undefined {}", kind.as_str()), symbol)))
        })
    }
}

/// Definitions of jaq's that ours take the place of.
const REPLACED: &[&str] = &["test", "scan_", "match", "capture", "capture_of_match", "splits", "sub", "gsub", "scan"];

fn own_definitions(given: &'static [Given]) -> impl Iterator<Item = Def<&'static str>> {
    let is_kept =
        |definition: &Def<&str>| !REPLACED.contains(&definition.name) && (definition.name, definition.args.len()) != ("split", 2);
    let of_jaq = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs()).filter(is_kept);
    of_jaq.chain(regex::definitions()).chain(given::definitions(given))
}

/// Natives of jaq's that filters do not get, or get another of.
const WITHOUT: &[&str] = &["env", "fromjson", "matches", "split_matches", "split_"];

fn natives() -> impl Iterator<Item = Fun<Jq>> {
    let of_jaq = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let given = run::<Jq>((given::NATIVE, v(1), |mut cv| {
        let name = cv.0.pop_var();
        bome(Ok((cv.0.data().given)(jaq_std::ValT::as_bytes(&name).unwrap_or_default())))
    }));
    of_jaq.filter(|(name, ..)| !WITHOUT.contains(name)).chain(regex::natives()).chain(json::natives()).chain([given])
}

/// How a native takes its arguments, where there is a native with this name and so many of them.
fn native_arguments(name: &str, arity: usize) -> Option<Box<[Bind]>> {
    natives().find(|(own, arguments, _)| *own == name && arguments.len() == arity).map(|(_, arguments, _)| arguments)
}

/// Parses a text of the jq language as a whole.
fn parse<'t, T: Default>(
    text: &'t str,
    grammar: impl for<'k> FnOnce(&mut Parser<'t, 'k>) -> load::parse::Result<'t, 'k, T>,
) -> Result<T, Flaw> {
    let error = |error| flaw(text, Some(load_error(text, error)));
    let tokens = Lexer::new(text).lex().map_err(|errors| error(load::Error::Lex(errors)))?;
    Parser::new(&tokens).parse(grammar).map_err(|errors| {
        let errors = errors.into_iter();
        let errors = errors.map(|(expected, found)| (expected, load::lex::Token::opt_as_str(found, text)));
        error(load::Error::Parse(errors.collect()))
    })
}

/// What is wrong first when a text is read, and the part of the text where.
fn load_error<'f>(code: &'f str, error: load::Error<&'f str>) -> (String, &'f str) {
    use load::Error;
    let end = &code[code.len()..];
    let found = match error {
        Error::Io(paths) => paths.into_iter().next().map(|(path, why)| (why, path)),
        Error::Lex(errors) => errors.into_iter().next().map(|(expected, rest)| {
            let first = rest.chars().next().map_or(0, char::len_utf8);
            (format!("expected {}", expected.as_str()), &rest[..first])
        }),
        Error::Parse(errors) => {
            errors.into_iter().next().map(|(expected, found)| (format!("expected {}", expected.as_str()), found))
        }
    };
    found.unwrap_or_else(|| ("syntax error".to_owned(), end))
}

fn flaw(text: &str, first: Option<(String, &str)>) -> Flaw {
    let (what, part) = first.unwrap_or_else(|| ("syntax error".to_owned(), &text[text.len()..]));
    // A missing token is found at the end of the text, which jaq may report as text of its own.
    let start = part.as_ptr().addr().checked_sub(text.as_ptr().addr()).filter(|start| start + part.len() <= text.len());
    let place = start.map_or(text.len()..text.len(), |start| start..start + part.len());
    Flaw { what, place }
}
