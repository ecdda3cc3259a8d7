#!/usr/bin/env bash
# Measures the program beside cat, jq, gojq, jaq and Python, and prints tables in Markdown. What they mean: benches/README.md.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly all_tables=(pipe work others exclude rules screens workers memory latency)
readonly kinds=(trajectories pairs token-rows)
readonly page=benches/README.md
readonly mark='<!-- What follows is written by benches/compare.sh --write. -->'

usage() {
    cat <<END
usage: benches/compare.sh [OPTIONS] [TABLE]...

Tables: ${all_tables[*]}; all of them without any.

  --size MB      size of each corpus (300)
  --cut MB       size of the cut of it that slower programs are compared on (100)
  --largest MB   size of the largest stream whose memory is measured (1000)
  --rounds N     runs of each command, of which the median counts (5)
  --write        put the tables into $page, in place of those that are there
  --machine      only tell what machine and which programs these are
END
}

fail() {
    printf 'compare.sh: %s\n' "$*" >&2
    exit 2
}

number() {
    [[ ${2-} =~ ^[1-9][0-9]*$ ]] || fail "$1: expected a number above 0"
    echo "$2"
}

size=300 cut=100 largest=1000 rounds=5 action="print" tables=()
while (($#)); do
    case $1 in
    --size) size=$(number "$@"); shift ;;
    --cut) cut=$(number "$@"); shift ;;
    --largest) largest=$(number "$@"); shift ;;
    --rounds) rounds=$(number "$@"); shift ;;
    --write) action="write" ;;
    --machine) action="machine" ;;
    -h | --help) usage && exit ;;
    *)
        [[ " ${all_tables[*]} " == *" $1 "* ]] || fail "$1: no such option or table; see --help"
        tables+=("$1")
        ;;
    esac
    shift
done
((${#tables[@]})) || tables=("${all_tables[@]}")

# --- The programs ---------------------------------------------------------------------------------------------------------------

readonly provfilter=${CARGO_TARGET_DIR:-target}/release/provfilter
readonly make_corpus=${CARGO_TARGET_DIR:-target}/release/examples/make_corpus
readonly copier=${CARGO_TARGET_DIR:-target}/release/examples/copy

readonly timestamp=2026-03-30T14:22:31Z
readonly new='{"source":"trajectory","model":"hermes4:14b","timestamp":"'$timestamp'","approved":true}'
# shellcheck disable=SC2016 # The variable is one of jq's.
readonly annotating='.provenance = $new + .provenance'
readonly marking='.provenance += {"excluded":true,"exclusion_reason":"low","approved":false}'
readonly excluding="$annotating | if .score != null and .score < 0.5 then $marking else . end"

readonly annotate=("$provfilter" --quiet --source trajectory --model hermes4:14b --timestamp "$timestamp")

by_provfilter() { "${annotate[@]}" "$@"; }
by_jq() { jq -c --argjson new "$new" "$annotating"; }
by_gojq() { gojq -c --argjson new "$new" "$annotating"; }
by_jaq() { jaq -c --argjson new "$new" "$annotating"; }
by_json() { python3 benches/annotate.py json "$new"; }
by_orjson() { python3 benches/annotate.py orjson "$new"; }

# The rules of benches/rules.txt, and what benches/rules.py does with the same in Python.
rules=()
while IFS= read -r rule; do rules+=(--exclude "$rule"); done <benches/rules.txt
ruling_by_provfilter() { by_provfilter "${rules[@]}" "$@"; }
ruling_by_orjson() { python3 benches/rules.py "$new"; }

# All screens but duplicate, which no record shows by itself, and what benches/screens.py does with the same in Python; and duplicate alone.
screening_by_provfilter() {
    by_provfilter --exclude chat --exclude broken-reasoning --exclude refusal --exclude secret --exclude chosen-equals-rejected \
        --exclude incomplete "$@"
}
screening_by_orjson() { python3 benches/screens.py "$new"; }
seeking_duplicates() { by_provfilter --exclude duplicate "$@"; }

excluding_by_provfilter() { by_provfilter --exclude 'low=.score != null and .score < 0.5' "$@"; }
excluding_by_jq() { jq -c --argjson new "$new" "$excluding"; }
excluding_by_gojq() { gojq -c --argjson new "$new" "$excluding"; }
excluding_by_jaq() { jaq -c --argjson new "$new" "$excluding"; }

has() {
    case $1 in
    provfilter) [[ -x $provfilter ]] ;;
    json) command -v python3 >/dev/null ;;
    orjson) python3 -c 'import orjson' 2>/dev/null ;;
    *) command -v "$1" >/dev/null ;;
    esac
}

