//! Programs that run on beside a test, until it stops them.

use std::fs;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process_group};

use super::Recipe;
use crate::harness::{output_of, start};

/// How long anything may take before a test fails instead of waiting for ever.
const PATIENCE: Duration = Duration::from_secs(40);

/// Waits until something is so.
pub(super) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A program and those that it starts. None of them outlives the test.
pub(super) struct Daemon {
    child: Child,
    /// What it has printed.
    log: PathBuf,
}

impl Daemon {
    /// Starts a command of the shell in the recipe's folder, and keeps what it prints in the file `NAME.log` there.
    pub(super) fn starts(recipe: &Recipe, name: &str, command: &str) -> Self {
        let log = recipe.path(&format!("{name}.log"));
        let printed = fs::OpenOptions::new().create(true).append(true).open(&log).expect("a file can be made");
        let mut shell = recipe.shell(command);
        shell.stdout(printed.try_clone().expect("a descriptor can be copied")).stderr(printed).process_group(0);
        Self { child: start(&mut shell).expect("there is a shell"), log }
    }

    /// The process of the shell, or of the program that took its place.
    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Holds the program of this name that it has started, until what is returned is dropped.
    pub(super) fn holds(&self, program: &str) -> Held {
        let parent = self.pid().as_raw_nonzero().to_string();
        let found = output_of(Command::new("pgrep").args(["--parent", &parent, program])).expect("there is pgrep");
        let pid = String::from_utf8_lossy(&found.stdout).trim().parse().ok().and_then(Pid::from_raw);
        let pid = pid.unwrap_or_else(|| panic!("{parent} has started no {program}: {found:?}"));
        kill_process(pid, Signal::STOP).expect("a child of a child can be sent signals");
        let held = Held { pid };
        let state = format!("/proc/{}/stat", pid.as_raw_nonzero());
        until("it has stopped", || fs::read_to_string(&state).is_ok_and(|state| state.contains(") T ")));
        held
    }

    /// Waits until something is so, as long as the program runs.
    pub(super) fn until(&mut self, what: &str, mut is_so: impl FnMut() -> bool) -> &mut Self {
        until(what, || {
            let has_ended = self.child.try_wait().expect("a child can be waited for");
            assert!(has_ended.is_none() || is_so(), "ended before {what}: {}\n{}", has_ended.unwrap_or_default(), self.printed());
            is_so()
        });
        self
    }

    /// Sends it a signal, and gives its status as a shell does: 128 and the signal's number where a signal ended it.
    pub(super) fn ended_by(self, signal: Signal) -> i32 {
        kill_process(self.pid(), signal).expect("a child can be sent signals");
        self.ends()
    }

    /// Sends all processes of its group a signal.
    pub(super) fn all_ended_by(self, signal: Signal) -> i32 {
        kill_process_group(self.pid(), signal).expect("children can be sent signals");
        self.ends()
    }

    /// Waits until it ends, and with it all that it started in its group of processes.
    pub(super) fn ends(mut self) -> i32 {
        let mut status = None;
        until("the program has ended", || {
            status = status.or_else(|| self.child.try_wait().expect("a child can be waited for"));
            status.is_some() && test_kill_process_group(self.pid()).is_err()
        });
        let status = status.expect("it has ended");
        status.code().or_else(|| status.signal().map(|signal| 128 + signal)).expect("it exited or was killed")
    }

    /// Its standard output and standard error so far.
    pub(super) fn printed(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

/// A program that does nothing for a while.
pub(super) struct Held {
    pid: Pid,
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = kill_process(self.pid, Signal::CONT);
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // What is left of the group, where there is anything.
        let _ = kill_process_group(self.pid(), Signal::KILL);
        let _ = self.child.wait();
    }
}
