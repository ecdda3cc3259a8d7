#!/usr/bin/env bash
# xargs over a folder, a process and a file of records for each file: xargs.sh INPUT OUTPUT
set -euo pipefail

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
input=$1 output=$2

parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT
export input output parts SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(date +%s)}

# Filters one file, whose name is relative to both folders.
filter() {
    local records=$output/records/$1
    mkdir -p "$(dirname "$records")" "$(dirname "$parts/$1")"
    FILE=$1 provfilter -q --layout hermes --model unknown --max-errors 100% \
        --rejects "$parts/$1.rejects" --report "json=$parts/{env:FILE}.json" -- "$input/$1" > "$records.part"
    mv "$records.part" "$records"
}
export -f filter

# shellcheck disable=SC2016 # The inner shell expands it.
find "$input" -name '*.jsonl' -printf '%P\0' | xargs -0 -r -P "$(nproc)" -n 1 bash -euc 'filter "$1"' filter
"$here/merge.sh" "$parts" "$output"
