//! Rewrites an expression of jq's, which is Oniguruma's in Perl's syntax, as one of the regex crate that means the same.
//!
//! Most of their syntax is the same. What differs: the end of a text, brackets and operators in classes, `[:alpha:]` and its like, braces
//! that are not quantifiers, comments, and quotation. What would silently mean something else is rejected.

use std::iter::Peekable;
use std::str::Chars;

/// An expression, rewritten.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rewritten {
    /// For a text as it is: `$` is its very end.
    pub(super) expression: String,
    /// For a text without the line feed that ends it, where the expression has `$` or `\Z`. There `\z` never matches.
    pub(super) before_line_feed: Option<String>,
}

/// The end of a text or the place before a line feed that ends it, and only the end of a text, while the expression is rewritten: both are
/// characters for private use that are never taken over from an expression as they are.
const SOFT_END: char = '\u{10fffe}';
const HARD_END: char = '\u{10ffff}';
const NEVER: &str = r"[^\s\S]";

/// Rewrites an expression. `extended` says that blanks and comments in it are skipped.
///
/// # Errors
///
/// The expression has something that the regex crate would take for something else.
pub(super) fn rewrite(expression: &str, extended: bool) -> Result<Rewritten, String> {
    let mut rewriter =
        Rewriter { rest: expression.chars().peekable(), extended, out: String::with_capacity(expression.len() + 8) };
    rewriter.all()?;
    let out = rewriter.out;
    let before_line_feed = out.contains(SOFT_END).then(|| out.replace(SOFT_END, r"\z").replace(HARD_END, NEVER));
    Ok(Rewritten { expression: out.replace([SOFT_END, HARD_END], r"\z"), before_line_feed })
}

struct Rewriter<'e> {
    rest: Peekable<Chars<'e>>,
    extended: bool,
    out: String,
}

