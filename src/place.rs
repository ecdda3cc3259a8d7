//! Ranges of bytes in a line, small enough that a record can hold many.

use std::ops::Range;

/// A place in a line, in bytes from its start. A line of 4 GiB or more has no places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Place {
    /// The place of nothing, at the start of a line. No value is empty, so that this is none of a value.
    pub(crate) const NONE: Self = Self { start: 0, end: 0 };

    /// The place of these bytes of a line that is short enough to have places.
    pub(crate) fn new(bytes: Range<usize>) -> Self {
        let narrow = |position| u32::try_from(position).expect("longer lines were turned down");
        Self { start: narrow(bytes.start), end: narrow(bytes.end) }
    }

    /// The place as a range of bytes.
    #[inline]
    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}
