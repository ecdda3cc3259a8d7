//! The program at a terminal: progress, reports beside it, colours, and input that nobody meant to type. What comes is drawn on a
//! screen as a terminal does, so that what is left over shows.

use std::fs::File;
use std::io::{self, Read, Write};
use std::num::NonZeroU16;
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::process::Signal;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::harness::{Run, output_of, provfilter};

/// How long nothing may come before a test fails instead of waiting for ever.
const PATIENCE: Duration = Duration::from_mins(1);

const ROWS: u16 = 100;
const COLUMNS: u16 = 120;

/// A terminal to look at and to type at.
struct Terminal {
    controller: File,
    screen: Screen,
}

/// What is drawn on a screen by what comes from a stream.
struct Screen {
    pieces: Receiver<Vec<u8>>,
    drawn: vt100::Parser,
    /// All that has come.
    seen: String,
}

impl Terminal {
    /// A new terminal, and the side of it that a program has.
    fn open() -> (Self, File) {
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there are pseudo-terminals");
        grantpt(&controller).expect("it is ours");
        unlockpt(&controller).expect("it is ours");
        let name = ptsname(&controller, Vec::new()).expect("it has a name");
        let program = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("it can be opened");
        let size = Winsize { ws_row: ROWS, ws_col: COLUMNS, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&program, size).expect("it has a size");
        let controller = File::from(controller);
        let screen = Screen::of(controller.try_clone().expect("a descriptor can be copied"));
        (Self { controller, screen }, program.into())
    }

    fn type_in(&mut self, text: &str) {
        self.controller.write_all(text.as_bytes()).expect("it takes what is typed");
    }
}

impl Screen {
    fn of(mut stream: impl Read + Send + 'static) -> Self {
        let (sender, pieces) = mpsc::channel();
        // Ends with the stream, or with the error that stands for the end of a terminal.
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = stream.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        let size = |number| NonZeroU16::new(number).expect("a screen has room");
        Self { pieces, drawn: vt100::Parser::new(size(ROWS), size(COLUMNS), 0), seen: String::new() }
    }

