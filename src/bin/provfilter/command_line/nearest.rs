//! Finds the screen that an unknown name was probably meant for.

use provfilter::rule::RuleError;
use provfilter::screen::Screen;

/// The screen or group that is called nearly as the rule that is wrong, if it is one that is not known.
pub(super) fn nearest_screen(why: &RuleError) -> Option<&'static str> {
    let RuleError::UnknownScreen { name } = why else {
        return None;
    };
    let names = Screen::ALL.into_iter().map(Screen::name).chain(Screen::GROUPS.into_iter().map(|(group, _)| group));
    let name = name.to_ascii_lowercase().replace('_', "-");
    let distance = |known: &&str| strsim::damerau_levenshtein(&name, known);
    names.min_by_key(distance).filter(|nearest| distance(nearest) <= 3 && distance(nearest) * 2 < nearest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_nearly_a_screens_is_recognized() {
        let nearest = |name: &str| nearest_screen(&RuleError::UnknownScreen { name: name.to_owned() });
        for (name, screen) in
            [("tool_calls", "tool-calls"), ("duplicates", "duplicate"), ("chatt", "chat"), ("secrets", "secret")]
        {
            assert_eq!(nearest(name), Some(screen));
        }
        assert_eq!(nearest("low-score"), None);
        assert_eq!(nearest("spam"), None);
    }
}
