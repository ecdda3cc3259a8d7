//! How a run is watched and ended from outside, while it goes on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::summary::Summary;

/// A handle on a run. Clones of it are handles on the same run.
#[derive(Debug, Clone, Default)]
pub struct Control {
    interrupted: CancellationToken,
    summary: Arc<Mutex<Summary>>,
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
    /// Ends the run early: no more is read, and what has been read is worked on and written.
    pub fn interrupt(&self) {
        self.interrupted.cancel();
    }

    /// The run was asked to end early.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.is_cancelled()
    }

    /// What has been counted so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        self.lock().clone()
    }

    /// How far the run has come, which costs less to tell than the summary.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let summary = self.lock();
        Progress { bytes_in: summary.bytes_in, records: summary.total, faults: summary.fault_count() }
    }

    pub(super) async fn until_interrupted(&self) {
        self.interrupted.cancelled().await;
    }

    /// Adds the summary of a block.
    pub(super) fn add(&self, block: Summary) {
        *self.lock() += block;
    }

    /// A summary is whole whenever the lock is free: adding does not panic.
    fn lock(&self) -> MutexGuard<'_, Summary> {
        self.summary.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
