#!/usr/bin/env bash
# Joins the rejected lines and merges the reports of all parts: merge.sh PARTS OUTPUT. The status is 1 if there are rejected lines.
set -euo pipefail

parts=$1 output=$2
list() { find "$parts" -name "$1" -print0 | sort -z --version-sort; }

list '*.rejects' | xargs -0 -r cat > "$output/rejects.jsonl"
list '*.json' | xargs -0 -r cat | provfilter --merge --report text --report "json=$output/report.json" -
[ ! -s "$output/rejects.jsonl" ]
