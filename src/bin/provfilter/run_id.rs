//! The unique id of a run, for its reports.

use uuid::Uuid;

/// An id that no other run has: a UUID of version 7 (RFC 9562), so that ids sort by the time at which runs began.
pub(crate) fn new() -> String {
    Uuid::now_v7().to_string()
}