# Those of the given programs that are installed, into `installed`; the others are told in `left_out`.
find_installed() {
    local program missing=()
    installed=() left_out=""
    for program; do
        if has "$program"; then installed+=("$program"); else missing+=("$program"); fi
    done
    ((${#missing[@]} == 0)) || left_out="Left out, for they are not installed: ${missing[*]}."
}

# --- Measuring ------------------------------------------------------------------------------------------------------------------

# What commands read.
file=""

# shellcheck disable=SC2002 # The pipe is what is measured.
piped() { cat "$file" | "$@" | cat >/dev/null; }
# shellcheck disable=SC2002
into_nothing() { cat "$file" | "$@" >/dev/null; }
from_file() { "$@" "$file" >/dev/null; }

# Runs a command with all of its processes on one core, the first that we may use.
on_one_core() (
    taskset -cp "$(taskset -cp "$BASHPID" | sed 's/.*: \([0-9]*\).*/\1/')" "$BASHPID" >/dev/null
    "$@"
)

# measure ROUNDS COMMAND...: runs the commands in turn, so many rounds, so that whatever else the machine does falls on all of them
# alike. The median time of each goes into `medians`, and that of the processor time of all its programs into `works`, in microseconds.
measure() {
    local rounds=$1 round at words real user system TIMEFORMAT='%R %U %S'
    shift
    local -a commands=("$@") times=() processor=()
    for ((round = 0; round < rounds; round++)); do
        for at in "${!commands[@]}"; do
            read -ra words <<<"${commands[at]}"
            { time "${words[@]}" 2>&3; } 3>&2 2>"$folder/time"
            read -r real user system <"$folder/time"
            times[at]+="$((10#${real/./}000)) "
            processor[at]+="$((10#${user/./}000 + 10#${system/./}000)) "
        done
    done
    medians=() works=()
    for at in "${!commands[@]}"; do
        read -ra words <<<"${times[at]}"
        medians[at]=$(median "${words[@]}")
        read -ra words <<<"${processor[at]}"
        works[at]=$(median "${words[@]}")
    done
}

median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }

# What a process takes at most, in KiB, while it annotates the file in a pipe.
peak_kib() {
    if command time --version 2>&1 | grep -q GNU; then
        # shellcheck disable=SC2002
        cat "$file" | command time -f %M -o "$folder/peak" "${annotate[@]}" | cat >/dev/null
        cat "$folder/peak"
    else
        peak_kib_by_proc
    fi
}

# The same without GNU time: Linux tells the peak so far of a process that lives.
peak_kib_by_proc() {
    local name value peak=0
    "${annotate[@]}" < <(cat "$file") > >(cat >/dev/null) &
    while kill -0 $! 2>/dev/null; do
        while read -r name value _; do
            if [[ $name == VmHWM: ]]; then peak=$value; fi
        done 2>/dev/null <"/proc/$!/status" || true
    done
    wait $!
    echo "$peak"
}

divide() { awk -v a="$1" -v b="$2" -v format="${3:-%.2f}" 'BEGIN { printf format, a / b }'; }
seconds() { divide "$1" 1000000 %.3f; }
# Bytes in microseconds, in GB/s.
rate() { divide "$1" "$(($2 * 1000))"; }
bytes_in() { wc -c <"$1"; }

row() {
    local cell
    printf '|'
    for cell; do printf ' %s |' "$cell"; done
    printf '\n'
}

# The head of a table, with numbers in all columns but the first.
head_row() {
    row "$@"
    printf '| --- |'
    shift
    for _; do printf ' ---: |'; done
    printf '\n'
}

heading() { printf '\n### %s\n\n' "$*"; }

# --- The corpora ----------------------------------------------------------------------------------------------------------------

build() { cargo build --quiet --release --locked --bin provfilter --example make_corpus --example copy >&2; }

# corpus KIND MB: makes the file if it is not there yet, has it in memory, and names it in `file`.
corpus() {
    file=$folder/$1-$2.jsonl
    [[ -e $file ]] || "$make_corpus" "$1" "$2"000000 >"$file"
    cat "$file" >/dev/null
}

# Ends the comparison if programs that are compared do not give the same records, whatever their spelling and the order of members.
# A float that is printed in another way is still the same number.
check_same_records() {
    local ours=$1 theirs kind
    shift
    for kind in "${kinds[@]}"; do
        corpus "$kind" 1
        "$ours" <"$file" >"$folder/ours.jsonl"
        for theirs; do
            "$theirs" <"$file" >"$folder/theirs.jsonl"
            are_same_records "$folder/ours.jsonl" "$folder/theirs.jsonl" || fail "$theirs does not give what $ours gives: $kind"
        done
    done
}

are_same_records() {
    python3 - "$@" <<'END'
import itertools, json, sys
ours, theirs = (open(path, encoding="utf-8") for path in sys.argv[1:])
same = (json.loads(a) == json.loads(b) for a, b in itertools.zip_longest(ours, theirs, fillvalue="null"))
sys.exit(not all(same))
END
}

# --- The tables -----------------------------------------------------------------------------------------------------------------

# rows_beside_cat MEASURED OURS...: the times of cat and of ours, and theirs over cat's, with all of them measured in this way.
rows_beside_cat() {
    local way=$1 kind median cells
    shift
    for kind in "${kinds[@]}"; do
        corpus "$kind" "$size"
        measure "$rounds" "$way cat" "${@/#/$way }"
        cells=()
        for median in "${medians[@]:1}"; do
            cells+=("$(seconds "$median")" "**$(divide "$median" "${medians[0]}")**")
        done
        row "$kind" "$(seconds "${medians[0]}")" "${cells[@]}"
    done
}

table_pipe() {
    heading "In a pipe, beside cat"
    echo "Time of \`cat F | X | cat >/dev/null\` over that with \`cat\` for X, on $size MB. Below 1 is faster than cat. The copier does nothing"
    echo "but to copy, with pipes as large as ours: no program that reads all and writes all can be faster."
    echo
    head_row corpus "cat, s" "copier, s" "over cat" "annotate, s" "over cat" "annotate with --threads 2, s" "over cat"
    rows_beside_cat piped "$copier" by_provfilter "by_provfilter --threads 2"
    printf '\nThe same with all three programs on one core.\n\n'
    if ! has taskset; then
        echo "Left out, for it is not installed: taskset."
        return
    fi
    head_row corpus "cat, s" "annotate with --threads 1, s" "over cat"
    rows_beside_cat "on_one_core piped" "by_provfilter --threads 1"
}

table_work() {
    local kind cells work plain=by_provfilter one="--threads 1"
    heading "Processor time"
    echo "User and system time of \`provfilter --threads 1 ... F >/dev/null\`, on $size MB: in nanoseconds a byte, and over annotating alone. Says more"
    echo "than time where a machine has other things to do."
    echo
    head_row corpus "annotate, ns/byte" "--layout hermes" "--exclude" "--session-id {sha256}"
    for kind in "${kinds[@]}"; do
        corpus "$kind" "$size"
        measure "$rounds" "from_file $plain $one" "from_file $plain $one --layout hermes" "from_file excluding_$plain $one" \
            "from_file $plain $one --session-id {sha256}"
        cells=("$(divide "$((works[0] * 1000))" "$(bytes_in "$file")" %.3f)")
        for work in "${works[@]:1}"; do cells+=("$(divide "$work" "${works[0]}")"); done
        row "$kind" "${cells[@]}"
    done
}

table_rules() {
    heading "Rules with regular expressions"
    echo "The eleven rules of \`benches/rules.txt\` on trajectories of $cut MB, beside a Python script with the same in \`orjson\` and \`re\`:"
    echo "seconds of processor time, ours with \`--threads 1\`."
    echo
    if ! has orjson; then
        echo "Left out, for it is not installed: orjson."
        return
    fi
    corpus trajectories "$cut"
    measure "$rounds" "into_nothing ruling_by_provfilter --threads 1" "into_nothing ruling_by_orjson"
    head_row "" seconds "times as fast"
    row provfilter "$(seconds "${works[0]}")" "$(divide "${works[1]}" "${works[0]}" %.1f)"
    row "Python" "$(seconds "${works[1]}")" 1
}

table_screens() {
    local kind one="--threads 1"
    heading "Screens"
    echo "Processor time over annotating alone: all screens but \`duplicate\`, on $size MB, with \`--threads 1\`; how many times as fast that is as"
    echo "\`benches/screens.py\`, which does the same with \`orjson\` and \`re\`, on $cut MB; and \`duplicate\`, on $size MB."
    echo
    head_row "" screens "over Python" duplicate
    for kind in "${kinds[@]}"; do
        local over_python="left out"
        corpus "$kind" "$cut"
        if has orjson; then
            measure "$rounds" "into_nothing screening_by_provfilter $one" "into_nothing screening_by_orjson"
            over_python=$(divide "${works[1]}" "${works[0]}" %.1f)
        fi
        corpus "$kind" "$size"
        measure "$rounds" "from_file by_provfilter $one" "from_file screening_by_provfilter $one" "from_file seeking_duplicates $one"
        row "$kind" "$(divide "${works[1]}" "${works[0]}")" "$over_python" "$(divide "${works[2]}" "${works[0]}")"
    done
}

# compare_on_cut PREFIX OURS THEIRS...: how many times as fast we are as each of the others.
compare_on_cut() {
    local prefix=$1 kind cells median
    shift
    find_installed "$@"
    check_same_records "${installed[@]/#/$prefix}"
    head_row corpus "provfilter, GB/s" "${installed[@]:1}"
    for kind in "${kinds[@]}"; do
        corpus "$kind" "$cut"
        measure "$rounds" "${installed[@]/#/into_nothing $prefix}"
        cells=()
        for median in "${medians[@]:1}"; do
            cells+=("$(divide "$median" "${medians[0]}" %.1f)")
        done
        row "$kind" "$(rate "$(bytes_in "$file")" "${medians[0]}")" "${cells[@]}"
    done
    [[ -z $left_out ]] || printf '\n%s\n' "$left_out"
}

table_others() {
    heading "Beside other programs"
    echo "How many times as fast as each of the others provfilter annotates: \`cat F | X >/dev/null\` on $cut MB."
    echo
    compare_on_cut by_ provfilter jq gojq jaq json orjson
}

table_exclude() {
    heading "With a filter"
    echo "The same with \`--exclude 'low=.score != null and .score < 0.5'\`, beside programs that run an equal filter: times as fast, on $cut MB."
    echo
    compare_on_cut excluding_by_ provfilter jq gojq jaq
}

table_workers() {
    local workers=(1 2 4)
    heading "More workers"
    echo "Annotating from a file, \`provfilter F >/dev/null\`, on $size MB: GB/s, and times as fast as one worker."
    echo
    head_row corpus "1 worker" "2 workers" "times" "4 workers" "times"
    for kind in "${kinds[@]}"; do
        corpus "$kind" "$size"
        measure "$rounds" "${workers[@]/#/from_file by_provfilter --threads }"
        bytes=$(bytes_in "$file")
        row "$kind" "$(rate "$bytes" "${medians[0]}")" \
            "$(rate "$bytes" "${medians[1]}")" "$(divide "${medians[0]}" "${medians[1]}")" \
            "$(rate "$bytes" "${medians[2]}")" "$(divide "${medians[0]}" "${medians[2]}")"
    done
}

# The peak and the time beside cat for the file, whose runs are the shorter the more of them it takes.
memory_row() {
    local peak runs=$rounds
    (($(bytes_in "$file") > 20000000)) || runs=$((rounds * 6))
    peak=$(peak_kib)
    measure "$runs" "piped cat" "piped by_provfilter"
    row "$1" "$(divide "$peak" 1024 %.1f)" "$(divide "${medians[0]}" 1000 %.1f)" "$(divide "${medians[1]}" 1000 %.1f)" \
        "$(divide "${medians[1]}" "${medians[0]}")"
}

table_memory() {
    local megabytes
    heading "Memory"
    echo "Peak memory while annotating trajectories in a pipe, and the time beside cat's as in the first table."
    echo
    head_row stream "peak, MiB" "cat, ms" "annotate, ms" "over cat"
    for megabytes in 1 10 100 1000 10000; do
        ((megabytes <= largest)) || continue
        corpus trajectories "$megabytes"
        memory_row "$megabytes MB"
    done
    corpus line 60
    memory_row "one line of 60 MB"
}

table_latency() {
    heading "Latency"
    echo "Milliseconds, medians of 200. Lone line: from writing it until it is read back, with the input left open."
    echo "Start to end: starting the program, one line, and its end."
    echo
    head_row "" "lone line" "start to end"
    for kind in pairs trajectories; do
        corpus "$kind" 10
        python3 benches/latency.py "$file" 200 cat "${annotate[*]}" |
            while read -r program lone whole; do row "$(basename "$program"), $kind" "$lone" "$whole"; done
    done
}

# --- What it was measured on ----------------------------------------------------------------------------------------------------

version() {
    case $1 in
    json) echo "python3 $(python3 --version | cut -d' ' -f2)" ;;
    orjson) python3 -c 'import orjson; print("orjson", orjson.__version__)' ;;
    *) "$1" --version 2>&1 | sed -n "1{s/^$1-/$1 /;p}" ;;
    esac
}

