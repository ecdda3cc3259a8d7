//! Record layouts: where the records of known tools hold the values that provenance needs. One row each; the help and `docs/guide.md` show
//! the same table.

/// A layout: the values that stand for it, as flags would give them.
///
/// ```
/// use provfilter::layout::Layout;
///
/// let hermes = Layout::of_name("hermes").expect("a known layout");
/// assert_eq!(hermes.model, ["{/metadata/model}", "{/model}"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Its name, as `--layout` takes it.
    pub name: &'static str,
    /// Values for `source`, tried in order. Empty if `--source` has to be given.
    pub source: &'static [&'static str],
    /// Values for `model`, tried in order.
    pub model: &'static [&'static str],
    /// Values for `source_session_id`, tried in order.
    pub session_id: &'static [&'static str],
    /// Values for `timestamp`, tried in order. Empty if the time of the run is used.
    pub timestamp: &'static [&'static str],
}

impl Layout {
    /// All layouts.
    pub const ALL: [Self; 6] = [
        Self {
            name: "hermes",
            source: &["trajectory"],
            model: &["{/metadata/model}", "{/model}"],
            session_id: &[
                "{/session_id}",
                "{/metadata/session_id}",
                "{/id}",
                "batch-{/metadata/batch_num}-{/prompt_index}",
                "prompt-{/prompt_index}",
            ],
            timestamp: &["{/metadata/timestamp}", "{/timestamp}", "{/session_start}", "{/started_at}"],
        },
        Self { name: "sharegpt", source: &[], model: &["{/model}"], session_id: &["{/id}"], timestamp: &["{/timestamp}"] },
        Self {
            name: "preference",
            source: &[],
            model: &["{/chosen_model}", "{/model}"],
            session_id: &["{/prompt_id}", "{/id}"],
            timestamp: &["{/timestamp}"],
        },
        Self { name: "distilabel", source: &[], model: &["{/model_name}"], session_id: &["{/id}"], timestamp: &[] },
        // The Agent Trajectory Interchange Format, with `schema_version` `ATIF-v1.x`.
        Self {
            name: "atif",
            source: &["trajectory"],
            model: &["{/agent/model_name}"],
            session_id: &["{/session_id}"],
            timestamp: &["{/steps/0/timestamp}"],
        },
        // Logged chat completions, as the API returns them.
        Self { name: "openai", source: &[], model: &["{/model}"], session_id: &["{/id}"], timestamp: &["{/created}"] },
    ];

    /// The layout with this name, or `None` if there is none.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::Layout;
    use crate::value::Value;

    #[test]
    fn all_layouts_have_values_that_can_be_read() {
        for Layout { name, source, model, session_id, timestamp } in Layout::ALL {
            assert!(!model.is_empty(), "{name}");
            for text in [source, model, session_id, timestamp].into_iter().flatten() {
                assert!(Value::parse(text).is_ok(), "{name}: {text}");
            }
        }
    }
}
