//! The list of screens: what each excludes, and where its rule comes from.

use std::fmt::Write;

use provfilter::screen::Screen;

/// A line for each screen and group of screens, and one below a screen for its source.
pub(crate) fn list_screens() -> String {
    let names = Screen::ALL.into_iter().map(Screen::name);
    let width = names.map(str::len).max().unwrap_or_default();
    let mut list = "Each screen excludes a record ...\n\n".to_owned();
    for screen in Screen::ALL {
        let (name, excludes) = (screen.name(), screen.describe());
        let _ = writeln!(list, "{name:width$}  {excludes}\n{:width$}  source: {}", "", screen.source());
    }
    list.push_str("\nGroups\n\n");
    for (group, screens) in Screen::GROUPS {
        let names: Vec<_> = screens.iter().map(|screen| screen.name()).collect();
        let _ = writeln!(list, "{group:width$}  {}", names.join(", "));
    }
    list
}
