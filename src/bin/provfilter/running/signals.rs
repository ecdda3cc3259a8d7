//! Requests that come during a run: from signals, and from the clock.

use std::ffi::c_int;
use std::fs;
use std::future;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGXFSZ};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{self, Instant, Interval};

use crate::exit::Exit;

/// What the program is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Request {
    /// Finish what is in, and end with this status. SIGHUP, SIGINT and SIGTERM ask so.
    End(Exit),
    /// Report what has been counted so far. SIGUSR1 asks so, and `--report-every`.
    Report,
}

/// The signals that are listened to, which would end the program otherwise.
pub(super) struct Signals {
    requests: UnboundedReceiver<Request>,
    /// When the next report is due, if there are to be any while the program works.
    reports: Option<Interval>,
}

impl Signals {
    /// Starts to listen, and to ask for a report so often.
    pub(super) fn listen(report_every: Option<Duration>) -> io::Result<Self> {
        let ignored = ignored();
        let heard = [SIGHUP, SIGINT, SIGTERM, SIGUSR1].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
        let mut signals = signal_hook::iterator::Signals::new(heard)?;
        let (sender, requests) = unbounded_channel();
        let forward = move || {
            // Nobody listens any more where the run has ended.
            let _ = signals.forever().filter_map(request).try_for_each(|request| sender.send(request));
        };
        thread::Builder::new().name("signals".to_owned()).spawn(forward)?;
        let from_now = |period| time::interval_at(Instant::now() + period, period);
        Ok(Self { requests, reports: report_every.map(from_now) })
    }

    /// Waits for the next request.
    pub(super) async fn next(&mut self) -> Request {
        tokio::select! {
            Some(request) = self.requests.recv() => request,
            () = due(&mut self.reports) => Request::Report,
        }
    }
}

fn request(signal: c_int) -> Option<Request> {
    match signal {
        SIGHUP => Some(Request::End(Exit::HungUp)),
        SIGINT => Some(Request::End(Exit::Interrupted)),
        SIGTERM => Some(Request::End(Exit::Terminated)),
        SIGUSR1 => Some(Request::Report),
        _ => None,
    }
}

/// The signals that the program was started with as ignored, a bit each. They stay so: a shell's background jobs are not to be ended by
/// the SIGINT that is meant for the one in front (POSIX, Shell Command Language, 2.12), nor a job under nohup by SIGHUP.
///
/// Without `/proc` none is taken for ignored: the only other way to ask is `sigaction`, which nothing offers as a safe call.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

/// Makes a write beyond the limit for the size of files (`ulimit -f`) an error like a full disk, instead of the end of the program.
pub(crate) fn fail_at_file_size_limit() {
    // With whatever handler, the call fails with EFBIG (POSIX, write). Nobody has to know of the signal besides.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
}

async fn due(reports: &mut Option<Interval>) {
    match reports {
        Some(interval) => {
            interval.tick().await;
        }
        None => future::pending().await,
    }
}
