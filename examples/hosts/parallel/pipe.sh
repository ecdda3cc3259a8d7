#!/usr/bin/env bash
# GNU parallel over a stream, a process for each block of it: zstd -dc raw.jsonl.zst | pipe.sh OUTPUT
set -euo pipefail

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
output=$1
flags=(--layout hermes --model unknown)

mkdir -p "$output"
parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT
# {now} is the same time in every block.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(date +%s)}

# Bad lines are counted by merge.sh, so only what else goes wrong ends the run.
parallel --pipe --block "${BLOCK:-64M}" --keep-order --halt now,fail=1 --quote \
    provfilter -q "${flags[@]}" --max-errors 100% --rejects "$parts/{#}.rejects" --report "json=$parts/{#}.json" \
    > "$output/records.jsonl"
"$here/merge.sh" "$parts" "$output"