describe_machine() {
    local program cpu=unknown memory=unknown
    if [[ -r /proc/cpuinfo ]]; then
        cpu=$(sed -n '/^model name/{s/.*: //p;q}' /proc/cpuinfo)
        memory=$(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)
    fi
    grep -q '^flags.*hypervisor' /proc/cpuinfo 2>/dev/null && cpu+=", a virtual machine"
    row "" "" && row --- ---
    row processor "$cpu"
    row cores "$(getconf _NPROCESSORS_ONLN)"
    row memory "$memory"
    row kernel "$(uname -srm)"
    row date "$(date -u +%F)"
    row provfilter "$("$provfilter" --version 2>/dev/null || echo "not built yet"), $(git describe --always --dirty 2>/dev/null || echo "no revision")"
    find_installed rustc cat jq gojq jaq json orjson
    for program in "${installed[@]}"; do
        row "$program" "$(version "$program")"
    done
    [[ -z $left_out ]] || printf '\n%s\n' "$left_out"
}

# The processor time of all programs so far, that of this script and what it runs, and the time, in ticks of the kernel's clock.
ticks() {
    local -a all own
    read -ra all </proc/stat
    read -ra own <"/proc/$$/stat"
    # See proc(5): all but idle and iowait; and utime and stime, of the script and of the children it waited for.
    busy=$((all[1] + all[2] + all[3] + all[6] + all[7] + all[8]))
    ours=$((own[13] + own[14] + own[15] + own[16]))
    now=$((${EPOCHREALTIME/./} * $(getconf CLK_TCK) / 1000000))
}

