//! What the recipes for engines have in common: tasks are killed and run again, and reports add up to that of a single run.

use super::Recipe;

/// Stands before provfilter on the path, and goes by the names of reports. On the first attempt at a task, after the first records, it sends
/// a signal that nobody can catch: to itself, or to the process that it works for.
const KILLER: &str = r#"#!/bin/bash
real=$(PATH=${PATH#*:} command -v provfilter)
task=${REPORT##*/}
task=${task%%.*}
case $task in
ITSELF) victim=$$ ;;
ITS_PARENT) victim=$PPID ;;
*) exec "$real" "$@" ;;
esac
mkdir "$0.killed.$task" 2>/dev/null || exec "$real" "$@"
"$real" "$@" | head -c 500
kill -KILL "$victim"
"#;

/// Compares two reports in everything but what names the run and its time.
const SAME_COUNTS: &str = r#"
import json, sys
single, merged = (json.load(open(path)) for path in sys.argv[1:])
for report in single, merged:
    for name in "run_id", "runs", "started_at", "finished_at":
        report.pop(name, None)
for name in single.keys() | merged.keys():
    assert single.get(name) == merged.get(name), (name, single.get(name), merged.get(name))
"#;

/// Puts a program `bin/provfilter` beside the recipe that kills itself, or the process that it works for, in the middle of these tasks:
/// patterns of the shell.
pub(super) fn put_killer(recipe: &Recipe, itself: &str, its_parent: &str) {
    recipe.file("bin/provfilter", KILLER.replace("ITSELF", itself).replace("ITS_PARENT", its_parent));
    recipe.runs("chmod +x bin/provfilter");
}

/// A task was killed.
pub(super) fn was_killed(recipe: &Recipe, task: &str) -> bool {
    recipe.path(&format!("bin/provfilter.killed.{task}")).exists()
}

/// Holds the sum of the reports of tasks to the report of a single run.
pub(super) fn same_counts(recipe: &Recipe, single: &str, merged: &str) {
    recipe.file("same_counts.py", SAME_COUNTS);
    recipe.runs(&format!("python3 same_counts.py {single} {merged}"));
}
