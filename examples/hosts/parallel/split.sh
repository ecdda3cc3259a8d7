#!/usr/bin/env bash
# split over a stream, a file of records for each so many lines, one after the other: zstd -dc raw.jsonl.zst | split.sh OUTPUT
set -euo pipefail

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
output=$1

mkdir -p "$output/records"
parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT
export output parts SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(date +%s)}

# split sets FILE. It stops at the first filter that fails, so bad lines, which merge.sh counts, must not fail one.
# shellcheck disable=SC2016 # The filter's shell expands them.
split --lines="${LINES_EACH:-1000000}" --numeric-suffixes --suffix-length=6 --filter='
    provfilter -q --layout hermes --model unknown --max-errors 100% \
        --rejects "$parts/$FILE.rejects" --report "json=$parts/{env:FILE}.json" > "$output/records/$FILE.jsonl"
' - ''
"$here/merge.sh" "$parts" "$output"
