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