    /// Draws the next piece of what comes. There may be no more.
    fn draw(&mut self) -> bool {
        match self.pieces.recv_timeout(PATIENCE) {
            Ok(piece) => {
                self.drawn.process(&piece);
                self.seen.push_str(&String::from_utf8_lossy(&piece));
                true
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => false,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("nothing came for {PATIENCE:?}, after {:?}", self.seen),
        }
    }

    /// Waits until this shows.
    #[track_caller]
    fn until(&mut self, shows: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        while !shows(&self.shown()) {
            assert!(self.draw() && begun.elapsed() < PATIENCE, "there is only {:?}", self.shown());
        }
        self.shown()
    }

    /// Waits until this has come so often.
    #[track_caller]
    fn until_seen(&mut self, text: &str, times: usize) {
        while self.seen.matches(text).count() < times {
            assert!(self.draw(), "there is only {:?}", self.seen);
        }
    }

    /// What shows when all has come.
    fn at_the_end(&mut self) -> String {
        while self.draw() {}
        self.shown()
    }

    /// What shows now, without the blanks behind it.
    fn shown(&self) -> String {
        self.drawn.screen().contents().trim_end().to_owned()
    }
}

/// A run at a terminal that can do what terminals do, which has the program's standard error.
fn at_terminal(args: &[&str]) -> (Terminal, Run) {
    let (terminal, program) = Terminal::open();
    (terminal, provfilter(args).env("TERM", "xterm-256color").errors_to(program))
}

/// A run that reports often to a pipe of its own, and what comes out there: something to wait for while nothing shows.
fn with_reports_aside(run: Run) -> (Screen, Run) {
    let path = run.path("reports");
    let made = output_of(Command::new("mkfifo").arg(&path)).expect("there is mkfifo");
    assert!(made.status.success(), "pipes can have names");
    let pipe = File::options().read(true).write(true).open(path).expect("it can be opened");
    (Screen::of(pipe), run)
}

/// The flags of such a run. Each report comes long after progress would have been drawn.
const REPORTS_ASIDE: [&str; 5] = ["-n", "--report", "json=reports", "--report-every", "1s"];

/// A text report of records without provenance.
fn report(number: usize) -> String {
    let unknown = format!("unknown              {number}");
    format!(
        "Provenance Report\n========================================\n  Total pairs:    {number}\n  Approved:       0\n  Excluded:       0\n\n  \
         By source:\n    {unknown}\n  By model:\n    {unknown}\n  Arrived without provenance: {number}\n  Missing fields:\n    \
         source_session_id    {number}  (fill with --session-id)\n    source               {number}  (fill with --source)\n    \
         model                {number}  (fill with --model)\n    timestamp            {number}  (fill with --timestamp)\n    \
         approved             {number}  (fill with --source and --model)\n"
    )
}

const FAULT: &str = "provfilter: -:2: not an object: expected a record such as {\"messages\":[...]}, found an array";

/// What shows at the end: no more than if the program had printed to a file.
#[track_caller]
fn ends_clean(screen: &mut Screen, expected: &str) {
    assert_eq!(screen.at_the_end(), expected.trim_end(), "{:?}", screen.seen);
    assert!(!screen.drawn.screen().hide_cursor(), "{:?}", screen.seen);
}

#[test]
fn progress_shows_while_the_input_stays_open_and_leaves_nothing_behind() {
    for args in [&[][..], &["--progress", "auto"], &["--progress", "always"]] {
        let (mut terminal, run) = at_terminal(args);
        let mut running = run.starts();
        running.write("{\"a\":1}\n[]\n");
        let shown = terminal.screen.until(|shown| shown.contains("/s, 1 fault") && shown.contains(FAULT));
        let progress = shown.lines().last().expect("something shows");
        assert!(progress.starts_with("11 B, ") && progress.contains("B/s, ") && progress.contains(" records/s, "), "{progress}");
        running.write("{\"b\":1}\n{}\n{}\n[]\n");
        terminal.screen.until(|shown| shown.contains("28 B, ") && shown.ends_with(" 2 faults"));
        running.ends().prints("{\"a\":1}\n{\"b\":1}\n{}\n{}\n").with_status(1);
        let faults = format!("{FAULT}\n{}\n", FAULT.replace(":2:", ":6:"));
        let report = report(4) + "  Rejected lines: 2\n  Faults:\n    not_object           2\n";
        ends_clean(&mut terminal.screen, &(faults + &report));
    }
}

#[test]
fn the_time_left_shows_where_the_size_is_known() {
    for (args, name) in [(&["in.jsonl"][..], "in.jsonl"), (&["in.jsonl", "in.jsonl"], "in.jsonl"), (&[], "-")] {
        // Much more than goes into a pipe that nobody reads.
        let content = "{\"text\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"}\n".repeat(100_000);
        let (mut terminal, run) = at_terminal(&[&["--report", "none"], args].concat());
        let mut run = run.file("in.jsonl", &content);
        if name == "-" {
            let file = File::open(run.path("in.jsonl")).expect("the file is there");
            run = run.input_from(file);
        }
        let (mut output, writer) = io::pipe().expect("there are pipes");
        let running = run.output_to(writer).starts();
        let size = if args.len() == 2 { "15.64 MiB (" } else { "7.82 MiB (" };
        let shown = terminal.screen.until(|shown| shown.contains("%), ") && !shown.contains("(0%)"));
        assert!(shown.contains(" of ") && shown.contains(size) && shown.ends_with(" left"), "{shown}");
        io::copy(&mut output, &mut io::sink()).expect("the output goes on");
        running.ends().with_status(0);
        ends_clean(&mut terminal.screen, "");
    }
}

