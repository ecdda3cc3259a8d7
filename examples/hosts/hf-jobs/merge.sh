#!/usr/bin/env bash
# Merges the reports of all TASKS, in a job. Fails, and names the tasks to run again, if any of them has not finished.
set -euo pipefail

cd "$DATA"
finished=() unfinished=""
for task in $(seq "$TASKS"); do
    if grep --quiet --no-messages '"ending":"finished"' "reports/$task.json"; then
        finished+=("reports/$task.json")
    else
        unfinished+=" $task"
    fi
done
if [ -n "$unfinished" ]; then
    echo "merge.sh: not finished; run again with: submit.sh BUCKET SHARDS$unfinished" >&2
    exit 1
fi

# On standard input, so that any number of reports fits.
scratch=$(mktemp -d)
printf '%s\0' "${finished[@]}" | xargs -0 cat |
    uvx --from provfilter provfilter --merge --report json="$scratch/report.json" --report markdown="$scratch/report.md" -
cp "$scratch/report.json" "$scratch/report.md" .
