//! The screens held to a second reading of their definition, on records in every layout with anything wrong in them.

mod generate;
mod hostile;
mod json;
mod reference;

use proptest::prelude::*;
use provfilter::duplicates::{DuplicateKey, Fingerprint};
use provfilter::record::Record;
use provfilter::screen::{Look, Screen};

use generate::{Random, record, spell};
use json::{Json, parse, text};

/// The names of the screens that turn a record down.
fn turned_down(record: &str) -> Vec<&'static str> {
    let look = Look::at(record.as_bytes());
    Screen::ALL.into_iter().filter(|screen| screen.find(&look).is_some()).map(Screen::name).collect()
}

fn fingerprint(record: &str) -> Option<Fingerprint> {
    Fingerprint::of(&Look::at(record.as_bytes()), &DuplicateKey::content())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn screens_say_what_the_reference_says_in_every_spelling(seed: u64) {
        let mut random = Random::new(seed);
        let record = record(&mut random);
        let spelled = spell(&record, &mut random);
        prop_assert!(Record::parse(spelled.as_bytes()).is_ok(), "{spelled}");
        prop_assert_eq!(parse(&text(&spelled)), Some(record.clone()), "{}", spelled);
        prop_assert_eq!(turned_down(&spelled), reference::turned_down(&record), "{}", spelled);
    }

    #[test]
    fn records_have_one_fingerprint_if_and_only_if_they_have_one_content(seed: u64) {
        let mut random = Random::new(seed);
        let one = record(&mut random);
        let mut other = one.clone();
        if let Json::Object(members) = &mut other {
            members.reverse();
        }
        for other in [other, record(&mut random)] {
            let is_one = reference::content(&one) == reference::content(&other);
            let (one, other) = (spell(&one, &mut random), spell(&other, &mut random));
            prop_assert_eq!(fingerprint(&one) == fingerprint(&other), is_one, "{}\n{}", one, other);
        }
    }
}

#[test]
fn the_records_of_these_tests_are_turned_down_by_every_screen_and_by_none() {
    let mut counts = std::collections::BTreeMap::new();
    for seed in 0..3_000 {
        let mut random = Random::new(seed);
        let names = reference::turned_down(&record(&mut random));
        counts.entry("none").and_modify(|count| *count += usize::from(names.is_empty())).or_insert(0);
        for name in names {
            *counts.entry(name).or_insert(0) += 1;
        }
    }
    assert_eq!(counts.len(), Screen::ALL.len(), "{counts:?}");
    assert!(counts.values().all(|count| *count > 20), "{counts:?}");
}