#[test]
fn reports_while_it_runs_stand_above_the_progress() {
    let (mut terminal, run) = at_terminal(&["--report-every", "1s"]);
    let mut running = run.starts();
    running.write("{}\n");
    running.line();
    terminal.screen.until_seen("So far:", 2);
    let shown = terminal.screen.until(|shown| shown.ends_with(" 0 faults"));
    assert!(shown.lines().last().is_some_and(|progress| progress.starts_with("3 B, ")), "{shown}");
    running.ends().with_status(0);
    let shown = terminal.screen.at_the_end();
    assert!(!shown.contains("records/s"), "{shown}");
    let so_far = report(1).replace("=\n", "=\n  So far:\n");
    let reports: Vec<_> = shown.split_inclusive("(fill with --source and --model)\n").collect();
    let (last, before) = reports.split_last().expect("there are reports");
    assert_eq!(*last, report(1).trim_end());
    // The line may have come after the first report.
    assert!(before.len() >= 2 && before[1..].iter().all(|report| *report == so_far), "{shown}");
}

#[test]
fn a_report_that_a_signal_asks_for_stands_above_the_progress() {
    let (mut terminal, run) = at_terminal(&[]);
    let mut running = run.starts();
    running.write("{}\n");
    running.line();
    terminal.screen.until(|shown| shown.starts_with("3 B, "));
    running.signal(Signal::USR1);
    let so_far = report(1).replace("=\n", "=\n  So far:\n");
    terminal.screen.until(|shown| shown.starts_with(&format!("{so_far}3 B, ")));
    running.ends().with_status(0);
    ends_clean(&mut terminal.screen, &(so_far + &report(1)));
}

#[test]
fn the_dashboard_shows_while_it_runs_and_is_gone_when_the_report_comes() {
    for progress in ["auto", "always"] {
        let (mut terminal, run) = at_terminal(&["--progress", progress, "--report", "dashboard"]);
        let mut running = run.starts();
        running.write("{}\n[]\n");
        // Whole: a frame comes in pieces, and takes the place of the one before line by line.
        let is_whole = |shown: &str| {
            let behind = shown.split_once('╚').map_or("", |(_, behind)| behind);
            shown.starts_with(FAULT) && shown.contains("so far") && behind.contains("6 B, ") && behind.contains(" 1 fault")
        };
        let drawn = terminal.screen.until(is_whole);
        // Not in the lines of what shows: they fill the terminal, and go on in the next one.
        let rows = terminal.screen.drawn.screen().rows(0, COLUMNS).filter(|row| !row.is_empty());
        let rows: Vec<String> = rows.collect();
        let [told, first, .., last, progress] = &rows[..] else { panic!("{drawn}") };
        assert!(told == FAULT && first.starts_with('╔') && last.starts_with('╚') && progress.starts_with("6 B, "), "{drawn}");
        running.write("{}\n{}\n");
        terminal.screen.until(|shown| shown.contains("12 B, ") && shown.matches('╔').count() == 1);
        running.ends().prints("{}\n{}\n{}\n").with_status(1);
        let ended = terminal.screen.at_the_end();
        assert_eq!(
            (ended.matches('╔').count(), ended.contains("so far"), ended.contains("records/s")),
            (1, false, false),
            "{ended}"
        );
        assert!(ended.starts_with(FAULT) && ended.ends_with('╝'), "{ended}");
        assert!(ended.lines().skip(1).all(|line| line.chars().count() == usize::from(COLUMNS)), "{ended}");
    }
}

