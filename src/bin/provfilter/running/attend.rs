//! Runs work while attending to signals: the first that asks for an end interrupts it; a second one, or ten seconds, abandons it.

use std::future::{self, Future};
use std::pin::pin;
use std::time::Duration;

use tokio::time::{self, Instant};

use super::signals::{Request, Signals};
use crate::exit::Exit;

/// How long the program takes to end after it has been asked to, and how long it waits for somebody to read the last report.
const PATIENCE: Duration = Duration::from_secs(10);

/// Attends to signals.
pub(super) struct Attendant {
    signals: Signals,
    /// What the program was asked to end with; success as long as it was not.
    asked: Exit,
    /// When it ends, whatever it does.
    deadline: Option<Instant>,
}

/// The work was left as it stood, and this is the status to end with at once.
pub(super) struct Abandoned(pub(super) Exit);

/// What somebody was waited for who reads.
pub(super) enum Waited<T> {
    Done(T),
    InVain,
}

impl Attendant {
    pub(super) fn new(signals: Signals) -> Self {
        Self { signals, asked: Exit::Success, deadline: None }
    }

    /// What the program was asked to end with.
    pub(super) fn asked(&self) -> Exit {
        self.asked
    }

    /// Does the work. When the program is asked to end, it is interrupted, and goes on until it has finished what is in.
    pub(super) async fn during<T>(
        &mut self,
        work: impl Future<Output = T>,
        interrupt: impl Fn(),
        report: impl Fn(),
    ) -> Result<T, Abandoned> {
        let mut work = pin!(work);
        loop {
            let request = tokio::select! {
                done = &mut work => return Ok(done),
                () = until(self.deadline) => return Err(Abandoned(self.asked)),
                request = self.signals.next() => request,
            };
            match request {
                Request::Report => report(),
                Request::End(exit) if self.asked == Exit::Success => {
                    self.asked = exit;
                    self.deadline = Some(Instant::now() + PATIENCE);
                    interrupt();
                }
                Request::End(exit) => return Err(Abandoned(exit)),
            }
        }
    }

    /// Waits for what comes last, which is to be read by somebody: until a signal asks for the end, and for ten seconds at most.
    pub(super) async fn at_last<T>(&mut self, last: impl Future<Output = T>) -> Result<Waited<T>, Abandoned> {
        let deadline = self.deadline.unwrap_or_else(|| Instant::now() + PATIENCE);
        tokio::select! {
            done = last => Ok(Waited::Done(done)),
            exit = self.end() => Err(Abandoned(exit)),
            () = time::sleep_until(deadline) => Ok(Waited::InVain),
        }
    }

    /// Waits for a signal that asks for the end.
    async fn end(&mut self) -> Exit {
        loop {
            if let Request::End(exit) = self.signals.next().await {
                return exit;
            }
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => time::sleep_until(deadline).await,
        None => future::pending().await,
    }
}
