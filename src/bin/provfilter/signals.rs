//! Signals: what the program is asked to do from outside while it works.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::Exit;

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Request {
    /// Finish what is in, and end with this status. SIGINT and SIGTERM ask so.
    End(Exit),
    /// Report what has been counted so far. SIGUSR1 asks so.
    Report,
}

/// The signals that are listened to, which would end the program otherwise.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    user: Signal,
}

impl Signals {
    /// Starts to listen.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            user: signal(SignalKind::user_defined1())?,
        })
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) -> Request {
        tokio::select! {
            _ = self.interrupt.recv() => Request::End(Exit::Interrupted),
            _ = self.terminate.recv() => Request::End(Exit::Terminated),
            _ = self.user.recv() => Request::Report,
        }
    }
}
