#!/usr/bin/env bash
# Makes report.png, the picture in the README: the page of `--report html` about the example data, with its records spread over four months.
# Needs provfilter and Chromium on the path.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
data=../../examples/data/trajectories.jsonl
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The records of some lines, as if they had been captured in another month.
captured_in() { sed -n "$2s/2026-03-/$1-/gp" "$data"; }
{
    captured_in 2025-10 1,5
    captured_in 2025-11 6,12
    captured_in 2025-12 1,12
    captured_in 2026-01 1,10
} > "$work/records.jsonl"

SOURCE_DATE_EPOCH=$(date --date 2026-02-01T09:30:00Z +%s) provfilter --layout hermes --session-id 'run-{line}' \
    --exclude incomplete --exclude chat --report html="$work/report.html" "$work/records.jsonl" > /dev/null
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1280,1045 --screenshot="$PWD/report.png" \
    "file://$work/report.html"
