//! The dashboard while a run goes on, as far as the terminal has room for it.

use std::cell::RefCell;
use std::io;
use std::time::{Duration, Instant};

use provfilter::pipeline::Control;
use provfilter::report::{Format, Report, Style};
use provfilter::timestamp::{Clock, Timestamp};
use rustix::termios::tcgetwinsize;
use unicode_width::UnicodeWidthStr;

use crate::command_line::Plan;

/// How often it is drawn: it takes a copy of all that is counted.
const BETWEEN_DRAWINGS: Duration = Duration::from_secs(1);

/// The lines below it: progress, and the cursor's own.
const LINES_BELOW: usize = 2;

/// Draws the dashboard of a run.
pub(super) struct LiveDashboard {
    control: Control,
    run_id: String,
    started_at: Timestamp,
    clock: Clock,
    style: Style,
    /// What was drawn last, and when.
    last: RefCell<Option<(Instant, String)>>,
}

impl LiveDashboard {
    /// The dashboard of a run, if it is among the reports to standard error.
    pub(super) fn new(plan: &Plan, control: &Control, started_at: Timestamp) -> Option<Self> {
        let mut reports = plan.reporting.reports.iter();
        reports.find(|report| report.format == Some(Format::Dashboard) && report.path.is_none())?;
        Some(Self {
            control: control.clone(),
            run_id: plan.run_id.clone(),
            started_at,
            clock: plan.options.clock,
            style: plan.reporting.style(),
            last: RefCell::default(),
        })
    }

    /// The dashboard, each line with its line feed: as it is now, or was a moment ago.
    pub(super) fn lines(&self) -> String {
        let mut last = self.last.borrow_mut();
        if let Some((drawn_at, lines)) = &*last
            && drawn_at.elapsed() < BETWEEN_DRAWINGS
        {
            return lines.clone();
        }
        let lines = fitting(&self.draw(), size_of_terminal());
        last.insert((Instant::now(), lines)).1.clone()
    }

    fn draw(&self) -> String {
        let summary = self.control.summary();
        let report = Report::new(&self.run_id, summary, self.started_at, self.clock.now(), None);
        report.render(Format::Dashboard, &self.style)
    }
}

/// The rows and columns of the terminal behind standard error; those that terminals had once (VT100) where it does not tell.
pub(super) fn size_of_terminal() -> (u16, u16) {
    let size = tcgetwinsize(io::stderr()).ok().filter(|size| size.ws_row > 0 && size.ws_col > 0);
    size.map_or((24, 80), |size| (size.ws_row, size.ws_col))
}

/// The first lines, as many as there is room for. None where they are too long: the terminal would break them.
fn fitting(dashboard: &str, (rows, columns): (u16, u16)) -> String {
    let length = dashboard.lines().map(UnicodeWidthStr::width).max().unwrap_or(0);
    if length > usize::from(columns) {
        return String::new();
    }
    dashboard.split_inclusive('\n').take(usize::from(rows).saturating_sub(LINES_BELOW)).collect()
}
