//! Runs the real program: arguments, files and bytes in; both streams, the exit status and files out. An expectation that fails shows
//! the command, what it was given and everything that came back.

pub(crate) mod sums;

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tempfile::TempDir;

/// The time of every run, 2026-03-30T14:22:31Z, in seconds since 1970.
pub(crate) const EPOCH: &str = "1774880551";

/// How long a program may say nothing before a test fails instead of waiting for ever.
const PATIENCE: Duration = Duration::from_mins(1);

/// How many bytes of a stream are shown where an expectation fails.
const SHOWN: usize = 4000;

/// A run in the making, in a folder of its own.
pub(crate) struct Run {
    command: Command,
    input: Vec<u8>,
    folder: TempDir,
}

/// A run of the program with these arguments, with nothing on standard input, and with the time as its only environment.
pub(crate) fn provfilter(args: &[&str]) -> Run {
    Run::new(env!("CARGO_BIN_EXE_provfilter"), args)
}

/// A run of the program by a shell that redirects its streams, `2>&-` say.
pub(crate) fn provfilter_with(redirection: &str, args: &[&str]) -> Run {
    provfilter_by(&format!("exec \"$0\" \"$@\" {redirection}"), args)
}

/// A run of the program by a shell script, in which it is `"$0" "$@"`.
pub(crate) fn provfilter_by(script: &str, args: &[&str]) -> Run {
    let shell = ["-c", script, env!("CARGO_BIN_EXE_provfilter")];
    Run::new("/bin/sh", &[&shell, args].concat())
}

/// Taken while a program is started.
static STARTS: Mutex<()> = Mutex::new(());

/// Closes one end of a pipe for good: while a program is started, that has all that we have open, for a moment.
pub(crate) fn close<T>(end: T) {
    let _none_starts = STARTS.lock().unwrap_or_else(PoisonError::into_inner);
    drop(end);
}

/// Starts a program, with no end of a pipe closed meanwhile.
pub(crate) fn start(command: &mut Command) -> io::Result<Child> {
    let _starting = STARTS.lock().unwrap_or_else(PoisonError::into_inner);
    command.spawn()
}

/// Runs a program to its end and captures what it writes.
pub(crate) fn output_of(command: &mut Command) -> io::Result<Output> {
    start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?.wait_with_output()
}

/// Python has this module, with this in it. Says so if not.
pub(crate) fn has_module(module: &str, name: &str) -> bool {
    let is_there = format!(
        "import importlib.util as u, sys\nfound = u.find_spec('{module}') and hasattr(__import__('{module}', fromlist=['{name}']), '{name}')\n\
         sys.exit(not found)"
    );
    let output = output_of(Command::new("python3").args(["-c", &is_there]));
    let is_there = output.is_ok_and(|output| output.status.success());
    if !is_there {
        left_out(format_args!("a reader, for want of Python's {module}"));
    }
    is_there
}

/// A shell takes this command, and it says that all is well.
pub(crate) fn shell_can(command: &str) -> bool {
    let output = output_of(Command::new("/bin/sh").args(["-c", command]).stdin(Stdio::null()));
    output.is_ok_and(|output| output.status.success())
}

/// A program is there. Says so if not, or fails where everything must be there, as in `.ci/run`.
pub(crate) fn is_there(program: &str) -> bool {
    required(program, shell_can(&format!("command -v {program} >/dev/null")))
}

/// Passes on whether something is there. Says so if not, or fails where everything must be there.
pub(crate) fn required(name: &str, is_there: bool) -> bool {
    assert!(is_there || std::env::var_os("PROVFILTER_HOSTS_REQUIRED").is_none(), "there is no {name}");
    if !is_there {
        left_out(format_args!("what {name} reads, which is not there"));
    }
    is_there
}

/// Says that a test leaves something out, and for want of what: past the test runner, which shows only what failing tests print.
pub(crate) fn left_out(why: impl fmt::Display) {
    writeln!(io::stderr(), "left out: {why}").expect("standard error takes a line");
}

impl Run {
    fn new(program: &str, args: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut command = Command::new(program);
        command.args(args).current_dir(folder.path()).env_clear().env("SOURCE_DATE_EPOCH", EPOCH);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { command, input: Vec::new(), folder }
    }

    /// Gives it bytes on standard input.
    pub(crate) fn given(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Puts a file into its folder.
    pub(crate) fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        fs::write(self.path(name), content).expect("a file can be written to the run's folder");
        self
    }

    /// Sets a variable of its environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Takes all variables from its environment.
    pub(crate) fn without_environment(mut self) -> Self {
        self.command.env_clear();
        self
    }

    /// Runs it in another folder.
    pub(crate) fn working_in(mut self, folder: &str) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Gives it another standard input than a pipe.
    pub(crate) fn input_from(mut self, input: impl Into<Stdio>) -> Self {
        self.command.stdin(input);
        self
    }

    /// Sends its standard output elsewhere.
    pub(crate) fn output_to(mut self, output: impl Into<Stdio>) -> Self {
        self.command.stdout(output);
        self
    }