#[test]
fn the_dashboard_gives_way_where_the_terminal_is_small() {
    for (rows, columns, shows) in [(10, COLUMNS, true), (ROWS, 40, false)] {
        let (mut terminal, run) = at_terminal(&["--report", "dashboard", "-n"]);
        let small = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&terminal.controller, small).expect("its size can be changed");
        let size = |number| NonZeroU16::new(number).expect("a screen has room");
        terminal.screen.drawn = vt100::Parser::new(size(rows), size(columns), 0);
        let mut running = run.starts();
        running.write("{}\n");
        let shown = terminal.screen.until(|shown| shown.contains("3 B, "));
        assert_eq!(shown.contains('╔'), shows, "{shown}");
        assert!(shown.lines().count() < usize::from(rows), "{shown}");
        running.write("{}\n");
        terminal.screen.until(|shown| shown.contains("6 B, ") && shown.matches('╔').count() == usize::from(shows));
        running.ends().with_status(0);
        terminal.screen.at_the_end();
    }
}

#[test]
fn reports_while_it_runs_come_by_the_clock() {
    let (mut reports, run) = with_reports_aside(provfilter(&REPORTS_ASIDE));
    let mut running = run.starts();
    running.write("{}\n{}\n");
    reports.until_seen("\"total\":2", 2);
    running.write("{}\n");
    reports.until_seen("\"total\":3", 2);
    running.ends().with_status(0).tells("");
}

#[test]
fn no_progress_shows_where_none_is_wanted() {
    for args in [&["--progress", "never"][..], &["--quiet"], &["--quiet", "--progress", "always"]] {
        let (mut terminal, run) = at_terminal(&[args, &REPORTS_ASIDE].concat());
        let (mut reports, run) = with_reports_aside(run);
        let running = run.starts();
        reports.until_seen("schema_version", 3);
        running.ends().with_status(0);
        terminal.screen.at_the_end();
        assert_eq!(terminal.screen.seen, "", "{args:?}");
    }
}

#[test]
fn a_terminal_that_cannot_draw_gets_progress_only_on_demand() {
    for (args, draws) in [(&[][..], false), (&["--progress", "always"], true)] {
        let (mut terminal, program) = Terminal::open();
        let run = provfilter(&[args, &REPORTS_ASIDE].concat()).env("TERM", "dumb").errors_to(program);
        let (mut reports, run) = with_reports_aside(run);
        let running = run.starts();
        reports.until_seen("schema_version", 3);
        running.ends().with_status(0);
        ends_clean(&mut terminal.screen, "");
        assert_eq!(terminal.screen.seen.contains("records/s"), draws, "{:?}", terminal.screen.seen);
    }
}

#[test]
fn progress_is_drawn_without_a_terminal_on_demand() {
    let (errors, writer) = io::pipe().expect("there are pipes");
    let mut screen = Screen::of(errors);
    let mut running = provfilter(&["--progress", "always", "--report", "none"]).errors_to(writer).starts();
    running.write("{}\n");
    screen.until(|shown| shown.starts_with("3 B, ") && shown.ends_with(" records/s, 0 faults"));
    running.ends().with_status(0);
    ends_clean(&mut screen, "");
}

#[test]
fn progress_is_not_drawn_without_a_terminal_unasked() {
    let (mut reports, run) = with_reports_aside(provfilter(&REPORTS_ASIDE));
    let running = run.starts();
    reports.until_seen("schema_version", 3);
    running.ends().with_status(0).tells("");
}

#[test]
fn progress_fits_a_narrow_terminal() {
    for progress in ["auto", "always"] {
        let (mut terminal, run) = at_terminal(&["--progress", progress, "--report", "none"]);
        let narrow = Winsize { ws_row: ROWS, ws_col: 20, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&terminal.controller, narrow).expect("its size can be changed");
        let columns = |number| NonZeroU16::new(number).expect("a screen has room");
        terminal.screen.drawn = vt100::Parser::new(columns(ROWS), columns(20), 0);
        let mut running = run.starts();
        running.write("{}\n");
        terminal.screen.until(|shown| shown.starts_with("3 B, "));
        running.write("{}\n");
        terminal.screen.until(|shown| shown.starts_with("6 B, "));
        running.ends().with_status(0);
        ends_clean(&mut terminal.screen, "");
    }
}

