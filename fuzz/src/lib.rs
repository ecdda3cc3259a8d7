//! What each fuzz target does with its bytes. The laws that it holds the library to are those of the property tests.
//!
//! A target's input starts with a few bytes that say how to run, and goes on with what is to be read, so that seeds are easy to write.

#[path = "../../tests/laws/claims.rs"]
mod claims;
#[path = "../../tests/laws/flow.rs"]
mod flow;
#[path = "../../tests/laws/reference.rs"]
mod reference;

use arbitrary::{Result, Unstructured};
use bytes::BytesMut;
use provfilter::codec::{Block, BlockCodec, Part};
use provfilter::pipeline::{Excluded, OnFault};
use provfilter::rule::Rule;
use tokio_util::codec::Decoder;

use claims::CHAINS;
use flow::Flow;
use reference::PROVENANCE;

/// Ends an input of the target `pipeline`, and starts the next one: the record separator of ASCII.
const INPUT_SEPARATOR: u8 = 0x1e;

/// Cuts bytes into blocks: one byte for the limit of a line, four for the lengths of the pieces, then the bytes.
///
/// # Panics
///
/// The codec lost a byte, cut within a line that is short enough, or held more than it may.
pub fn codec(data: &[u8]) {
    let mut data = Unstructured::new(data);
    let Ok((max_line_bytes, pieces)) = codec_options(&mut data) else {
        return;
    };
    let input = data.take_rest();
    let blocks = cut(input, max_line_bytes, &pieces);
    check_blocks(input, max_line_bytes, &blocks);
}

fn codec_options(data: &mut Unstructured<'_>) -> Result<(usize, [usize; 4])> {
    Ok((data.int_in_range(0..=40)?, pieces(data, 1)?))
}

/// The lengths of four pieces, of so many bytes at least.
fn pieces(data: &mut Unstructured<'_>, least: usize) -> Result<[usize; 4]> {
    let lengths: [u8; 4] = data.arbitrary()?;
    Ok(lengths.map(|length| usize::from(length).max(least)))
}

/// The blocks of an input that arrives in pieces of these lengths, again and again.
fn cut(mut input: &[u8], max_line_bytes: usize, pieces: &[usize]) -> Vec<Block> {
    let mut codec = BlockCodec::new(max_line_bytes);
    let (mut arrived, mut blocks) = (BytesMut::new(), Vec::new());
    for &length in pieces.iter().cycle() {
        if input.is_empty() {
            break;
        }
        let (piece, rest) = input.split_at(length.min(input.len()));
        arrived.extend_from_slice(piece);
        blocks.extend(std::iter::from_fn(|| codec.decode(&mut arrived).expect("no content is an error")));
        assert!(arrived.len() <= max_line_bytes, "no more than a line is held");
        input = rest;
    }
    blocks.extend(std::iter::from_fn(|| codec.decode_eof(&mut arrived).expect("no content is an error")));
    blocks
}

/// Holds the blocks against the lines of a naive split.
fn check_blocks(input: &[u8], max_line_bytes: usize, blocks: &[Block]) {
    let mut rest = input;
    let mut is_within_long_line = false;
    for block in blocks {
        let (Block::Lines(bytes) | Block::LongLine { bytes, .. }) = block;
        let before = rest;
        rest = rest.strip_prefix(&**bytes).expect("the blocks are the input");
        match block {
            Block::Lines(_) => {
                assert!(bytes.ends_with(b"\n") || rest.is_empty(), "lines are whole");
                assert!(!bytes.is_empty() && !is_within_long_line, "lines have bytes of their own");
            }
            Block::LongLine { part, .. } => {
                assert_eq!(*part == Part::First, !is_within_long_line, "the first piece is told");
                assert!(!bytes.is_empty() || *part == Part::Last, "only the last piece may be empty");
                let line = before.split(|&byte| byte == b'\n').next().unwrap_or_default();
                assert!(is_within_long_line || line.len() > max_line_bytes, "only a line that is too long comes in pieces");
                let ends = bytes.ends_with(b"\n") || *part == Part::Last && rest.is_empty();
                assert_eq!(*part == Part::Last, ends, "the last piece is told");
                assert!(!bytes.strip_suffix(b"\n").unwrap_or(bytes).contains(&b'\n'), "a piece is of one line");
                is_within_long_line = *part != Part::Last;
            }
        }
    }
    assert!(!is_within_long_line, "each line ends");
    assert!(rest.is_empty(), "the blocks are all of the input");
}

