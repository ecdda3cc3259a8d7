use std::io::{ErrorKind, Write};

use flate2::write::GzEncoder;
use proptest::prelude::*;
use zstd_safe::{CCtx, CParameter, InBuffer};

use super::*;

const FORMATS: [Compression; 2] = [Compression::Gzip, Compression::Zstd];

fn compress(format: Compression, text: &[u8]) -> Vec<u8> {
    match format {
        Compression::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(text).expect("memory takes everything");
            encoder.finish().expect("memory takes everything")
        }
        Compression::Zstd => zstd(text, &[CParameter::ChecksumFlag(true)]),
    }
}

/// A frame in blocks of a kilobyte.
fn zstd(text: &[u8], parameters: &[CParameter]) -> Vec<u8> {
    let mut context = CCtx::create();
    for &parameter in parameters {
        context.set_parameter(parameter).expect("the parameter is allowed");
    }
    let mut frame = vec![0; zstd_safe::compress_bound(text.len()) + 4 * text.len() / 1000 + 64];
    let mut output = zstd_safe::OutBuffer::around(&mut frame[..]);
    for block in text.chunks(1000) {
        let mut input = InBuffer::around(block);
        context.compress_stream(&mut output, &mut input).expect("the frame is large enough");
        context.flush_stream(&mut output).expect("the frame is large enough");
    }
    assert_eq!(context.end_stream(&mut output), Ok(0), "the frame is large enough");
    let length = output.pos();
    frame.truncate(length);
    frame
}

/// A skippable frame with these bytes.
fn skippable(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).expect("it is short");
    [&[0x5e, 0x2a, 0x4d, 0x18][..], &length.to_le_bytes(), bytes].concat()
}

/// Reads so many bytes at once, and gives the text, what it ended with, and the bytes of the file that it took.
fn read(format: Compression, file: impl Read, at_once: usize) -> (Vec<u8>, Option<io::Error>, u64) {
    let mut reader = Decompressed::new(format, file);
    let (mut text, mut room) = (Vec::new(), vec![0; at_once]);
    loop {
        match reader.read(&mut room) {
            Ok(0) => return (text, None, reader.consumed().bytes()),
            Ok(count) => text.extend_from_slice(&room[..count]),
            Err(why) => {
                let again = reader.read(&mut room).expect_err("damage stays");
                assert_eq!(again.to_string(), why.to_string());
                return (text, Some(why), reader.consumed().bytes());
            }
        }
    }
}

/// Gives a byte with each read, as the slowest of pipes does.
struct ByteByByte<'a>(&'a [u8]);

impl Read for ByteByByte<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let count = room.len().min(1);
        self.0.read(&mut room[..count])
    }
}

/// Text of several kilobytes that is neither all alike nor all different.
fn text() -> Vec<u8> {
    let mut random = 7_u32;
    let mut word = || {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        random >> 16
    };
    (0..400).flat_map(|line| format!("{{\"line\":{line},\"word\":{}}}\n", word()).into_bytes()).collect()
}

fn message(error: Option<io::Error>) -> String {
    error.expect("the file is damaged").to_string()
}

#[test]
fn formats_are_told_by_the_end_of_the_name() {
    for (name, format) in [
        ("a.jsonl.gz", Some(Compression::Gzip)),
        ("dir/a.zst", Some(Compression::Zstd)),
        (".gz", Some(Compression::Gzip)),
        ("a.zst/", None),
        ("gz", None),
        ("a.gz.jsonl", None),
        ("-", None),
    ] {
        assert_eq!(Compression::of_name(name), format, "{name}");
    }
}

#[test]
fn formats_are_told_by_their_magic_numbers() {
    for format in FORMATS {
        let file = compress(format, b"{}\n");
        assert_eq!(Compression::of_magic(&file), Some(format));
        assert_eq!(Compression::of_magic(&file[..2]), None);
    }
    assert_eq!(Compression::of_magic(&skippable(b"")), Some(Compression::Zstd));
    assert_eq!(Compression::of_magic(b"{\"a\":1}"), None);
    assert_eq!(Compression::of_magic(b""), None);
}

#[test]
fn members_and_frames_follow_each_other() {
    let text = text();
    for format in FORMATS {
        let pieces = [&text[..1], &text[1..1], &text[1..5000], &text[5000..]];
        let file = pieces.map(|piece| compress(format, piece)).concat();
        for at_once in [1, 7, 4096, 1 << 20] {
            let (read, error, consumed) = read(format, &file[..], at_once);
            assert!(error.is_none() && read == text, "{format}, {at_once} at once");
            assert_eq!(consumed, file.len() as u64);
        }
    }
}

