//! The pipeline between a reader and writers that fail, give short measure or stall at each of their calls in turn: each error is told
//! with its name, nothing is lost besides, the sums come out, and nothing hangs.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use provfilter::pipeline::{self, Control, Excluded, Input, OnFault, Options, Outcome, Output, Outputs};
use provfilter::rule::Rule;
use provfilter::stage::{Chain, Exclude};
use provfilter::summary::Summary;
use provfilter::timestamp::{Clock, Timestamp};
use provfilter::{Ending, Error};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How long a run may take before it counts as one that hangs.
const PATIENCE: Duration = Duration::from_mins(1);

const FIRST: &[u8] =
    b"{\"s\":9}\n[]\n\n{\"s\":1}\n{\"s\":\"a line that is far too long for all that\"}\n{\"s\":7}\n{s}\n{\"s\":8}";
const SECOND: &[u8] = b"\xef\xbb\xbf{\"s\":5}\r\n{\"s\":2}\n{\"s\":\n";

/// What goes wrong at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Fail,
    /// One byte is taken or given, and no more.
    Short,
    /// Nothing happens yet; the task is woken at once.
    Stall,
    /// Nothing is taken, which is an error of a writer.
    Nothing,
    /// The run is interrupted.
    Interrupt,
    /// The run is interrupted, and has time to notice before the call gives its bytes.
    InterruptAndGive,
    /// The run is interrupted, and nothing comes any more.
    InterruptAndWait,
}

/// The longest line, in bytes, that is taken for a record.
const LONGEST_LINE: usize = 20;

/// Something that goes wrong at one call, counted from 0.
#[derive(Debug, Clone, Copy)]
struct Mishap {
    /// The name of the input or output that it meets.
    place: &'static str,
    call: usize,
    event: Event,
}

/// Counts calls, and says at which of them something goes wrong.
#[derive(Debug)]
struct Script {
    mishap: Option<Mishap>,
    calls: Arc<AtomicUsize>,
    control: Control,
}

impl Script {
    fn next(&self) -> Option<Event> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let event = self.mishap.filter(|mishap| mishap.call == call).map(|mishap| mishap.event);
        if let Some(Event::Interrupt | Event::InterruptAndGive | Event::InterruptAndWait) = event {
            self.control.interrupt();
        }
        if let Some(Event::InterruptAndGive) = event {
            // Nothing tells from outside that the run has noticed. Too short a time lets a defect pass, and fails nothing.
            thread::sleep(Duration::from_millis(5));
        }
        event
    }
}

fn failure() -> io::Error {
    io::Error::other("injected")
}

fn stalled<T>(context: &mut Context<'_>) -> Poll<T> {
    context.waker().wake_by_ref();
    Poll::Pending
}

/// Gives its bytes in pieces.
struct Reader {
    bytes: &'static [u8],
    piece: usize,
    script: Script,
}

impl AsyncRead for Reader {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let most = match self.script.next() {
            Some(Event::Fail) => return Poll::Ready(Err(failure())),
            Some(Event::Stall) => return stalled(context),
            Some(Event::InterruptAndWait) => return Poll::Pending,
            Some(Event::Short) => 1,
            _ => self.piece,
        };
        let (now, later) = self.bytes.split_at(most.min(self.bytes.len()).min(buffer.remaining()));
        buffer.put_slice(now);
        self.bytes = later;
        Poll::Ready(Ok(()))
    }
}

/// Keeps what it is given.
#[derive(Debug)]
struct Writer {
    bytes: Arc<Mutex<Vec<u8>>>,
    script: Script,
}