impl Rewriter<'_> {
    fn all(&mut self) -> Result<(), String> {
        while let Some(character) = self.rest.next() {
            match character {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.group()?,
                '{' => self.brace(),
                '$' => self.out.push(SOFT_END),
                '*' | '+' | '?' => self.quantifier(character)?,
                '#' if self.extended => while self.rest.next_if(|&next| next != '\n').is_some() {},
                SOFT_END | HARD_END => self.character(character),
                _ => self.out.push(character),
            }
        }
        Ok(())
    }

    /// Takes the text if the expression goes on with it.
    fn take(&mut self, text: &str) -> bool {
        let mut rest = self.rest.clone();
        let is_next = text.chars().all(|character| rest.next() == Some(character));
        if is_next {
            self.rest = rest;
        }
        is_next
    }

    /// Writes a character that stands for itself.
    fn character(&mut self, character: char) {
        self.out.extend(["\\x{", &format!("{:x}", u32::from(character)), "}"]);
    }

    fn escape(&mut self) -> Result<(), String> {
        match self.rest.next() {
            Some('Z') => self.out.push(SOFT_END),
            Some('z') => self.out.push(HARD_END),
            Some('R') => self.out.push_str(r"(?:\r\n|[\n-\r\x{85}\x{2028}\x{2029}])"),
            Some('Q') => self.quotation(),
            Some(character @ ('<' | '>')) => self.out.push(character),
            Some('e') => self.out.push_str(r"\x1b"),
            Some('k' | 'g' | '1'..='9') => return Err("back-references are not supported".to_owned()),
            Some('K') => return Err("`\\K` is not supported".to_owned()),
            // Properties are not extended to the other case, as the regex crate does it.
            Some(character @ ('p' | 'P')) => {
                self.out.extend(['(', '?', '-', 'i', ':', '\\', character]);
                self.braces();
                self.out.push(')');
            }
            Some(character) => {
                self.out.extend(['\\', character]);
                if matches!(character, 'x' | 'u' | 'U') {
                    self.braces();
                }
            }
            None => self.out.push('\\'),
        }
        Ok(())
    }

    /// Braces that belong to an escape, such as those of `\x{e9}`, and are no quantifier; or the one character that stands for them.
    fn braces(&mut self) {
        let Some(first) = self.rest.next() else { return };
        self.out.push(first);
        if first == '{' {
            for inner in self.rest.by_ref() {
                self.out.push(inner);
                if inner == '}' {
                    break;
                }
            }
        }
    }

    /// Goes through `\Q...\E`, or to the end.
    fn quotation(&mut self) {
        while !self.take("\\E") {
            let Some(character) = self.rest.next() else { return };
            self.character(character);
        }
    }

    fn group(&mut self) -> Result<(), String> {
        if self.take("?#") {
            while self.rest.next().is_some_and(|next| next != ')') {}
            return Ok(());
        }
        for look in ["?=", "?!", "?<=", "?<!"] {
            if self.take(look) {
                return Err("look-around is not supported".to_owned());
            }
        }
        if self.take("?>") {
            return Err("atomic groups are not supported".to_owned());
        }
        self.out.push('(');
        if self.take("?") {
            self.out.push('?');
        }
        Ok(())
    }

    /// A quantifier, which may be lazy.
    fn quantifier(&mut self, character: char) -> Result<(), String> {
        self.out.push(character);
        if self.take("+") {
            return Err("possessive quantifiers are not supported".to_owned());
        }
        if self.take("?") {
            self.out.push('?');
        }
        Ok(())
    }

    /// A brace, which is a quantifier only as `{3}`, `{3,}`, `{3,5}` or `{,5}`.
    fn brace(&mut self) {
        let inside: String = self.rest.clone().take_while(|&character| character != '}').collect();
        let is_closed = self.rest.clone().nth(inside.chars().count()) == Some('}');
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_quantifier = match inside.split_once(',') {
            Some((from, to)) => is_number(from) && (to.is_empty() || is_number(to)),
            None => is_number(&inside),
        };
        self.out.push_str(if is_closed && is_quantifier { "{" } else { r"\{" });
    }

    /// A class in brackets, of which the first is taken.
    fn class(&mut self) -> Result<(), String> {
        self.out.push('[');
        if self.take("^") {
            self.out.push('^');
        }
        let mut is_first = true;
        while let Some(character) = self.rest.next() {
            match character {
                ']' if !is_first => {
                    self.out.push(']');
                    return Ok(());
                }
                '[' if self.rest.peek() == Some(&':') => self.named_class()?,
                '\\' => match self.rest.next() {
                    Some('b') => self.out.push_str(r"\x08"),
                    Some('e') => self.out.push_str(r"\x1b"),
                    Some(escaped) => self.out.extend(['\\', escaped]),
                    None => self.out.push('\\'),
                },
                '-' if self.rest.peek() == Some(&'-') => {
                    self.rest.next();
                    self.out.push_str(r"-\-");
                }
                // These may be operators, or be skipped, in classes of the regex crate.
                '[' | ']' | '&' | '~' | '#' => self.out.extend(['\\', character]),
                _ if character.is_whitespace() => self.character(character),
                SOFT_END | HARD_END => self.character(character),
                _ => self.out.push(character),
            }
            is_first = false;
        }
        Err("unclosed character class".to_owned())
    }

    /// A class such as `[:alpha:]`, which is one of Unicode in Oniguruma.
    fn named_class(&mut self) -> Result<(), String> {
        let rest: String =
            self.rest.clone().skip(1).take_while(|character| character.is_ascii_alphabetic() || *character == '^').collect();
        if !self.take(&format!(":{rest}:]")) {
            self.out.push_str("\\[");
            return Ok(());
        }
        let (is_negated, name) = rest.strip_prefix('^').map_or((false, &*rest), |name| (true, name));
        let class = match name {
            "alpha" => r"\p{Alphabetic}",
            "digit" => r"\d",
            "alnum" => r"\p{Alphabetic}\d",
            "upper" => r"\p{Uppercase}",
            "lower" => r"\p{Lowercase}",
            "space" => r"\s",
            "blank" => r"\p{Zs}\t",
            "cntrl" => r"\p{Cc}",
            "punct" => r"\p{P}",
            "word" => r"\w",
            "xdigit" => "0-9a-fA-F",
            "ascii" => r"\x00-\x7f",
            "graph" => r"[^\p{White_Space}\p{Cc}\p{Cs}\p{Cn}]",
            "print" => r"[^\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]",
            _ => return Err(format!("`[:{name}:]` is not a class")),
        };
        self.out.extend([if is_negated { "[^" } else { "[" }, class, "]"]);
        Ok(())
    }
}
