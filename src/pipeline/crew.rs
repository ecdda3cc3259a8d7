//! Decides when to add a worker: while input arrives faster than the present workers process it.
//!
//! Two workers that take turns wake each other for every block, which is all they would do if one keeps up.

use tokio::sync::Notify;

/// A block of so many bytes came from a read that found plenty. Slow inputs and terminals give less at once, pipes give what fits into them.
const PLENTY: usize = 32 << 10;

/// An extra worker goes to sleep after so many blocks in a row that were smaller.
const PATIENCE: u32 = 8;

/// Whether a worker is there all the time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rank {
    First,
    Extra,
}

/// Where extra workers sleep, and are started from.
#[derive(Default)]
pub(super) struct Crew {
    asleep: Notify,
    not_started: Notify,
}

impl Crew {
    /// Wakes an extra worker, or has one started.
    pub(super) fn want_more(&self) {
        self.asleep.notify_one();
        self.not_started.notify_one();
    }

    /// Sleeps until an extra worker is wanted.
    pub(super) async fn wanted(&self) {
        self.asleep.notified().await;
    }

    /// Waits until more workers are wanted than were started.
    pub(super) async fn more_wanted(&self) {
        self.not_started.notified().await;
    }
}

/// How much input there is beside what a worker has just taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pressure {
    Low,
    High,
}

/// What a worker has seen of the input lately.
#[derive(Default)]
pub(super) struct Demand {
    small_blocks: u32,
}

impl Demand {
    /// Takes note of a block for which so many bytes were read.
    pub(super) fn after_block_of(&mut self, bytes: usize) -> Pressure {
        if bytes < PLENTY {
            self.small_blocks += 1;
            return Pressure::Low;
        }
        self.small_blocks = 0;
        Pressure::High
    }

    /// An extra worker is of no use any more.
    pub(super) fn has_ceased(&self) -> bool {
        self.small_blocks >= PATIENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demand_ceases_after_a_row_of_small_blocks() {
        let mut demand = Demand::default();
        for _ in 0..PATIENCE - 1 {
            assert!(demand.after_block_of(10) == Pressure::Low && !demand.has_ceased());
        }
        assert!(demand.after_block_of(PLENTY) == Pressure::High);
        for _ in 0..PATIENCE {
            assert!(!demand.has_ceased());
            demand.after_block_of(PLENTY - 1);
        }
        assert!(demand.has_ceased());
    }
}
