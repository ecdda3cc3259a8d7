//! What the program is asked to do while it works: by signals, and by the clock.

use std::fs;
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
    interrupt: Option<Signal>,
    terminate: Option<Signal>,
    user: Option<Signal>,
    /// When the next report is due, if there are to be any while the program works.
    reports: Option<Interval>,
}

impl Signals {
    /// Starts to listen, and to ask for a report so often.
    pub(crate) fn listen(report_every: Option<Duration>) -> io::Result<Self> {
        let ignored = ignored();
        let unless_ignored = |kind: SignalKind| {
            let is_ignored = ignored >> (kind.as_raw_value() - 1) & 1 == 1;
            if is_ignored { Ok(None) } else { signal(kind).map(Some) }
        };
        let from_now = |period| time::interval_at(Instant::now() + period, period);
        Ok(Self {
            reports: report_every.map(from_now),
            interrupt: unless_ignored(SignalKind::interrupt())?,
            terminate: unless_ignored(SignalKind::terminate())?,
            user: unless_ignored(SignalKind::user_defined1())?,
        })
    }

    /// Waits for the next request.
    pub(crate) async fn next(&mut self) -> Request {
        tokio::select! {
            () = sent(&mut self.interrupt) => Request::End(Exit::Interrupted),
            () = sent(&mut self.terminate) => Request::End(Exit::Terminated),
            () = sent(&mut self.user) => Request::Report,
            () = due(&mut self.reports) => Request::Report,
        }
    }
}

/// The signals that the program was started with as ignored, a bit each. They stay so: a shell's background jobs are not to be ended by
/// the SIGINT that is meant for the one in front (POSIX, Shell Command Language, 2.12).
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

async fn sent(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => future::pending().await,
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
