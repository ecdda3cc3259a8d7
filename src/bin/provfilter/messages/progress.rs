//! Progress on a terminal: bytes, records per second, faults, and the time left if the size of the input is known.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use provfilter::pipeline::{Control, Progress};
use provfilter::timestamp::Timestamp;

use super::live::LiveDashboard;
use super::terminal;
use crate::command_line::{Plan, When};

/// A line that is drawn anew again and again, and the dashboard above it where that is the report.
pub(crate) struct Meter {
    bar: ProgressBar,
    control: Control,
    started: Instant,
    dashboard: Option<LiveDashboard>,
}

impl Meter {
    /// A meter for a run, if one is wanted.
    pub(crate) fn new(plan: &Plan, control: &Control, started_at: Timestamp) -> Option<Self> {
        let target = match plan.progress {
            When::Always => ProgressDrawTarget::term_like(Box::new(AnyTerminal)),
            // Hidden where `TERM` says that it cannot be drawn.
            When::Auto if io::stderr().is_terminal() => ProgressDrawTarget::stderr(),
            When::Auto | When::Never => return None,
        };
        let (length, template) = match size(&plan.files) {
            Some(size) => (Some(size), "{prefix}{bytes} of {total_bytes} ({percent}%), {bytes_per_sec}, {msg}, {eta} left"),
            None => (None, "{prefix}{bytes}, {bytes_per_sec}, {msg}"),
        };
        let bar = ProgressBar::with_draw_target(length, target);
        bar.set_style(ProgressStyle::with_template(template).expect("the template is one"));
        let dashboard = if bar.is_hidden() { None } else { LiveDashboard::new(plan, control, started_at) };
        Some(Self { bar, control: control.clone(), started: Instant::now(), dashboard })
    }

    /// How long it takes from one drawing to the next. What fills the screen changes less often, so that it can be read.
    pub(crate) fn period(&self) -> Duration {
        Duration::from_millis(if self.dashboard.is_some() { 1000 } else { 100 })
    }

    /// Draws how far the run has come.
    pub(crate) fn draw(&self) {
        let Progress { bytes_in, records, faults } = self.control.progress();
        let milliseconds = self.started.elapsed().as_millis().max(1000);
        let speed = u128::from(records) * 1000 / milliseconds;
        let plural = if faults == 1 { "" } else { "s" };
        if let Some(dashboard) = &self.dashboard {
            self.bar.set_prefix(dashboard.lines());
        }
        // In this order: a message is always drawn, a position only at times.
        self.bar.set_position(bytes_in);
        self.bar.set_message(format!("{speed} records/s, {faults} fault{plural}"));
    }

    /// Prints something else while the line is out of the way. It comes back as it is now.
    pub(crate) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.draw();
        self.bar.suspend(print)
    }

    /// Takes the line off the screen.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// The bytes that all inputs have, if they are files.
fn size(files: &[impl AsRef<Path>]) -> Option<u64> {
    let size = |path: &Path| {
        let metadata = if path.as_os_str() == "-" {
            File::from(io::stdin().as_fd().try_clone_to_owned().ok()?).metadata().ok()?
        } else {
            fs::metadata(path).ok()?
        };
        metadata.is_file().then_some(metadata.len())
    };
    files.iter().map(|path| size(path.as_ref())).sum()
}

/// Standard error drawn on as if it were a terminal that can do all, whatever it is, because somebody asked for it.
#[derive(Debug)]
struct AnyTerminal;

impl AnyTerminal {
    fn write(sequence: &str) -> io::Result<()> {
        io::stderr().lock().write_all(sequence.as_bytes())
    }
}

impl TermLike for AnyTerminal {
    fn width(&self) -> u16 {
        terminal::size().1
    }

    fn height(&self) -> u16 {
        terminal::size().0
    }

    fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
        Self::write(&"\u{1b}[A".repeat(lines))
    }

    fn move_cursor_down(&self, lines: usize) -> io::Result<()> {
        Self::write(&"\u{1b}[B".repeat(lines))
    }

    fn move_cursor_right(&self, columns: usize) -> io::Result<()> {
        Self::write(&"\u{1b}[C".repeat(columns))
    }

    fn move_cursor_left(&self, columns: usize) -> io::Result<()> {
        Self::write(&"\u{1b}[D".repeat(columns))
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        Self::write(&format!("{line}\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        Self::write(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        Self::write("\r\u{1b}[2K")
    }

    fn flush(&self) -> io::Result<()> {
        io::stderr().flush()
    }
}
