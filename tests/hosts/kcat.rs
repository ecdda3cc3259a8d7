//! kcat: a topic in and a topic out, with the mock broker of the library that kcat is built on.

use std::fmt::Write as _;
use std::fs;

use rustix::process::Signal;

use super::daemon::Daemon;
use super::logged::parsed;
use super::{Recipe, has};

/// A recipe with a broker of its own.
struct Kafka {
    recipe: Recipe,
    _broker: Daemon,
    address: String,
}

impl Kafka {
    fn starts() -> Self {
        let recipe = Recipe::of("kcat");
        // A consumer that waits for ever, because the broker lives as long as it.
        let mut broker = Daemon::starts(&recipe, "broker", "exec kcat -C -t none -q -d mock -b mock -X test.mock.num.brokers=1");
        let mut address = None;
        broker.until("the broker listens", || {
            let log = recipe.read("broker.log");
            address =
                log.split_once("bootstrap.servers=").and_then(|(_, rest)| rest.split_once('\n')).map(|(it, _)| it.to_owned());
            address.is_some()
        });
        Self { recipe, _broker: broker, address: address.expect("it has been found") }
    }

    /// Puts lines into a topic.
    fn produce(&self, topic: &str, lines: &str) {
        self.recipe.file("lines", lines);
        self.recipe.runs(&format!("kcat -b {} -P -t {topic} -l lines", self.address));
    }

    /// The records of a topic, by their number, in no order.
    fn numbers(&self, topic: &str, flags: &str) -> Vec<u64> {
        let output = self.recipe.runs(&format!("kcat -b {} -C -t {topic} -q -e {flags}", self.address)).output;
        output.lines().map(|line| parsed(line)["n"].as_u64().expect("a number")).collect()
    }

    /// What the recipe has written, and what it would read the next time. The mock broker does not let a group begin anew, and kcat
    /// aborts when it has printed the rest without one.
    fn written_and_left(&self) -> (Vec<u64>, Vec<u64>) {
        let [written, left] =
            [("pairs", ""), ("raw", "-o stored -X group.id=provfilter -X topic.auto.offset.reset=earliest -u || true")].map(
                |(topic, flags)| {
                    let mut numbers = self.numbers(topic, flags);
                    numbers.sort_unstable();
                    numbers
                },
            );
        (written, left)
    }

    /// The command of the recipe, with other flags for provfilter.
    fn command(&self, flags: &str, topics: &str) -> String {
        format!("./provenance-topic {flags} {} {topics} --source trajectory --model hermes4:14b --report none", self.address)
    }
}

fn records(numbers: impl IntoIterator<Item = u64>) -> String {
    numbers.into_iter().fold(String::new(), |mut lines, n| {
        writeln!(lines, "{{\"n\":{n}}}").expect("a string takes all");
        lines
    })
}

fn is_there() -> bool {
    has("kcat", "kcat -V && setsid --version")
}

#[test]
fn a_topic_is_read_to_its_end_and_the_broker_knows_how_far() {
    if !is_there() {
        return;
    }
    let kafka = Kafka::starts();
    kafka.produce("raw", &format!("{}no record\n", records(0..1000)));
    let printed = kafka.recipe.runs(&format!("{}; test $? = 1", kafka.command("-e", "raw pairs")));
    assert!(printed.errors.contains(": not JSON: "), "{}", printed.errors);
    assert_eq!(kafka.recipe.read("raw.rejects"), "no record\n");
    let pairs = kafka.recipe.runs(&format!("kcat -b {} -C -t pairs -q -e", kafka.address)).output;
    assert!(pairs.lines().all(|line| parsed(line)["provenance"]["model"] == "hermes4:14b"), "{pairs}");
    kafka.produce("raw", &records(1000..1200));
    let (written, left) = kafka.written_and_left();
    assert!(written == (0..1000).collect::<Vec<_>>() && left == (1000..1200).collect::<Vec<_>>(), "{} {left:?}", written.len());
}

#[test]
fn the_exit_status_is_that_of_the_program_that_failed() {
    if !is_there() {
        return;
    }
    let kafka = Kafka::starts();
    kafka.produce("raw", &records(0..10));
    kafka.recipe.runs(&format!("{}; test $? = 2", kafka.command("-e", "raw pairs --no-such-flag")));
    kafka.recipe.runs(&format!("{}; test $? = 1", kafka.command("-e", "other pairs").replace(&kafka.address, "127.0.0.1:1")));
}

/// More than what a test waits for.
const COUNT: u64 = 100_000;

#[test]
fn what_kcat_has_printed_when_a_signal_comes_is_written() {
    if !is_there() {
        return;
    }
    let alone: fn(Daemon) -> i32 = |reader| reader.ended_by(Signal::TERM);
    let as_a_group: fn(Daemon) -> i32 = |reader| reader.all_ended_by(Signal::TERM);
    let mut in_the_middle = 0;
    // A reader that is fast may have read all of it when the signal comes.
    for ended in [alone, as_a_group].into_iter().cycle().take(10) {
        let kafka = Kafka::starts();
        kafka.produce("raw", &format!("no record\n{}", records(0..COUNT)));
        let mut reader =
            Daemon::starts(&kafka.recipe, "reader", &format!("exec {} --max-errors 1", kafka.command("", "raw pairs")));
        let rejects = kafka.recipe.path("raw.rejects");
        reader.until("records are read", || fs::metadata(&rejects).is_ok_and(|file| file.len() > 0));
        let status = ended(reader);
        assert_eq!(status, 0, "{}", kafka.recipe.read("reader.log"));
        let (mut all, left) = kafka.written_and_left();
        in_the_middle += usize::from(!left.is_empty());
        all.extend(left);
        all.sort_unstable();
        assert!(all.is_sorted_by(|a, b| a < b), "none is there twice");
        assert!(
            all.len() as u64 + 1 >= COUNT,
            "{} of {COUNT} are there: kcat drops the record that it has in hand, and no other",
            all.len()
        );
        if in_the_middle == 2 {
            return;
        }
    }
    panic!("it was never stopped in the middle");
}
