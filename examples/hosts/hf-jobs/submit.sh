#!/usr/bin/env bash
# Runs a job for each shard of a bucket, waits for them, and runs one that merges their reports: submit.sh BUCKET SHARDS [TASK]...
# SHARDS is a local file with the path of one shard a line; with TASKs, the numbers of its lines, it runs only these.
set -euo pipefail

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
bucket=$1 shards=$2
shift 2
count=$(wc -l < "$shards")
[ $# -gt 0 ] || mapfile -t tasks < <(seq "$count")
tasks+=("$@")

# Starts a job in the background and prints its id: start SCRIPT NAME=VALUE...
start() {
    local script=$1 variable settings=()
    shift
    for variable in "$@"; do settings+=(--env "$variable"); done
    hf jobs run --detach --quiet --flavor cpu-basic --timeout 4h --attempts 2 --volume "hf://buckets/$bucket:/data" --env DATA=/data \
        "${settings[@]}" ghcr.io/astral-sh/uv:python3.12-bookworm bash -c "$(< "$here/$script")"
}

jobs=()
for task in "${tasks[@]}"; do
    jobs+=("$(start task.sh TASK="$task" SHARD="$(sed -n "${task}p" "$shards")")")
done
# The merge says which tasks have failed.
hf jobs wait "${jobs[@]}" || true

merge=$(start merge.sh TASKS="$count")
if ! hf jobs wait "$merge"; then
    hf jobs logs "$merge" >&2
    exit 1
fi
