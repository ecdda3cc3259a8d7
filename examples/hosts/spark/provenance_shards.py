"""Runs provfilter over a folder of shards, one task a shard, and adds up the reports.

    spark-submit provenance_shards.py IN OUT --source trajectory --model hermes4:14b

IN and OUT are folders that every worker sees; what follows them goes to provfilter. OUT gets the records of each shard, its rejected lines in
`_rejects/`, its report in `_reports/`, and the sum of all reports in `_report.json`. The exit status is the worst one of provfilter: 1 where
lines were rejected.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pyspark.sql import SparkSession


def filter_shard(shard: Path, out: Path, flags: list[str], now: str) -> int:
    """Filters one shard and returns the exit status. More than bad lines is an error, which makes Spark retry the task."""
    name = output_name(shard)
    # Named by shard, not by attempt: when a shard is filtered again, the new report replaces the old one.
    environment = {**os.environ, "REPORT": f"{out}/_reports/{name}.json", "SOURCE_DATE_EPOCH": now}
    # Two attempts may run at once, and a killed one leaves files behind, so each has a folder of its own.
    attempt = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=out / "_temporary"))
    records, rejects = attempt / "records", attempt / "rejects"
    command = ["provfilter", *flags, "--rejects", str(rejects), "--report", "json={env:REPORT}", str(shard)]
    with records.open("wb") as output:
        child = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE)
    messages = child.stderr.decode(errors="replace")
    if child.returncode not in (0, 1):
        raise RuntimeError(f"{shard}: provfilter ended with status {child.returncode}\n{messages}")
    sys.stderr.write(messages)
    os.replace(rejects, out / "_rejects" / name)
    os.replace(records, out / name)
    return child.returncode


def output_name(shard: Path) -> str:
    """The shard's name without .gz or .zst: provfilter reads compressed files and writes plain ones."""
    return shard.stem if shard.suffix in (".gz", ".zst") else shard.name


def merge(out: Path, names: list[str]) -> None:
    """Adds up the reports through a pipe: a command line has no room for those of 100,000 shards."""
    command = ["provfilter", "--merge", "--report", "text", "--report", "json={env:REPORT}", "-"]
    with subprocess.Popen(command, env={**os.environ, "REPORT": f"{out}/_report.json"}, stdin=subprocess.PIPE) as child:
        for name in names:
            child.stdin.write((out / "_reports" / f"{name}.json").read_bytes())
    if child.returncode:
        sys.exit(f"provfilter --merge ended with status {child.returncode}")


def main() -> int:
    folder, out, flags = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3:]
    shards = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith((".", "_")))
    names = [output_name(shard) for shard in shards]
    if folder == out or not shards or len(set(names)) < len(names):
        sys.exit(f"{folder}: is also OUT, has no shards, or has two that differ only in .gz or .zst")
    for name in ("_temporary", "_rejects", "_reports"):
        (out / name).mkdir(parents=True, exist_ok=True)
    # One time for all tasks: a shard that is filtered again gives the same bytes again.
    now = os.environ.get("SOURCE_DATE_EPOCH", str(int(time.time())))

    spark = SparkSession.builder.appName("provenance").getOrCreate()
    tasks = spark.sparkContext.parallelize(shards, len(shards))
    status = tasks.map(lambda shard: filter_shard(shard, out, flags, now)).max()
    spark.stop()

    shutil.rmtree(out / "_temporary", ignore_errors=True)
    merge(out, names)
    return status


if __name__ == "__main__":
    sys.exit(main())
