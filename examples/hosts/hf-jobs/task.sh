#!/usr/bin/env bash
# One task, in a job: filters the file SHARD of the bucket that is mounted at DATA. submit.sh sets these and TASK, the task's number.
set -euo pipefail

# What each task does. Bad lines go to rejects/, and a shard fails if more than 1% of its lines are bad.
flags=(--layout hermes --model unknown --max-errors 1%)

# What an earlier attempt left must not be mistaken for this one's.
rm -f "$DATA/reports/$TASK.json"

# A bucket stores files as a whole, so they are made elsewhere. The report comes last: it says that the rest is there.
scratch=$(mktemp -d)
cd "$scratch"
uvx --from provfilter provfilter "${flags[@]}" --rejects rejects --report json=report -- "$DATA/$SHARD" > records
mkdir -p "$DATA"/{records,rejects,reports}
cp records "$DATA/records/$TASK.jsonl"
cp rejects "$DATA/rejects/$TASK.jsonl"
cp report "$DATA/reports/$TASK.json"
