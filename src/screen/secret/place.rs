//! The strings of a record, one after the other, and the place of each.

use std::fmt;

use super::{LONGEST_SHOWN, shown};
use crate::conversation::cursor::Cursor;
use crate::conversation::spelled::Spelled;

/// The strings of a record, names of members included, in the order of its bytes.
pub(super) struct Strings<'t> {
    cursor: Cursor<'t>,
    /// The objects and arrays around the string that was read last.
    open: Vec<Container<'t>>,
    awaits: Awaits,
}

/// What the cursor stands before.
#[derive(PartialEq, Eq)]
enum Awaits {
    Value,
    /// The next member or element, or the end.
    Next,
}

enum Container<'t> {
    /// With the name of the member that was read last.
    Object(Option<Spelled<'t>>),
    /// With the number of elements up to the one that was read last.
    Array(usize),
}

impl<'t> Strings<'t> {
    pub(super) fn of(record: &'t [u8]) -> Self {
        Self { cursor: Cursor::new(record), open: Vec::new(), awaits: Awaits::Value }
    }

    /// The next string, and where it ends.
    pub(super) fn next_string(&mut self) -> Option<(Spelled<'t>, usize)> {
        loop {
            let string = if self.awaits == Awaits::Value { self.value() } else { self.next_name()? };
            if let Some(string) = string {
                return Some((string, self.cursor.position()));
            }
        }
    }

    /// Reads or enters the value at the cursor, and gives it if it is a string.
    fn value(&mut self) -> Option<Spelled<'t>> {
        self.awaits = Awaits::Next;
        let container = match self.cursor.peek() {
            b'{' => Container::Object(None),
            b'[' => Container::Array(0),
            _ => return self.cursor.value().string(),
        };
        self.cursor.enter();
        self.open.push(container);
        None
    }

    /// Moves to the next value, and gives its name if it is a member's; nothing behind the last value.
    #[expect(clippy::option_option, reason = "there may be no value, and one without a name")]
    fn next_name(&mut self) -> Option<Option<Spelled<'t>>> {
        let (is_there, name) = match self.open.last_mut()? {
            Container::Object(name) => {
                *name = self.cursor.next_member();
                (name.is_some(), *name)
            }
            Container::Array(count) => {
                *count += 1;
                (self.cursor.next_element(), None)
            }
        };
        if is_there {
            self.awaits = Awaits::Value;
        } else {
            self.open.pop();
        }
        Some(name)
    }
}

/// The place of the string that was read last, as a JSON Pointer (RFC 6901). Names that hold a secret are masked.
pub(super) struct Place<'s, 't>(pub(super) &'s Strings<'t>);

impl fmt::Display for Place<'_, '_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // So long a place is of no use to anybody, and would be written again and again.
        let (kept, is_cut) = match self.0.open.split_at_checked(LONGEST_SHOWN) {
            Some((kept, rest)) => (kept, !rest.is_empty()),
            None => (&*self.0.open, false),
        };
        for container in kept {
            match container {
                Container::Array(count) => write!(formatter, "/{}", count - 1)?,
                Container::Object(name) => {
                    let name = name.map(|name| shown(&name.decode())).unwrap_or_default();
                    write!(formatter, "/{}", name.replace('~', "~0").replace('/', "~1"))?;
                }
            }
        }
        formatter.write_str(if is_cut { "/..." } else { "" })
    }
}
