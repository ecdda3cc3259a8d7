//! What the program is asked to do while it works: by signals, and by the clock.

use std::future;
use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{self, Instant, Interval};

use crate::exit::Exit;

/// What the program is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Request {
    /// Finish what is in, and end with this status. SIGINT and SIGTERM ask so.
    End(Exit),
    /// Report what has been counted so far. SIGUSR1 asks so, and `--report-every`.
    Report,
}

/// The signals that are listened to, which would end the program otherwise.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    user: Signal,
    /// When the next report is due, if there are to be any while the program works.
    reports: Option<Interval>,
}

impl Signals {
    /// Starts to listen, and to ask for a report so often.
    pub(crate) fn listen(report_every: Option<Duration>) -> io::Result<Self> {
        let from_now = |period| time::interval_at(Instant::now() + period, period);
        Ok(Self {
            reports: report_every.map(from_now),
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            user: signal(SignalKind::user_defined1())?,
        })
    }

    /// Waits for the next request.
    pub(crate) async fn next(&mut self) -> Request {
        tokio::select! {
            _ = self.interrupt.recv() => Request::End(Exit::Interrupted),
            _ = self.terminate.recv() => Request::End(Exit::Terminated),
            _ = self.user.recv() => Request::Report,
            () = due(&mut self.reports) => Request::Report,
        }
    }
}

async fn due(reports: &mut Option<Interval>) {
    match reports {
        Some(interval) => {
            interval.tick().await;
        }
        None => future::pending().await,
    }
}