const WHO_SPEAKS: &str = "\u{1b}[1m\u{1b}[31mprovfilter:\u{1b}[0m ";
const WHAT_TO_DO: &str = "\u{1b}[1m\u{1b}[36mhint:\u{1b}[0m ";

#[test]
fn diagnostics_at_a_terminal_are_coloured_unless_that_is_unwanted() {
    for (args, no_color, is_coloured) in [
        (&[][..], None, true),
        (&["--color", "auto"], Some(""), true),
        (&["--color", "auto"], Some("1"), false),
        (&["--color", "never"], None, false),
        (&["--color", "always"], Some("1"), true),
    ] {
        let (mut terminal, mut run) = at_terminal(&[args, &["-n", "--report", "none", "-", "none.jsonl"]].concat());
        if let Some(value) = no_color {
            run = run.env("NO_COLOR", value);
        }
        run.given("[]\n").ends().with_status(2);
        terminal.screen.at_the_end();
        let seen = &terminal.screen.seen;
        let who = if is_coloured { WHO_SPEAKS } else { "provfilter: " };
        assert!(seen.contains(&format!("{who}-:1: not an object")), "{args:?} {seen:?}");
        assert!(seen.contains(&format!("{who}none.jsonl: cannot read: no such file or directory\r\n")), "{args:?} {seen:?}");
    }
}

#[test]
fn each_diagnostic_is_coloured() {
    for (args, told) in [
        (&["--source", "curated"][..], "--model is missing: a model is needed to annotate or backfill"),
        (&["--sorce", "curated"], "unexpected argument '--sorce' found"),
        (&["--excluded-to", "."], ".: cannot write: "),
        (&["--report", "json=."], ".: cannot write: "),
        (&["--merge", "none.json"], "none.json: cannot read: no such file or directory"),
    ] {
        let (mut terminal, run) = at_terminal(args);
        run.ends().with_status(2);
        terminal.screen.at_the_end();
        let seen = &terminal.screen.seen;
        assert!(seen.contains(&format!("{WHO_SPEAKS}{told}")), "{args:?} {seen:?}");
    }
    let (mut terminal, run) = at_terminal(&["--source", "curated"]);
    run.ends().with_status(2);
    terminal.screen.at_the_end();
    assert!(terminal.screen.seen.contains(&format!("\n{WHAT_TO_DO}name the model ")), "{:?}", terminal.screen.seen);
}

#[test]
fn diagnostics_to_a_file_are_coloured_on_demand_only() {
    let told = "--model is missing: a model is needed to annotate or backfill\n";
    for (color, expected) in [("auto", "provfilter: "), ("never", "provfilter: "), ("always", WHO_SPEAKS)] {
        let ended = provfilter(&["--source", "curated", "--color", color]).ends();
        assert!(String::from_utf8_lossy(&ended.stderr).starts_with(&format!("{expected}{told}")), "{color}\n{ended}");
    }
}

#[test]
fn a_terminal_as_input_that_nobody_asked_for_is_refused_with_a_hint() {
    for args in [&[][..], &["--source", "curated", "--model", "m"], &["-n", "--validate"], &["--merge"]] {
        let (_terminal, program) = Terminal::open();
        let ended = provfilter(args).input_from(program).ends();
        ended.with_status(2).prints("").tells(
            "provfilter: no input: standard input is a terminal, and no FILE is given\n\
             hint: pipe records in, or name a file; see provfilter -h for examples\n",
        );
    }
}

#[test]
fn a_terminal_that_is_asked_for_is_read_to_the_end_that_is_typed() {
    let (mut terminal, program) = Terminal::open();
    let mut running = provfilter(&["-q", "-"]).input_from(program).starts();
    terminal.type_in("{\"a\":1}\n");
    assert_eq!(running.line(), "{\"a\":1}\n");
    terminal.type_in("{\"b\":2}\n\u{4}");
    running.ends().prints("{\"a\":1}\n{\"b\":2}\n").with_status(0);
}
