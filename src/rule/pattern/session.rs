//! Caches compiled expressions: those of the run in [`Patterns`], which workers share, and in front of it those that a batch has used.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Pattern;

/// How many compiled expressions a run keeps. Expressions that come from records may be without number.
const MOST_KEPT: usize = 256;
/// How many of them a batch keeps at hand.
const MOST_AT_HAND: usize = 32;

/// An expression and its flags.
type Key = (Box<[u8]>, Box<[u8]>);
/// A pattern, or why there is none.
type Compiled = Result<Arc<Pattern>, Arc<str>>;

/// The compiled expressions of a run.
#[derive(Default)]
pub(in crate::rule) struct Patterns(Mutex<HashMap<Key, Compiled>>);

impl Patterns {
    fn get(&self, expression: &[u8], flags: &[u8]) -> Compiled {
        let key: Key = (expression.into(), flags.into());
        // What a thread that panicked leaves behind is whole: a map with or without an entry.
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = lock().get(&key) {
            return kept.clone();
        }
        let compiled = compile(expression, flags);
        let mut kept = lock();
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.entry(key).or_insert(compiled).clone()
    }
}

fn compile(expression: &[u8], flags: &[u8]) -> Compiled {
    let text = |bytes| std::str::from_utf8(bytes).map_err(|_| Arc::from("a regular expression is not UTF-8"));
    Pattern::new(text(expression)?, text(flags)?).map(Arc::new).map_err(Arc::from)
}

/// The compiled expressions that a batch has used.
pub(in crate::rule) struct Session<'p> {
    patterns: &'p Patterns,
    at_hand: RefCell<Vec<(Key, Compiled)>>,
}

impl<'p> Session<'p> {
    pub(in crate::rule) fn new(patterns: &'p Patterns) -> Self {
        Self { patterns, at_hand: RefCell::default() }
    }

    /// The pattern of an expression.
    ///
    /// # Errors
    ///
    /// The expression does not compile, or a flag is unknown.
    pub(in crate::rule) fn pattern(&self, expression: &[u8], flags: &[u8]) -> Compiled {
        let mut at_hand = self.at_hand.borrow_mut();
        let is_wanted = |(key, _): &&(Key, Compiled)| &*key.0 == expression && &*key.1 == flags;
        if let Some((_, compiled)) = at_hand.iter().find(is_wanted) {
            return compiled.clone();
        }
        let compiled = self.patterns.get(expression, flags);
        if at_hand.len() >= MOST_AT_HAND {
            at_hand.clear();
        }
        at_hand.push(((expression.into(), flags.into()), compiled.clone()));
        compiled
    }
}
