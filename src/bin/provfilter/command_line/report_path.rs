//! Where reports go: paths with placeholders for what tells a run from others, so that the tasks of an engine do not overwrite each
//! other's reports.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Why a path stands for nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathError {
    #[error(
        "unknown placeholder `{{{name}}}`: expected {{pid}}, {{host}}, {{run_id}} or {{env:NAME}}; write {{{{ and }}}} for literal braces"
    )]
    Unknown { name: String },
    #[error("unmatched `{brace}`: write {brace}{brace} for a literal brace")]
    UnmatchedBrace { brace: char },
    #[error("the environment variable {name} is {what}")]
    Variable { name: String, what: &'static str },
    #[error("{{host}}: this machine has no host name")]
    NoHost,
}

/// What placeholders stand for.
pub(super) struct Names<'n> {
    pub(super) run_id: &'n str,
    /// The variables of the environment.
    pub(super) variable: fn(&str) -> Option<OsString>,
}

impl Names<'_> {
    /// The path that a text stands for.
    pub(super) fn resolve(&self, text: &str) -> Result<PathBuf, PathError> {
        let mut path = OsString::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            path.push(&rest[..at]);
            rest = &rest[at..];
            let length = match rest.as_bytes() {
                [b'{', b'{', ..] | [b'}', b'}', ..] => {
                    path.push(&rest[..1]);
                    2
                }
                [b'}', ..] => return Err(PathError::UnmatchedBrace { brace: '}' }),
                _ => {
                    let end = rest.find('}').ok_or(PathError::UnmatchedBrace { brace: '{' })?;
                    path.push(self.value(&rest[1..end])?);
                    end + 1
                }
            };
            rest = &rest[length..];
        }
        path.push(rest);
        Ok(path.into())
    }

    fn value(&self, name: &str) -> Result<OsString, PathError> {
        match name {
            "pid" => Ok(std::process::id().to_string().into()),
            "run_id" => Ok(self.run_id.into()),
            "host" => host().ok_or(PathError::NoHost),
            _ => match name.strip_prefix("env:").filter(|variable| !variable.is_empty()) {
                Some(variable) => self.variable(variable),
                None => Err(PathError::Unknown { name: name.to_owned() }),
            },
        }
    }

    /// One that is empty tells no task from another, as little as one that is not set.
    fn variable(&self, name: &str) -> Result<OsString, PathError> {
        let failed = |what| PathError::Variable { name: name.to_owned(), what };
        let value = (self.variable)(name).ok_or_else(|| failed("not set"))?;
        if value.is_empty() { Err(failed("empty")) } else { Ok(value) }
    }
}

/// The name of this machine, as it calls itself.
fn host() -> Option<OsString> {
    let name = OsStr::new(rustix::system::uname().nodename().to_str().ok()?).to_owned();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{Names, PathError};

    const NAMES: Names<'_> =
        Names { run_id: "0199-a", variable: |name| ["TASK", "EMPTY"].contains(&name).then(|| name.replace("EMPTY", "").into()) };

    fn resolve(text: &str) -> Result<String, PathError> {
        NAMES.resolve(text).map(|path| path.into_os_string().into_string().expect("it is text"))
    }

    #[test]
    fn placeholders_stand_for_what_they_name() {
        let pid = std::process::id();
        assert_eq!(resolve("r/{env:TASK}-{run_id}.{pid}"), Ok(format!("r/TASK-0199-a.{pid}")));
        assert!(resolve("{host}").is_ok_and(|name| !name.is_empty()));
        assert_eq!(resolve("a=b-é.json"), Ok("a=b-é.json".to_owned()));
    }

    #[test]
    fn braces_are_written_twice() {
        assert_eq!(resolve("{{pid}}{{{env:TASK}}}"), Ok("{pid}{TASK}".to_owned()));
        for (text, brace) in [("a{pid", '{'), ("a}", '}'), ("{{pid}", '}')] {
            assert_eq!(resolve(text), Err(PathError::UnmatchedBrace { brace }), "{text}");
        }
    }

    #[test]
    fn what_stands_for_nothing_is_an_error() {
        for name in ["", "now", "PID", "env", "env:", "{pid"] {
            assert_eq!(resolve(&format!("r{{{name}}}")), resolve_unknown(name), "{name}");
        }
        for (name, what) in [("GONE", "not set"), ("EMPTY", "empty")] {
            assert_eq!(resolve(&format!("{{env:{name}}}")), Err(PathError::Variable { name: name.to_owned(), what }));
        }
    }

    /// Two braces at its start are one brace, and leave the one at the end alone.
    fn resolve_unknown(name: &str) -> Result<String, PathError> {
        Err(if name.starts_with('{') {
            PathError::UnmatchedBrace { brace: '}' }
        } else {
            PathError::Unknown { name: name.to_owned() }
        })
    }
}
