//! What to do about an input that does not hold one record per line: a command that converts it.

use provfilter::Error;
use provfilter::compressed::Compression;
use provfilter::pipeline::Document;

/// What to do about an error.
pub(super) fn of_error(error: &Error) -> Option<String> {
    let Error::Compressed { file, format } = error else {
        return None;
    };
    Some(format!("decompress it first: {} | provfilter", decompress(file, *format)))
}

/// What an input is, and what to do about it.
pub(super) fn of_document(file: &str, document: Document) -> String {
    let (what, filter) = match document {
        Document::Array => ("is an array, not one record per line", "'.[]'"),
        Document::Object => ("has records that span several lines", "."),
    };
    let command = match Compression::of_name(file) {
        Some(format) => format!("{} | jq -c {filter}", decompress(file, format)),
        None => format!("jq -c {filter} {}", argument(file)),
    };
    let input = match argument(file) {
        _ if file == "-" => "standard input",
        PLACEHOLDER => "the input",
        name => name,
    };
    format!("{input} {what}; try: {command} | provfilter")
}

/// The command that decompresses a file.
fn decompress(file: &str, format: Compression) -> String {
    let file = argument(file);
    // gzip reads files of any name only from its standard input.
    let from = if format == Compression::Gzip && file != PLACEHOLDER && Compression::of_name(file).is_none() { "< " } else { "" };
    format!("{format} -dc {from}{file}")
}

/// Stands for a file without a name, or with one that a shell would take apart.
const PLACEHOLDER: &str = "F";

fn argument(file: &str) -> &str {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./+,:@=%-".contains(&byte);
    if file.bytes().all(is_plain) && !file.starts_with('-') && file.len() <= LONGEST_ARGUMENT { file } else { PLACEHOLDER }
}

/// A name that is longer, in bytes, would hide the command.
const LONGEST_ARGUMENT: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_inputs_are_piped_through_what_decompresses_them() {
        for (file, format, command) in [
            ("-", Compression::Zstd, "zstd -dc F | provfilter"),
            ("-", Compression::Gzip, "gzip -dc F | provfilter"),
            ("a.jsonl", Compression::Zstd, "zstd -dc a.jsonl | provfilter"),
            ("a.jsonl", Compression::Gzip, "gzip -dc < a.jsonl | provfilter"),
            ("a.jsonl.gz", Compression::Gzip, "gzip -dc a.jsonl.gz | provfilter"),
            ("a b.zst", Compression::Zstd, "zstd -dc F | provfilter"),
        ] {
            let hint = of_error(&Error::Compressed { file: file.into(), format });
            assert_eq!(hint, Some(format!("decompress it first: {command}")), "{file}");
        }
        assert_eq!(of_error(&Error::Worker), None);
    }

    #[test]
    fn jq_makes_lines_of_documents() {
        for (file, document, hint) in [
            ("a.json", Document::Array, "a.json is an array, not one record per line; try: jq -c '.[]' a.json | provfilter"),
            ("-", Document::Object, "standard input has records that span several lines; try: jq -c . F | provfilter"),
            ("a.gz", Document::Object, "a.gz has records that span several lines; try: gzip -dc a.gz | jq -c . | provfilter"),
            ("-x", Document::Object, "the input has records that span several lines; try: jq -c . F | provfilter"),
        ] {
            assert_eq!(of_document(file, document), hint);
        }
    }
}
