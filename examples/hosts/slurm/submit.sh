#!/usr/bin/env bash
# Submits an array with one task for each shard of a folder, and a job that merges their reports: submit.sh INPUT OUTPUT
set -euo pipefail

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
input=$(realpath "$1")
output=$(realpath --canonicalize-missing "$2")

if [ -e "$output/shards.txt" ]; then
    echo "submit.sh: $output already holds a run" >&2
    exit 2
fi
mkdir -p "$output"/{logs,records,rejects,reports}
find "$input" -name '*.jsonl' -o -name '*.jsonl.gz' -o -name '*.jsonl.zst' | LC_ALL=C sort > "$output/shards.txt"
shards=$(wc -l < "$output/shards.txt")

# At most 64 tasks at a time. The output is "JOB" or "JOB;CLUSTER".
cd "$output"
array=$(sbatch --parsable --array="1-$shards%64" "$here/array.sbatch" "$output")
sbatch --dependency="afterany:${array%%;*}" "$here/merge.sbatch" "$output"
