//! The dashboard while a run goes on, as far as the terminal has room for it.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use provfilter::pipeline::Control;
use provfilter::report::{Format, Report, Style};
use provfilter::timestamp::{Clock, Timestamp};

use super::terminal;
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
            style: terminal::style(&plan.reporting),
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
        let lines = fitting(&self.draw(), self.style.width, terminal::size());
        last.insert((Instant::now(), lines)).1.clone()
    }

    fn draw(&self) -> String {
        let summary = self.control.summary();
        let report = Report::new(&self.run_id, summary, self.started_at, self.clock.now(), None);
        report.render(Format::Dashboard, &self.style)
    }
}

/// The first lines, as many as there is room for. None where they are `width` columns wide and the terminal is narrower: it would break
/// them.
fn fitting(dashboard: &str, width: usize, (rows, columns): (u16, u16)) -> String {
    if width > usize::from(columns) {
        return String::new();
    }
    dashboard.split_inclusive('\n').take(usize::from(rows).saturating_sub(LINES_BELOW)).collect()
}