# Measures a table, and tells how much of the machine others took meanwhile, which spoils it.
run_table() {
    local busy ours now busy_before ours_before start others
    if [[ ! -r /proc/stat ]]; then
        "table_$1"
        return
    fi
    ticks
    busy_before=$busy ours_before=$ours start=$now
    "table_$1"
    ticks
    others=$((busy - busy_before - (ours - ours_before)))
    printf '\nMeanwhile other programs kept %s cores busy.\n' \
        "$(divide $((others > 0 ? others : 0)) $((now - start + 1)) %.1f)"
}

run_tables() {
    local table
    heading "The machine"
    describe_machine
    printf '\nCorpora of %s MB, cuts of %s MB; medians of %s runs, in turn.\n' "$size" "$cut" "$rounds"
    for table in "${tables[@]}"; do
        printf 'compare.sh: measuring: %s\n' "$table" >&2
        run_table "$table"
    done
}

# Puts standard input into the page behind the mark.
write_page() {
    grep -qxF "$mark" "$page" || fail "$page has no line: $mark"
    { awk -v mark="$mark" '{ print } $0 == mark { exit }' "$page" && cat; } >"$folder/page"
    cat "$folder/page" >"$page"
}

if [[ $action == machine ]]; then
    describe_machine
    exit
fi
command -v python3 >/dev/null || fail "python3 is needed to compare records and to measure latency"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
build
if [[ $action == write ]]; then
    run_tables >"$folder/all"
    write_page <"$folder/all"
else
    run_tables
fi