    /// Sends its standard error elsewhere.
    pub(crate) fn errors_to(mut self, errors: impl Into<Stdio>) -> Self {
        self.command.stderr(errors);
        self
    }

    /// Where a file of this name is in its folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs it to its end.
    pub(crate) fn ends(self) -> Ended {
        self.starts().ends()
    }

    /// Starts it and leaves its standard input open. What it is given is on its way already.
    pub(crate) fn starts(mut self) -> Running {
        let mut child = start(&mut self.command).expect("the program can be started");
        let told = format!("{:?}", self.command);
        // The command keeps our copies of the streams that it was sent to, which would keep pipes open.
        drop(self.command);
        let output = Lines::of(child.stdout.take());
        let errors = Lines::of(child.stderr.take());
        let mut running = Running { child: Reaped(child), told, input: self.input.clone(), output, errors, folder: self.folder };
        running.feed(self.input);
        running
    }
}

/// A program that runs.
pub(crate) struct Running {
    child: Reaped,
    told: String,
    input: Vec<u8>,
    output: Lines,
    errors: Lines,
    folder: TempDir,
}

impl Running {
    /// Writes to its standard input from a thread, so that a program that does not read holds nothing up.
    fn feed(&mut self, input: Vec<u8>) {
        let Some(mut pipe) = self.child.0.stdin.take() else {
            return;
        };
        if input.is_empty() {
            self.child.0.stdin = Some(pipe);
            return;
        }
        // A program that went away without reading all of its input shows in its status and its streams.
        thread::spawn(move || pipe.write_all(&input));
    }

    /// Writes to its standard input, and leaves that open.
    pub(crate) fn write(&mut self, input: impl AsRef<[u8]>) -> &mut Self {
        let pipe = self.child.0.stdin.as_mut().expect("its standard input is open");
        pipe.write_all(input.as_ref()).expect("the program reads its input");
        self.input.extend_from_slice(input.as_ref());
        self
    }

    /// The next line of its standard output, waited for.
    pub(crate) fn line(&mut self) -> String {
        let line = self.output.next().expect("the output goes on");
        String::from_utf8(line).expect("the output is text")
    }

    /// The next line of its standard error, waited for.
    pub(crate) fn error_line(&mut self) -> String {
        let line = self.errors.next();
        let line = line.unwrap_or_else(|| panic!("standard error ends, and the program with {:?}", self.child.0.wait()));
        String::from_utf8(line).expect("standard error is text")
    }

    /// Sends it a signal.
    pub(crate) fn signal(&mut self, signal: Signal) -> &mut Self {
        if !self.has_ended() {
            rustix::process::kill_process(Pid::from_child(&self.child.0), signal).expect("a child can be sent signals");
        }
        self
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.0.id()
    }

    /// It has come to its end.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.0.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Closes its standard input.
    pub(crate) fn close_input(&mut self) -> &mut Self {
        drop(self.child.0.stdin.take());
        self
    }

    /// Waits for the end of its standard output.
    pub(crate) fn closes_output(&mut self) -> &mut Self {
        while self.output.next().is_some() {}
        self
    }

    /// Where a file of this name is in its folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Closes its standard input and waits for its end.
    pub(crate) fn ends(mut self) -> Ended {
        self.close_input();
        self.ends_by_itself()
    }

    /// Sends it a signal, and waits for its end with its standard input left open.
    pub(crate) fn ended_by(mut self, signal: Signal) -> Ended {
        self.signal(signal);
        self.ends_by_itself()
    }

    /// Waits for its end with its standard input left open.
    pub(crate) fn ends_by_itself(mut self) -> Ended {
        let input = self.child.0.stdin.take();
        let stdout = self.output.all();
        let stderr = self.errors.all();
        let status = self.child.0.wait().expect("a child can be waited for");
        drop(input);
        Ended {
            told: self.told.clone(),
            input: self.input,
            stdout,
            stderr,
            status: status_of(status),
            signal: status.signal(),
            folder: self.folder,
        }
    }
}

fn status_of(status: ExitStatus) -> Option<i32> {
    status.code().or_else(|| Some(128 + status.signal()?))
}

/// A child that does not outlive a test that fails.
struct Reaped(Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        // It has usually ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A stream of a running program, read by a thread.
struct Lines {
    lines: Receiver<Vec<u8>>,
    seen: Vec<u8>,
}

impl Lines {
    fn of(stream: Option<impl Read + Send + 'static>) -> Self {
        let (sender, lines) = mpsc::channel();
        if let Some(stream) = stream {
            thread::spawn(move || {
                let mut stream = BufReader::new(stream);
                let mut line = Vec::new();
                while stream.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                    if sender.send(std::mem::take(&mut line)).is_err() {
                        return;
                    }
                }
            });
        }
        Self { lines, seen: Vec::new() }
    }

    fn next(&mut self) -> Option<Vec<u8>> {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => {
                self.seen.extend_from_slice(&line);
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("nothing came for {PATIENCE:?}, after {}", show(&self.seen)),
        }
    }

    fn all(&mut self) -> Vec<u8> {
        while self.next().is_some() {}
        std::mem::take(&mut self.seen)
    }
}

