#!/usr/bin/env bash
# GNU parallel over one uncompressed file, a process for each block of it: pipepart.sh INPUT OUTPUT
set -euo pipefail

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
input=$1 output=$2
flags=(--layout hermes --model unknown)

mkdir -p "$output"
parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT
# {now} is the same time in every block.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(date +%s)}

# Bad lines are counted by merge.sh, so only what else goes wrong ends the run.
parallel --pipepart --arg-file "$input" --block "${BLOCK:-64M}" --keep-order --halt now,fail=1 --quote \
    provfilter -q "${flags[@]}" --max-errors 100% --rejects "$parts/{#}.rejects" --report "json=$parts/{#}.json" \
    > "$output/records.jsonl"
"$here/merge.sh" "$parts" "$output"