#[test]
fn a_file_may_come_byte_by_byte() {
    let text = text();
    for format in FORMATS {
        let file = [compress(format, &text), compress(format, &text)].concat();
        let (read, error, _) = read(format, ByteByByte(&file), 4096);
        assert!(error.is_none(), "{format}: {error:?}");
        assert_eq!(read, [&text[..], &text].concat());
    }
}

#[test]
fn skippable_frames_are_skipped_wherever_they_stand() {
    let frame = compress(Compression::Zstd, b"{}\n");
    for file in [
        [&skippable(b"index"), &frame[..], &skippable(b""), &frame, &skippable(&vec![0; 300_000])].concat(),
        [&frame[..], &frame, &skippable(b"seek table")].concat(),
    ] {
        let (read, error, consumed) = read(Compression::Zstd, &file[..], 4096);
        assert!(error.is_none(), "{error:?}");
        assert_eq!((read, consumed), (b"{}\n{}\n".to_vec(), file.len() as u64));
    }
}

#[test]
fn zeros_behind_the_last_member_are_no_damage() {
    let member = compress(Compression::Gzip, b"{}\n");
    let file = [&member[..], &vec![0; 300_000]].concat();
    let (read_text, error, consumed) = read(Compression::Gzip, &file[..], 4096);
    assert!(error.is_none() && read_text == b"{}\n");
    assert_eq!(consumed, file.len() as u64);

    let (read_text, error, _) = read(Compression::Gzip, &[&file[..], &member].concat()[..], 4096);
    assert_eq!(read_text, b"{}\n");
    assert_eq!(message(error), format!("unexpected bytes after the gzip data, at byte {}", file.len()));
}

#[test]
fn anything_else_behind_the_last_member_or_frame_is_damage() {
    for format in FORMATS {
        let file = compress(format, b"{}\n");
        for trailing in [&b"{}\n"[..], b"x"] {
            for at_once in [1, 4096] {
                let (text, error, _) = read(format, ByteByByte(&[&file, trailing].concat()), at_once);
                assert_eq!(text, b"{}\n", "{format}");
                assert_eq!(message(error), format!("unexpected bytes after the {format} data, at byte {}", file.len()));
            }
        }
    }
}

#[test]
fn a_file_in_another_format_is_told_as_such() {
    for format in FORMATS {
        for file in [&b"{}\n"[..], b"(\xb5/x", b"\0\0\0\0"] {
            let (text, error, _) = read(format, ByteByByte(file), 4096);
            assert_eq!((text, message(error)), (vec![], format!("not {format} data, despite its name")));
        }
    }
}

#[test]
fn an_end_at_any_byte_is_early_and_leaves_what_came_before() {
    let text = text();
    for format in FORMATS {
        let first = compress(format, &text[..5000]);
        let file = [&first[..], &compress(format, &text[5000..])].concat();
        for end in 0..file.len() {
            let (read, error, consumed) = read(format, &file[..end], 100_000);
            assert!(text.starts_with(&read), "{format}, cut at {end}");
            assert_eq!(consumed, end as u64);
            if end == first.len() {
                assert!(error.is_none() && read == text[..5000], "{format}: a member by itself is a file");
                continue;
            }
            let error = error.expect("a cut file is damaged");
            assert_eq!((error.kind(), error.to_string()), (ErrorKind::UnexpectedEof, format!("the {format} data ends early")));
            assert!(end < first.len() || read.len() >= 5000, "{format}, cut at {end}");
        }
    }
}

#[test]
fn text_before_a_cut_is_all_there() {
    let text = text();
    let frame = zstd(&text, &[]);
    // The end mark of a frame without a checksum is an empty block, of 3 bytes.
    let (read_text, error, _) = read(Compression::Zstd, &frame[..frame.len() - 3], 100_000);
    assert!(error.is_some() && read_text == text);

    let member = compress(Compression::Gzip, &text);
    let (read_text, error, _) = read(Compression::Gzip, &member[..member.len() - 8], 100_000);
    assert!(error.is_some() && read_text == text);
}