/// A run that has come to its end.
pub(crate) struct Ended {
    told: String,
    input: Vec<u8>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// As a shell gives it: 128 and the signal's number where a signal ended it.
    pub(crate) status: Option<i32>,
    /// The signal that ended it, as its parent sees it.
    pub(crate) signal: Option<i32>,
    folder: TempDir,
}

impl Ended {
    /// Expects this exit status.
    #[track_caller]
    pub(crate) fn with_status(&self, expected: i32) -> &Self {
        self.expect(self.status_differs(expected))
    }

    /// Expects exactly this on standard output.
    #[track_caller]
    pub(crate) fn prints(&self, expected: impl AsRef<[u8]>) -> &Self {
        self.expect(differs("standard output", expected.as_ref(), &self.stdout))
    }

    /// Expects exactly this on standard error.
    #[track_caller]
    pub(crate) fn tells(&self, expected: impl AsRef<[u8]>) -> &Self {
        self.expect(differs("standard error", expected.as_ref(), &self.stderr))
    }

    /// Expects this among what is on standard error.
    #[track_caller]
    pub(crate) fn mentions(&self, expected: &str) -> &Self {
        let is_there = String::from_utf8_lossy(&self.stderr).contains(expected);
        self.expect((!is_there).then(|| format!("standard error lacks `{expected}`")))
    }

    /// Expects a file of this name with exactly this in it.
    #[track_caller]
    pub(crate) fn leaves(&self, name: &str, expected: impl AsRef<[u8]>) -> &Self {
        let files = self.files();
        let content = files.get(name).map_or(&b"(no such file)"[..], Vec::as_slice);
        self.expect(differs(name, expected.as_ref(), content))
    }

    /// The JSON report that the run left in a file of this name, whose sums must come out.
    #[track_caller]
    pub(crate) fn report(&self, name: &str) -> serde_json::Value {
        let report = self.report_as_it_is(name);
        self.expect(sums::wrong_sums(&report));
        report
    }

    /// The JSON report that the run left in a file of this name.
    #[track_caller]
    pub(crate) fn report_as_it_is(&self, name: &str) -> serde_json::Value {
        let files = self.files();
        let report = files.get(name).and_then(|content| serde_json::from_slice(content).ok());
        report.unwrap_or_else(|| panic!("{name} is no JSON report\n{self}"))
    }

    /// Where a file of this name is in the run's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// All files that are in the run's folder now.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        files(self.folder.path())
    }

    /// What is wrong with the exit status.
    pub(crate) fn status_differs(&self, expected: i32) -> Option<String> {
        (self.status != Some(expected)).then(|| format!("the exit status is {}, not {expected}", self.status_shown()))
    }

    fn status_shown(&self) -> String {
        self.status.map_or("that of a signal".to_owned(), |status| status.to_string())
    }

    #[track_caller]
    fn expect(&self, difference: Option<String>) -> &Self {
        match difference {
            Some(difference) => panic!("{difference}\n{self}"),
            None => self,
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "command: {}", self.told)?;
        writeln!(formatter, "exit status: {}", self.status_shown())?;
        writeln!(formatter, "input:{}", show(&self.input))?;
        writeln!(formatter, "standard output:{}", show(&self.stdout))?;
        writeln!(formatter, "standard error:{}", show(&self.stderr))
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("the run's folder can be listed");
    let paths = entries.map(|entry| entry.expect("the run's folder can be listed").path());
    let named = |path: PathBuf| {
        let name = path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
        (name, fs::read(&path).expect("what a run leaves can be read"))
    };
    paths.filter(|path| path.is_file()).map(named).collect()
}

/// Where two texts differ first, if they do.
pub(crate) fn differs(what: &str, expected: &[u8], got: &[u8]) -> Option<String> {
    if expected == got {
        return None;
    }
    let lines = |bytes: &[u8]| bytes.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let (expected, got) = (lines(expected), lines(got));
    let number = expected.iter().zip(&got).take_while(|(expected, got)| expected == got).count();
    let line = |lines: &[Vec<u8>]| lines.get(number).map_or("\n    (its end)".to_owned(), |line| show(line));
    Some(format!("{what} differs at line {}\n  expected:{}\n  got:{}", number + 1, line(&expected), line(&got)))
}

/// Bytes as text, a line of it below the other, with all that is no text escaped.
fn show(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return " (nothing)".to_owned();
    }
    let shown = &bytes[..bytes.len().min(SHOWN)];
    let mut text = String::new();
    for line in shown.split_inclusive(|&byte| byte == b'\n') {
        text.push_str("\n    ");
        for chunk in line.utf8_chunks() {
            chunk.valid().chars().for_each(|character| show_character(&mut text, character));
            chunk.invalid().iter().for_each(|byte| write!(text, "\\x{byte:02x}").expect("a string takes all"));
        }
    }
    if shown.len() < bytes.len() {
        write!(text, "\n    ... {} bytes in all", bytes.len()).expect("a string takes all");
    }
    text
}

fn show_character(text: &mut String, character: char) {
    match character {
        '\n' => text.push_str("\\n"),
        _ if character.is_control() => text.extend(character.escape_default()),
        _ => text.push(character),
    }
}
