//! Which of equal records is the first, whatever the number of workers, the cut of the input and the number of files.

use std::collections::HashSet;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use provfilter::rule::{Rules, Source};
use provfilter::stage::{Chain, Exclude};

use super::flow::{Flow, Passed};

/// What becomes of a record but for its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stays,
    /// A rule before the screen excludes it.
    ExcludedBefore,
    /// A rule behind the screen excludes it.
    ExcludedBehind,
    CameExcluded,
    /// A rule behind the screen fails on it.
    Faulty,
}

type Given = (u8, Fate);

/// A record of half a kilobyte, so that there are blocks enough for many workers.
fn record((content, fate): Given) -> String {
    let provenance = match fate {
        Fate::CameExcluded => r#","provenance":{"excluded":true,"exclusion_reason":"earlier"}"#,
        _ => "",
    };
    let content = format!("{content}{}", "x".repeat(500));
    format!(r#"{{"prompt":"{content}","response":"","fate":"{fate:?}"{provenance}}}"#)
}

/// A new chain, which has seen no record yet.
fn chain() -> Arc<Chain> {
    let rules = [
        r#"before=.fate == "ExcludedBefore""#,
        "duplicate",
        r#"behind=.fate == "ExcludedBehind""#,
        r#"faulty=if .fate == "Faulty" then error else false end"#,
    ];
    let rules = Rules::new(&rules.map(Source::Text)).expect("the rules are right");
    Arc::new(Chain::new().with(Exclude::new(rules)))
}

/// The reason that each record leaves with, one after the other; none for a faulty one.
fn expected(records: &[Given]) -> Vec<Option<&'static str>> {
    let mut seen = HashSet::new();
    let reason = |&(content, fate): &Given| match fate {
        Fate::ExcludedBefore => Some("before"),
        Fate::CameExcluded => Some("earlier"),
        _ if seen.contains(&content) => Some("duplicate"),
        Fate::Faulty => None,
        Fate::Stays | Fate::ExcludedBehind => {
            seen.insert(content);
            Some(if fate == Fate::Stays { "" } else { "behind" })
        }
    };
    records.iter().map(reason).collect()
}

fn reasons(passed: &Passed) -> Vec<String> {
    let lines = passed.output.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    let reason = |line| {
        let record: serde_json::Value = serde_json::from_slice(line).expect("records are JSON");
        record["provenance"]["exclusion_reason"].as_str().unwrap_or_default().to_owned()
    };
    lines.map(reason).collect()
}

fn lines(records: &[Given]) -> Vec<u8> {
    records.iter().flat_map(|&given| format!("{}\n", record(given)).into_bytes()).collect()
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Stays),
        1 => select(vec![Fate::ExcludedBefore, Fate::ExcludedBehind, Fate::CameExcluded, Fate::Faulty]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn of_equal_records_the_first_in_the_input_stays(
        records in vec((any::<u8>(), fate()), 0..1200), pieces in vec(select(vec![700, 33_000, 50_000]), 1..4), at in any::<prop::sample::Index>(),
    ) {
        let flow = Flow::new(&[]);
        let whole = lines(&records);
        let alone = flow.run_through(chain(), &[&whole]);
        let left: Vec<_> = expected(&records).into_iter().flatten().collect();
        prop_assert_eq!(reasons(&alone), left);
        for threads in [2, 7] {
            let cut = flow.cut(&pieces, threads);
            let one = cut.run_through(chain(), &[&whole]);
            prop_assert_eq!(reasons(&one), reasons(&alone));
            prop_assert!(one == alone);
            let (first, second) = records.split_at(at.index(records.len() + 1));
            let files = cut.run_through(chain(), &[lines(first), lines(second)]);
            prop_assert_eq!(reasons(&files), reasons(&alone));
            prop_assert!(files.output == alone.output);
            prop_assert!(files.rejects == alone.rejects);
            prop_assert_eq!(&files.summary.by_reason, &alone.summary.by_reason);
        }
    }
}
