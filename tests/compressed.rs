//! Compressed files: the same comes out as from the text in them, however they are cut, damaged and read.

use std::fs::File;
use std::io::{self, Write};
use std::process::Command;

use flate2::write::GzEncoder;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use provfilter::compressed::Compression;
use rustix::process::Signal;
use serde_json::Value;

use crate::harness::sums::lines;
use crate::harness::{Ended, close, output_of, provfilter};

const COMPRESSIONS: [Compression; 2] = [Compression::Gzip, Compression::Zstd];

/// A member, or a frame with a checksum.
fn compress(compression: Compression, text: &[u8]) -> Vec<u8> {
    match compression {
        Compression::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(text).expect("memory takes everything");
            encoder.finish().expect("memory takes everything")
        }
        Compression::Zstd => {
            let mut frame = Vec::with_capacity(zstd_safe::compress_bound(text.len()));
            let mut context = zstd_safe::CCtx::create();
            context.set_parameter(zstd_safe::CParameter::ChecksumFlag(true)).expect("frames may have checksums");
            context.compress2(&mut frame, text).expect("the frame is large enough");
            frame
        }
    }
}

fn name(compression: Compression) -> String {
    format!("in.jsonl.{}", compression.extension())
}

/// Records of this number, each on its line, of which compression leaves more than a few bytes.
fn records(number: u64) -> String {
    (0..number).fold(String::new(), |records, id| {
        records + &format!("{{\"id\":{id},\"noise\":{}}}\n", id.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    })
}

/// Runs over a file, and reports.
fn run(file: &str, content: &[u8], args: &[&str]) -> Ended {
    let args = [args, &["--report", "json=report.json", "--errors", "errors.jsonl", "--rejects", "rejects.jsonl", file]].concat();
    provfilter(&args).file(file, content).ends()
}

/// The report, without what tells two runs apart, and the name of the input.
fn counts(ended: &Ended) -> Value {
    let mut report = ended.report("report.json");
    let counts = report.as_object_mut().expect("a report is an object");
    for name in ["run_id", "started_at", "finished_at", "bytes_in", "inputs"] {
        counts.remove(name);
    }
    let text = report.to_string();
    let text = COMPRESSIONS.iter().fold(text, |text, &compression| text.replace(&name(compression), "in.jsonl"));
    serde_json::from_str(&text).expect("it is JSON still")
}

const LINES: [&str; 7] = [
    "{\"a\":1.10}",
    "{\"provenance\":{\"source\":\"curated\"}}",
    "[]",
    "",
    "{\"a\":",
    "{\"long\":\"xxxxxxxxxxxxxxxxxxxxx\"}",
    "\r",
];

/// Members or frames of a text, which may end within a line or a character.
fn pieces() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let text = vec(select(&LINES[..]), 0..60).prop_map(|lines| lines.join("\n").into_bytes());
    (text, vec(any::<prop::sample::Index>(), 0..4)).prop_map(|(text, cuts)| {
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.index(text.len() + 1)).chain([0, text.len()]).collect();
        cuts.sort_unstable();
        cuts.windows(2).map(|ends| text[ends[0]..ends[1]].to_vec()).collect()
    })
}

proptest! {
    // Each case starts the program seven times.
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_comes_out_as_from_the_text_whatever_the_number_of_workers(pieces in pieces()) {
        const ARGS: [&str; 6] = ["--source", "curated", "--model", "m", "--max-line-bytes", "30"];
        let plain = run("in.jsonl", &pieces.concat(), &ARGS);
        for compression in COMPRESSIONS {
            let file: Vec<u8> = pieces.iter().flat_map(|piece| compress(compression, piece)).collect();
            for threads in ["1", "2", "5"] {
                let ended = run(&name(compression), &file, &[&ARGS[..], &["--threads", threads]].concat());
                prop_assert_eq!(&ended.stdout, &plain.stdout, "{}", ended);
                prop_assert_eq!(ended.status, plain.status);
                prop_assert_eq!(counts(&ended), counts(&plain));
                prop_assert_eq!(&ended.files()["rejects.jsonl"], &plain.files()["rejects.jsonl"]);
                prop_assert_eq!(&ended.report("report.json")["bytes_in"], file.len());
            }
        }
    }

    #[test]
    fn the_whole_lines_before_an_early_end_go_out_and_nothing_else(cut in any::<prop::sample::Index>()) {
        let text = records(3000);
        for compression in COMPRESSIONS {
            let file = compress(compression, text.as_bytes());
            let cut = cut.index(file.len());
            let ended = run(&name(compression), &file[..cut], &["-q"]);
            let told = format!("provfilter: {}: cannot read: the {compression} data ends early\n", name(compression));
            ended.with_status(2).tells(told);
            prop_assert!(text.as_bytes().starts_with(&ended.stdout));
            prop_assert!(ended.stdout.is_empty() || ended.stdout.ends_with(b"\n"));
            let report = ended.report("report.json");
            let lines = lines(&ended.stdout);
            prop_assert_eq!(&report["lines"], lines);
            prop_assert_eq!(&report["rejected"], 0);
            prop_assert_eq!(&report["bytes_in"], cut);
        }
    }
}