#[test]
fn a_byte_that_is_changed_anywhere_is_noticed_or_changes_no_text() {
    let text = text();
    for format in FORMATS {
        let sound = compress(format, &text);
        for at in 0..sound.len() {
            for change in [0x01, 0x80, 0xff] {
                let mut file = sound.clone();
                file[at] ^= change;
                let (read, error, _) = read(format, &file[..], 4096);
                assert!(error.is_some() || read == text, "{format}, byte {at}");
            }
        }
    }
}

/// Where the headers of a frame's blocks stand: behind the magic number, a byte of flags, and one for the window (RFC 8878, 3.1.1).
fn block_headers(frame: &[u8]) -> Vec<usize> {
    let (mut headers, mut at) = (vec![], 6);
    loop {
        let header = u32::from_le_bytes([frame[at], frame[at + 1], frame[at + 2], 0]);
        headers.push(at);
        if header & 1 == 1 {
            return headers;
        }
        at += 3 + if header >> 1 & 3 == 1 { 1 } else { (header >> 3) as usize };
    }
}

#[test]
fn all_blocks_before_a_damaged_one_come_out() {
    const RESERVED_TYPE: u8 = 0b110;
    let text = text();
    let sound = zstd(&text, &[CParameter::ChecksumFlag(true)]);
    let headers = block_headers(&sound);
    assert_eq!(headers.len(), text.len().div_ceil(1000) + 1);
    for at_once in [10, 100_000] {
        for (number, &at) in headers.iter().enumerate() {
            let mut file = sound.clone();
            file[at] |= RESERVED_TYPE;
            let (read, error, _) = read(Compression::Zstd, &file[..], at_once);
            assert!(error.is_some() && read == text[..text.len().min(number * 1000)], "block {number}");
        }
    }
}

#[test]
fn a_wrong_checksum_is_damage_behind_all_of_the_text() {
    let text = text();
    for (format, from_end, why) in [
        (Compression::Gzip, 8, "incorrect data check"),
        (Compression::Gzip, 1, "incorrect length check"),
        (Compression::Zstd, 1, "checksum"),
    ] {
        let mut file = compress(format, &text);
        let at = file.len() - from_end;
        file[at] ^= 1;
        let (read, error, _) = read(format, &file[..], 4096);
        let message = message(error);
        assert!(read == text, "{format}");
        assert!(message.contains(&format!("the {format} data is damaged near byte")) && message.contains(why), "{message}");
    }
}

#[test]
fn windows_go_up_to_128_mib() {
    let window = |log| zstd(&text(), &[CParameter::WindowLog(log), CParameter::EnableLongDistanceMatching(true)]);
    let (read_text, error, _) = read(Compression::Zstd, &window(27)[..], 4096);
    assert!(error.is_none() && read_text == text(), "{error:?}");
    let (read_text, error, _) = read(Compression::Zstd, &window(28)[..], 4096);
    assert_eq!((read_text, message(error)), (vec![], "the zstd data needs a window of more than 128 MiB".to_owned()));
}

#[test]
fn an_error_of_the_file_is_given_on_behind_the_text_before_it() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(ErrorKind::PermissionDenied.into())
        }
    }
    for format in FORMATS {
        let file = compress(format, b"{}\n");
        let (mut text, mut reader) = (Vec::new(), Decompressed::new(format, file.chain(Failing)));
        let error = reader.read_to_end(&mut text).expect_err("the file cannot be read to its end");
        assert_eq!((&text[..], error.kind()), (&b"{}\n"[..], ErrorKind::PermissionDenied));
    }
}

proptest! {
    #[test]
    fn any_text_in_any_members_is_read_in_pieces_of_any_size(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3000), 1..4),
        at_once in 1_usize..5000,
    ) {
        for format in FORMATS {
            let file: Vec<u8> = pieces.iter().flat_map(|piece| compress(format, piece)).collect();
            let (read, error, consumed) = read(format, &file[..], at_once);
            prop_assert!(error.is_none());
            prop_assert_eq!(read, pieces.concat());
            prop_assert_eq!(consumed, file.len() as u64);
        }
    }

    #[test]
    fn no_file_makes_the_reader_panic_or_hang(file in prop::collection::vec(any::<u8>(), 0..300), cut in 0_usize..40) {
        for format in FORMATS {
            let start = compress(format, b"{}\n{}\n");
            let start = &start[..start.len().min(cut)];
            let _ = read(format, &[start, &file].concat()[..], 64);
        }
    }
}