/// Reads a line and sends it through each chain of stages.
///
/// # Panics
///
/// A law is broken.
pub fn record(line: &[u8]) {
    claims::reads_what_serde_json_reads(line);
    if reference::read(line).is_err() {
        return;
    }
    for steps in CHAINS {
        claims::edits_provenance_and_nothing_else(PROVENANCE, steps, line);
        claims::gives_the_record_back_without_provenance(PROVENANCE, steps, line);
        claims::twice_is_once(PROVENANCE, steps, line);
        claims::leaves_no_trace_where_it_is_stripped(PROVENANCE, steps, line);
    }
}

/// Reads bytes as one block of lines, in vectors of each width, against `serde_json` on each line.
///
/// # Panics
///
/// A line is read otherwise than by itself.
pub fn block(data: &[u8]) {
    claims::reads_a_block_as_its_lines(data);
}

/// Runs inputs: a byte each for the chain, the limit of a line, where excluded records go, and what is done with faulty lines; four for the lengths of the pieces; then
/// the inputs with a record separator between them.
///
/// # Panics
///
/// A law is broken.
pub fn pipeline(data: &[u8]) {
    let mut data = Unstructured::new(data);
    let Ok((flow, pieces)) = flow_options(&mut data) else {
        return;
    };
    let inputs: Vec<_> = data.take_rest().split(|&byte| byte == INPUT_SEPARATOR).collect();
    claims::passes_the_lines(&flow, &inputs);
    claims::is_the_same_however_it_is_cut(&flow, &inputs, &pieces, 1);
    claims::is_the_same_however_it_is_cut(&flow, &inputs, &pieces, 3);
    claims::takes_provenance_apart_and_together(&Flow { max_line_bytes: 1 << 20, ..flow }, &inputs);
}

fn flow_options(data: &mut Unstructured<'_>) -> Result<(Flow, [usize; 4])> {
    let steps = data.choose(&CHAINS)?;
    let max_line_bytes = *data.choose(&[3, 8, 20, 60, 1 << 20])?;
    let excluded = *data.choose(&[Excluded::Keep, Excluded::Route, Excluded::Drop])?;
    let on_fault = *data.choose(&[OnFault::Reject, OnFault::Pass])?;
    Ok((Flow { max_line_bytes, excluded, on_fault, ..Flow::new(steps) }, pieces(data, 0)?))
}

/// Compiles a rule, and has the error written where it is none. The filter is not run: one of a few letters can go on for ever or take all
/// memory, which is the user's own business, and there is no telling such filters from others.
///
/// # Panics
///
/// A text is a rule in one way of making it, and none in the other.
pub fn filter(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let rule = Rule::parse(text);
    if let Err(why) = &rule {
        assert!(!why.to_string().is_empty());
    }
    if let Some((reason, filter)) = text.split_once('=') {
        assert_eq!(Rule::new(reason, filter).map(drop), rule.map(drop));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// Runs a target with each of its seeds.
    fn sow(target: &str, run: fn(&[u8])) {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
        let seeds: Vec<_> = fs::read_dir(seeds).expect("the target has seeds").collect();
        assert!(!seeds.is_empty());
        for seed in seeds {
            run(&fs::read(seed.expect("seeds can be listed").path()).expect("a seed can be read"));
        }
    }

    #[test]
    fn the_seeds_keep_the_laws() {
        sow("codec", super::codec);
        sow("record", super::record);
        sow("block", super::block);
        sow("pipeline", super::pipeline);
        sow("filter", super::filter);
    }
}