impl AsyncWrite for Writer {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let count = match self.script.next() {
            Some(Event::Fail) => return Poll::Ready(Err(failure())),
            Some(Event::Stall) => return stalled(context),
            Some(Event::Nothing) => 0,
            Some(Event::Short) => 1,
            _ => bytes.len(),
        };
        self.bytes.lock().expect("no writer panics").extend_from_slice(&bytes[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.script.next() {
            Some(Event::Fail | Event::Nothing) => Poll::Ready(Err(failure())),
            Some(Event::Stall) => stalled(context),
            _ => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(context)
    }
}

const INPUTS: [&str; 2] = ["first.jsonl", "second.jsonl"];
const OUTPUTS: [&str; 4] = ["records", "excluded", "rejects", "errors"];

/// A run that is to be made.
#[derive(Debug, Clone)]
struct Setting {
    inputs: [&'static [u8]; 2],
    /// How many bytes a read gives.
    piece: usize,
    threads: usize,
    on_fault: OnFault,
    mishap: Option<Mishap>,
}

const SETTING: Setting = Setting { inputs: [FIRST, SECOND], piece: 7, threads: 1, on_fault: OnFault::Reject, mishap: None };

/// How a run went.
struct Ran {
    outcome: Outcome<Writer>,
    /// What was written, and how often each input and output was called.
    written: BTreeMap<&'static str, Vec<u8>>,
    calls: BTreeMap<&'static str, usize>,
    /// The run as its control showed it in the end.
    summary: Summary,
}

/// Makes the run, unless it hangs.
fn run(setting: &Setting) -> Ran {
    let (done, ran) = mpsc::channel();
    let own = setting.clone();
    thread::spawn(move || {
        // After a run that hangs nobody waits any more.
        let _ = done.send(run_unguarded(&own));
    });
    ran.recv_timeout(PATIENCE).unwrap_or_else(|why| panic!("{why}: {setting:?}"))
}

fn run_unguarded(setting: &Setting) -> Ran {
    let control = Control::default();
    let mut calls = BTreeMap::new();
    let mut script = |place| {
        let mishap = setting.mishap.filter(|mishap| mishap.place == place);
        let script = Script { mishap, calls: Arc::default(), control: control.clone() };
        calls.insert(place, Arc::clone(&script.calls));
        script
    };
    let mut inputs = Vec::new();
    for (name, bytes) in INPUTS.into_iter().zip(setting.inputs) {
        inputs.push(Input::new(name, Reader { bytes, piece: setting.piece, script: script(name) }));
    }

    let mut written = BTreeMap::new();
    let mut output = |name| {
        let writer = Writer { bytes: Arc::default(), script: script(name) };
        written.insert(name, Arc::clone(&writer.bytes));
        Output::new(name, writer)
    };
    let [records, excluded, rejects, errors] = OUTPUTS.map(&mut output);
    let outputs = Outputs { records, excluded: Some(excluded), rejects: Some(rejects), sidecar: None, errors: Some(errors) };

    let rule = Rule::parse("low=.s < 5").expect("the filter compiles");
    let chain = Arc::new(Chain::new().with(Exclude::new(vec![rule])));
    let options = Options {
        threads: NonZeroUsize::new(setting.threads).expect("there is a thread"),
        excluded: Excluded::Route,
        on_fault: setting.on_fault,
        max_line_bytes: LONGEST_LINE,
        clock: Clock::Fixed(Timestamp::from_unix_seconds(0).expect("1970 is a time")),
        ..Options::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime can be made");
    let outcome = runtime.block_on(pipeline::run_under(control.clone(), inputs.into_iter().map(Ok), outputs, chain, options, ()));
    runtime.shutdown_background();
    let written = written.into_iter().map(|(name, bytes)| (name, bytes.lock().expect("no writer panics").clone()));
    let calls = calls.into_iter().map(|(name, calls)| (name, calls.load(Ordering::Relaxed)));
    Ran { outcome, written: written.collect(), calls: calls.collect(), summary: control.summary() }
}

/// What no mishap spoils.
fn check_sums(ran: &Ran, mishap: Mishap) {
    let Summary { lines, total, blank_lines, rejected, passed, written, routed, dropped, .. } = &ran.outcome.summary;
    assert_eq!(*lines, total + blank_lines + rejected + passed, "{mishap:?}");
    assert_eq!(*total, written + routed + dropped, "{mishap:?}");
    assert_eq!(ran.outcome.summary, ran.summary, "{mishap:?}");
}

/// Calls `check` with each event at each call of `place`, for one worker and for three.
fn at_each_call(place: &'static str, events: &[Event], setting: &Setting, check: impl Fn(&Setting, Mishap, &Ran)) {
    for threads in [1, 3] {
        let undisturbed = Setting { threads, ..setting.clone() };
        let calls = run(&undisturbed).calls[place];
        assert!(calls > 3, "{place} is called");
        for call in 0..calls {
            for &event in events {
                let mishap = Mishap { place, call, event };
                let ran = run(&Setting { mishap: Some(mishap), ..undisturbed.clone() });
                check_sums(&ran, mishap);
                check(&undisturbed, mishap, &ran);
            }
        }
    }
}

/// Expects that one error is told, which names this input or output.
fn check_error(ran: &Ran, mishap: Mishap) {
    let named = match &ran.outcome.errors[..] {
        [Error::Read { file, .. }] => file,
        [Error::Write { output, .. }] => output,
        errors => panic!("{mishap:?}: {errors:?}"),
    };
    assert_eq!(&**named, mishap.place, "{mishap:?}");
}

fn ends_a_line(bytes: &[u8]) -> bool {
    bytes.is_empty() || bytes.ends_with(b"\n")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn without_a_mishap_each_line_goes_to_its_place() {
    let ran = run(&SETTING);
    assert_eq!(text(&ran.written["records"]), "{\"s\":9}\n{\"s\":7}\n{\"s\":8}\n{\"s\":5}\r\n");
    let excluded = "\"provenance\":{\"excluded\":true,\"exclusion_reason\":\"low\",\"approved\":false}";
    assert_eq!(text(&ran.written["excluded"]), format!("{{\"s\":1,{excluded}}}\n{{\"s\":2,{excluded}}}\n"));
    let too_long = "{\"s\":\"a line that is far too long for all that\"}";
    assert_eq!(text(&ran.written["rejects"]), format!("[]\n{too_long}\n{{s}}\n{{\"s\":\n"));
    assert_eq!(text(&ran.written["errors"]).lines().count(), 4);
    assert_eq!((ran.outcome.ending, ran.outcome.errors.len()), (Ending::Finished, 0));
}

#[test]
fn the_same_goes_to_the_same_place_however_the_input_arrives() {
    let expected = run(&SETTING);
    for piece in 1..60 {
        let ran = run(&Setting { piece, ..SETTING });
        assert_eq!(ran.written, expected.written, "{piece}");
        assert_eq!(ran.outcome.summary, expected.outcome.summary, "{piece}");
    }
}

#[test]
fn a_line_is_too_long_however_it_arrives() {
    // Twenty bytes may be: a mark before the line does not count, and a line of blanks is a line.
    let inputs: [&[u8]; 2] =
        [b"\xef\xbb\xbf{\"s\":\"a line of 20\"}\n", b"\xef\xbb\xbf                     \n                    \n{\"s\":6}\n"];
    for piece in 1..60 {
        let ran = run(&Setting { inputs, piece, ..SETTING });
        assert_eq!(text(&ran.written["records"]), "{\"s\":\"a line of 20\"}\n{\"s\":6}\n", "{piece}");
        assert_eq!(text(&ran.written["rejects"]), format!("{}\n", " ".repeat(21)), "{piece}");
        assert_eq!((ran.outcome.summary.blank_lines, ran.outcome.summary.rejected), (1, 1), "{piece}");
    }
}

#[test]
fn short_measure_and_stalls_change_nothing() {
    let expected = run(&SETTING);
    for place in INPUTS.into_iter().chain(OUTPUTS) {
        at_each_call(place, &[Event::Short, Event::Stall], &SETTING, |_, mishap, ran| {
            assert_eq!(ran.written, expected.written, "{mishap:?}");
            assert_eq!(ran.outcome.summary, expected.outcome.summary, "{mishap:?}");
            assert_eq!((ran.outcome.ending, ran.outcome.errors.len()), (Ending::Finished, 0), "{mishap:?}");
        });
    }
}

#[test]
fn a_writer_that_fails_is_named_and_what_was_written_is_a_beginning() {
    let expected = run(&SETTING);
    for place in OUTPUTS {
        at_each_call(place, &[Event::Fail, Event::Nothing], &SETTING, |_, mishap, ran| {
            check_error(ran, mishap);
            assert_eq!(ran.outcome.ending, Ending::Failed, "{mishap:?}");
            for (name, written) in &ran.written {
                // A line that is too long is given its line feed where it is cut off.
                let is_beginning = [written, written.strip_suffix(b"\n").unwrap_or(written)]
                    .iter()
                    .any(|written| expected.written[name].starts_with(written));
                assert!(is_beginning, "{mishap:?}: {name} is {}", text(written));
            }
        });
    }
}

/// What is left of an input that breaks off here, without the line that it breaks off in: unless that is too long, and in part gone out.
fn up_to_cut_line(given: &[u8]) -> &[u8] {
    let whole = given.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
    // A line may have a mark before it.
    let longest = LONGEST_LINE + "\u{feff}".len();
    if given.len() - whole > longest { given } else { &given[..whole] }
}

#[test]
fn a_reader_that_fails_is_named_and_what_it_gave_goes_out() {
    for (position, place) in INPUTS.into_iter().enumerate() {
        at_each_call(place, &[Event::Fail], &SETTING, |undisturbed, mishap, ran| {
            check_error(ran, mishap);
            assert_eq!(ran.outcome.ending, Ending::Failed, "{mishap:?}");
            let mut cut = undisturbed.clone();
            let given = &cut.inputs[position][..cut.inputs[position].len().min(mishap.call * cut.piece)];
            let kept = up_to_cut_line(given);
            cut.inputs[position] = kept;
            let mut expected = run(&cut);
            expected.outcome.summary.bytes_in += (given.len() - kept.len()) as u64;
            assert_eq!(ran.written, expected.written, "{mishap:?}");
            assert_eq!(ran.outcome.summary, expected.outcome.summary, "{mishap:?}");
        });
    }
}

#[test]
fn an_interrupted_run_that_waits_for_input_has_written_all_whole_lines() {
    for on_fault in [OnFault::Reject, OnFault::Pass] {
        let setting = Setting { on_fault, ..SETTING };
        for (position, place) in INPUTS.into_iter().enumerate() {
            at_each_call(place, &[Event::InterruptAndWait], &setting, |undisturbed, mishap, ran| {
                assert_eq!((ran.outcome.ending, ran.outcome.errors.len()), (Ending::Interrupted, 0), "{mishap:?}");
                let mut cut = undisturbed.clone();
                if position == 0 {
                    cut.inputs[1] = b"";
                }
                cut.inputs[position] = arrived(cut.inputs[position], mishap.call * cut.piece);
                let expected = run(&cut);
                assert_eq!(ran.written, expected.written, "{mishap:?}");
                assert_eq!(ran.outcome.summary.bytes_out, ran.written["records"].len() as u64, "{mishap:?}");
            });
        }
    }
}

/// What a run has taken of an input of which so many bytes were given: the whole lines, and the start of one that is too long.
fn arrived(input: &'static [u8], given: usize) -> &'static [u8] {
    let given = &input[..given.min(input.len())];
    let whole = given.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
    // The limit, and what a byte order mark may take.
    if given.len() - whole > 23 { given } else { &given[..whole] }
}

#[test]
fn a_block_that_was_read_just_before_an_interrupt_took_the_turn_goes_out_and_is_counted() {
    for place in INPUTS {
        at_each_call(place, &[Event::InterruptAndGive], &SETTING, |undisturbed, mishap, ran| {
            let mut cut = undisturbed.clone();
            let position = INPUTS.iter().position(|own| *own == place).expect("it is an input");
            if position == 0 {
                cut.inputs[1] = b"";
            }
            cut.inputs[position] = arrived(cut.inputs[position], (mishap.call + 1) * cut.piece);
            let expected = run(&cut);
            assert!(ran.written["records"].starts_with(&expected.written["records"]), "{mishap:?}");
            assert!(ran.outcome.summary.total >= expected.outcome.summary.total, "{mishap:?}");
        });
    }
}

#[test]
fn an_interrupted_run_ends_behind_a_whole_line() {
    let expected = run(&SETTING);
    for place in INPUTS.into_iter().chain(OUTPUTS) {
        at_each_call(place, &[Event::Interrupt], &SETTING, |_, mishap, ran| {
            assert!(ran.outcome.errors.is_empty(), "{mishap:?}: {:?}", ran.outcome.errors);
            for (name, written) in &ran.written {
                assert!(ends_a_line(written), "{mishap:?}: {name} is {}", text(written));
            }
            if ran.outcome.ending == Ending::Finished {
                assert_eq!(ran.written, expected.written, "{mishap:?}");
            } else {
                assert_eq!(ran.outcome.ending, Ending::Interrupted, "{mishap:?}");
            }
        });
    }
}

#[test]
fn a_run_that_stops_has_written_what_came_before() {
    let setting = Setting { on_fault: OnFault::Stop, ..SETTING };
    for place in OUTPUTS {
        let calls = run(&setting).calls[place];
        for call in 0..calls {
            let mishap = Mishap { place, call, event: Event::Fail };
            let ran = run(&Setting { mishap: Some(mishap), ..setting.clone() });
            check_sums(&ran, mishap);
            check_error(&ran, mishap);
            assert!("{\"s\":9}\n".starts_with(&text(&ran.written["records"])), "{mishap:?}");
        }
    }
    let ran = run(&setting);
    assert_eq!((ran.outcome.ending, &ran.written["rejects"][..]), (Ending::Stopped, &b"[]\n"[..]));
}
