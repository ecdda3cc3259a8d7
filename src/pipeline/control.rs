//! How a run is watched and ended from outside.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::report::{InputRecord, RunRecord};
use crate::summary::Summary;

/// A handle to a run. Clones are handles to the same run.
#[derive(Debug, Clone, Default)]
pub struct Control {
    interrupted: CancellationToken,
    state: Arc<Mutex<State>>,
}

/// What a run has come to.
#[derive(Debug, Default)]
struct State {
    summary: Summary,
    /// The first inputs, in their order.
    inputs: Vec<InputRecord>,
    /// How many inputs were begun.
    begun: usize,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read.
    pub bytes_in: u64,
    /// Records taken in.
    pub records: u64,
    /// Faults found.
    pub faults: u64,
}

impl Control {
    /// Ends the run early: nothing more is read, and what has been read is finished and written.
    pub fn interrupt(&self) {
        self.interrupted.cancel();
    }

    /// Whether the run was asked to end early.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.is_cancelled()
    }

    /// What has been counted so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        self.lock().summary.clone()
    }

    /// The inputs that were begun so far, the first [`RunRecord::INPUTS_KEPT`] of them, with what was read of each.
    #[must_use]
    pub fn inputs(&self) -> Vec<InputRecord> {
        self.lock().inputs.clone()
    }

    /// How far the run has come. Cheaper than [`Control::summary`].
    #[must_use]
    pub fn progress(&self) -> Progress {
        let summary = &self.lock().summary;
        Progress { bytes_in: summary.bytes_in, records: summary.total, faults: summary.fault_count() }
    }

    /// Counts what was written since `before` as not written, because the output was discarded: records count as dropped, and faulty lines
    /// that were passed through count as rejected.
    pub fn take_back_written(&self, before: &Summary) {
        let mut state = self.lock();
        let summary = &mut state.summary;
        let (written, passed) = (summary.written - before.written, summary.passed - before.passed);
        summary.written = before.written;
        summary.dropped += written;
        summary.passed = before.passed;
        summary.rejected += passed;
        summary.bytes_out = before.bytes_out;
    }

    pub(super) async fn until_interrupted(&self) {
        self.interrupted.cancelled().await;
    }

    /// Lists another input, and gives its number in the run.
    pub(super) fn begin_input(&self, name: &str) -> usize {
        let mut state = self.lock();
        if state.inputs.len() < RunRecord::INPUTS_KEPT {
            state.inputs.push(InputRecord { name: name.to_owned(), lines: 0, bytes: 0, sha256: None });
        }
        state.begun += 1;
        state.begun - 1
    }

    /// Adds the summary of a block of the input of this number.
    pub(super) fn add_block(&self, block: Summary, input: usize) {
        let mut state = self.lock();
        if let Some(input) = state.inputs.get_mut(input) {
            input.lines += block.lines;
            input.bytes += block.bytes_in;
        }
        state.summary += block;
    }

    /// Takes note of the digest of the input of this number, which has been read and worked on to its end.
    pub(super) fn end_input(&self, input: usize, sha256: &str) {
        if let Some(input) = self.lock().inputs.get_mut(input) {
            input.sha256 = Some(sha256.to_owned());
        }
    }

    /// Adds what belongs to no block.
    pub(super) fn add(&self, more: Summary) {
        self.lock().summary += more;
    }

    /// The state is whole whenever the lock is free: adding does not panic.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
