use super::*;
use crate::screen::check;

fn letters(count: usize) -> String {
    "aBcDeFgHiJ".chars().cycle().take(count).collect()
}

fn capitals(count: usize) -> String {
    "A1B2C3".chars().cycle().take(count).collect()
}

/// Secrets of all kinds, none of them anybody's, and what each is called.
fn secrets() -> Vec<(String, &'static str)> {
    let mut secrets = vec![
        (format!("AKIA{}", capitals(16)), "an AWS key"),
        (format!("ASIA{}", capitals(16)), "an AWS key"),
        (format!("github_pat_{}_", letters(81)), "a GitHub token"),
        (format!("sk-{}T3BlbkFJ{}", letters(20), letters(20)), "an OpenAI key"),
        (format!("sk-proj-{}_-T3BlbkFJ{}", letters(70), letters(70)), "an OpenAI key"),
        (format!("sk-ant-api03-{}", letters(80)), "an Anthropic key"),
        (format!("hf_{}", letters(34)), "a Hugging Face token"),
        (format!("AIza{}", letters(35)), "a Google key"),
        (format!("sk_live_{}", letters(24)), "a Stripe key"),
        (format!("rk_live_{}", letters(30)), "a Stripe key"),
        ("-----BEGIN PRIVATE KEY-----".to_owned(), "a private key"),
        ("-----BEGIN RSA PRIVATE KEY-----".to_owned(), "a private key"),
        ("sk-ant-----BEGIN EC2 X PRIVATE KEY-----".to_owned(), "a private key"),
    ];
    secrets.extend("pousr".chars().map(|kind| (format!("gh{kind}_{}", letters(36)), "a GitHub token")));
    secrets.extend("abprs".chars().map(|kind| (format!("xox{kind}-{}", letters(10)), "a Slack token")));
    secrets
}

/// What stands before and behind a secret, as JSON spells it, without being part of it.
const BORDERS: [(&str, &str); 6] = [("", ""), (" ", " "), (r"\n", r"\n"), ("é", "é"), (r"\u00e9", r"\u2003"), ("=\\\"", "\\\"")];

#[test]
fn secrets_of_all_kinds_are_found_in_any_string_and_never_told() {
    for (secret, name) in secrets() {
        for (before, behind) in BORDERS {
            let text = format!("{before}{secret}{behind}");
            let records = [
                (format!("{{\"a\":1,\"b/c\":[[],[{{\"d\":\"{text}\"}}]]}}"), "/b~1c/1/0/d"),
                (format!("{{\"a\":\"{text}\",\"a\":1}}"), "/a"),
                (format!("{{\"x\":{{\"{text}\":1}}}}"), "/x/***"),
            ];
            for (record, place) in records {
                check(&RULE, &[(&record, &format!("{name} at {place}"))], &[]);
            }
        }
    }
}

#[test]
fn every_character_may_be_spelled_with_an_escape() {
    for (secret, name) in secrets() {
        for at in 0..secret.len() {
            for escape in [format!("\\u{:04x}", secret.as_bytes()[at]), format!("\\u{:04X}", secret.as_bytes()[at])] {
                let record = format!("{{\"a\":\"{}{escape}{}\"}}", &secret[..at], &secret[at + 1..]);
                check(&RULE, &[(&record, &format!("{name} at /a"))], &[]);
            }
        }
    }
}

#[test]
fn what_only_looks_like_a_secret_passes() {
    let texts = [
        format!("AKIA{}", capitals(15)),
        format!("AKIA{}", capitals(17)),
        format!("xAKIA{}", capitals(16)),
        format!("AKIA{}_", capitals(16)),
        format!("AKIA{}", letters(16)),
        format!("ghp_{}", letters(35)),
        format!("ghx_{}", letters(36)),
        format!("ghp_{}", letters(256)),
        format!("github_pat_{}", letters(81)),
        format!("sk-{}T3BlbkFJ{}", letters(19), letters(20)),
        format!("sk-{}T3BlbkFJ{}", letters(20), letters(19)),
        format!("sk-ant-api3-{}", letters(80)),
        format!("sk-ant-api03-{}", letters(79)),
        format!("hf_{}", letters(33)),
        format!("hf_{}", letters(35)),
        format!("xoxb-{}", letters(9)),
        format!("xoxc-{}", letters(10)),
        format!("AIza{}", letters(34)),
        format!("sk_live_{}", letters(23)),
        format!("sk_test_{}", letters(24)),
        "-----BEGIN PUBLIC KEY-----".to_owned(),
        "-----BEGIN rsa PRIVATE KEY-----".to_owned(),
        "----BEGIN PRIVATE KEY-----".to_owned(),
    ];
    for text in texts {
        check(&RULE, &[], &[&format!("{{\"a\":\"{text}\",\"{text}\":1}}")]);
    }
}

#[test]
fn strings_are_decoded_once_and_looked_at_one_by_one() {
    let key = format!("AKIA{}", capitals(16));
    // The escape of a line feed ends in a letter, but only its spelling does.
    check(&RULE, &[(&format!("{{\"a\":\"\\n{key}\"}}"), "an AWS key at /a")], &[]);
    // In JSON within a string, the letter is there.
    check(&RULE, &[], &[&format!("{{\"a\":\"\\\\n{key}\"}}")]);
    check(&RULE, &[], &[&format!("{{\"a\":[\"{}\",\"{}\"]}}", &key[..10], &key[10..])]);
    check(&RULE, &[], &[&format!("{{\"{}\":\"{}\"}}", &key[..10], &key[10..])]);
}

#[test]
fn the_provenance_is_not_looked_at() {
    let secret = format!("\"AKIA{}\"", capitals(16));
    let record = format!("{{\"provenance\":{{\"a\":{secret}}},\"b\":1}}");
    let place = record.find("{\"a\"").map(|start| start..record.len() - 7);
    assert_eq!((RULE.find)(&Look::at(record.as_bytes()).past(place.clone())), None);
    let record = record.replace("\"b\":1", &format!("\"b\":{secret}"));
    assert_eq!((RULE.find)(&Look::at(record.as_bytes()).past(place)).as_deref(), Some("an AWS key at /b"));
}

#[test]
fn places_are_cut_where_they_are_of_no_use() {
    let record = format!("{{\"a\":{}\"-----BEGIN PRIVATE KEY-----\"{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let found = (RULE.find)(&Look::at(record.as_bytes())).expect("a secret");
    assert!(found.starts_with("a private key at /a/0/0/") && found.ends_with("/0/..."), "{found}");
    assert!(found.len() < 300);
}

#[test]
fn names_are_masked_and_cut_where_they_are_shown() {
    assert_eq!(shown(b"call_1"), "call_1");
    assert_eq!(shown(format!("x AKIA{}", capitals(16)).as_bytes()), "***");
    assert!(shown("x".repeat(1000).as_bytes()).chars().count() < 130);
}