#[test]
fn all_lines_come_out_where_only_the_checksum_is_cut() {
    let text = records(40_000);
    for compression in COMPRESSIONS {
        let file = compress(compression, text.as_bytes());
        for threads in ["1", "3"] {
            let ended = run(&name(compression), &file[..file.len() - 1], &["--threads", threads]);
            ended.with_status(2).prints(&text).mentions("data ends early\n");
        }
    }
}

#[test]
fn damage_ends_one_input_and_the_others_go_on() {
    let text = records(1000);
    for compression in COMPRESSIONS {
        let mut file = compress(compression, text.as_bytes());
        let last = file.len() - 1;
        file[last] ^= 1;
        let name = name(compression);
        let run = provfilter(&["--report", "none", &name, "b.jsonl"]).file(&name, file).file("b.jsonl", "{\"b\":1}\n");
        let ended = run.ends();
        ended.with_status(2).prints(text.clone() + "{\"b\":1}\n");
        ended.mentions(&format!("provfilter: {name}: cannot read: the {compression} data is damaged near byte "));
    }
}

#[test]
fn a_line_that_is_too_long_is_one_fault_also_where_it_is_cut() {
    let text = format!("{{\"a\":1}}\n{{\"b\":\"{}", "x".repeat(1 << 20));
    for compression in COMPRESSIONS {
        let frame = compress(compression, text.as_bytes());
        let ended = run(&name(compression), &frame[..frame.len() - 1], &["--max-line-bytes", "1000"]);
        ended.with_status(2).prints("{\"a\":1}\n");
        assert_eq!(ended.report("report.json")["by_error"]["line_too_long"], 1, "{ended}");
        ended.leaves("rejects.jsonl", text["{\"a\":1}\n".len()..].to_owned() + "\n");
    }
}

#[test]
fn standard_input_is_not_guessed_at_whatever_the_pieces_it_comes_in() {
    for compression in COMPRESSIONS {
        let file = compress(compression, records(100).as_bytes());
        for length in 1..6 {
            let mut running = provfilter(&["--report", "none"]).starts();
            for piece in [&file[..length], &file[length..]] {
                running.write(piece);
            }
            let ended = running.ends();
            ended.with_status(2).prints("").tells(format!(
                "provfilter: -: cannot read: compressed with {compression}\n\
                 hint: decompress it first: {compression} -dc F | provfilter\n"
            ));
        }
    }
}

#[test]
fn a_closed_output_ends_it() {
    let text = records(100_000);
    for compression in COMPRESSIONS {
        let (reader, writer) = io::pipe().expect("there are pipes");
        close(reader);
        let name = name(compression);
        let run = provfilter(&["-q", &name]).file(&name, compress(compression, text.as_bytes()));
        run.output_to(writer).ends().with_status(141).tells("");
    }
}

/// A named pipe that stays open, through which a file comes.
fn named_pipe(run: &crate::harness::Run, name: &str) -> File {
    let path = run.path(name);
    let made = output_of(Command::new("mkfifo").arg(&path)).expect("there is mkfifo");
    assert!(made.status.success(), "pipes can have names");
    File::options().read(true).write(true).open(path).expect("it can be opened")
}

#[test]
fn lines_come_out_while_the_file_is_still_written_and_an_interrupt_ends_it() {
    for compression in COMPRESSIONS {
        let name = name(compression);
        let run = provfilter(&["-q", &name]);
        let mut pipe = named_pipe(&run, &name);
        let mut running = run.starts();
        for line in ["{\"a\":1}\n", "{\"b\":2}\n"] {
            pipe.write_all(&compress(compression, line.as_bytes())).expect("a pipe takes a line");
            assert_eq!(running.line(), line);
        }
        running.ended_by(Signal::INT).with_status(130);
    }
}
