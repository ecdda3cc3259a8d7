"""Runs provfilter over a folder of shards on Dask, one task a shard, adds up the reports, and loads the result.

    python3 provenance_dask.py IN OUT --source trajectory --model hermes4:14b

IN and OUT are folders that every worker sees; what follows them goes to provfilter. It runs on the cluster of DASK_SCHEDULER_ADDRESS, or on this
machine without one. OUT gets the records of each shard, `rejects/`, `reports/` and the sum of all reports in `report.json`.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import dask.bag
from dask.distributed import Client


def filter_shard(shard: Path, out: Path, flags: list[str], now: str) -> int:
    """Filters one shard and returns the exit status. More than bad lines is an error, which makes Dask retry the task."""
    # Named by shard, not by attempt: when a shard is filtered again, the new report replaces the old one.
    environment = {**os.environ, "REPORT": f"{out}/reports/{shard.name}.json", "SOURCE_DATE_EPOCH": now}
    with tempfile.TemporaryDirectory(prefix=".", dir=out) as attempt:
        records, rejects = Path(attempt, "records"), Path(attempt, "rejects")
        command = ["provfilter", *flags, "--rejects", str(rejects), "--report", "json={env:REPORT}", str(shard)]
        with records.open("wb") as output:
            child = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE)
        if child.returncode not in (0, 1):
            raise RuntimeError(f"{shard}: provfilter ended with status {child.returncode}\n{child.stderr.decode(errors='replace')}")
        os.replace(rejects, out / "rejects" / shard.name)
        os.replace(records, out / shard.name)
    return child.returncode


def filter_shards(client: Client, shards: list[Path], out: Path, flags: list[str]) -> int:
    """Filters the shards, adds up their reports, and returns the worst exit status."""
    for name in ("rejects", "reports"):
        (out / name).mkdir(parents=True, exist_ok=True)
    now = os.environ.get("SOURCE_DATE_EPOCH", str(int(time.time())))
    # Not pure: Dask would otherwise take an earlier result for the same arguments, though the files may have changed.
    tasks = client.map(filter_shard, shards, out=out, flags=flags, now=now, pure=False, retries=3)
    status = max(client.gather(tasks))
    merge = ["provfilter", "--merge", "--report", "text", "--report", "json={env:REPORT}", "-"]
    with subprocess.Popen(merge, env={**os.environ, "REPORT": f"{out}/report.json"}, stdin=subprocess.PIPE) as child:
        for shard in shards:
            child.stdin.write((out / "reports" / f"{shard.name}.json").read_bytes())
    if child.returncode:
        raise RuntimeError(f"provfilter --merge ended with status {child.returncode}")
    return status


def load(shards: list[Path], out: Path) -> dask.bag.Bag:
    """The filtered records, as a bag with a partition for each shard."""
    return dask.bag.read_text([str(out / shard.name) for shard in shards], linedelimiter="\n").map(json.loads)


def main() -> int:
    folder, out, flags = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3:]
    shards = sorted(folder.glob("*.jsonl"))
    if folder == out or not shards:
        sys.exit(f"{folder}: has no shards, or is also OUT")
    with Client() as client:
        status = filter_shards(client, shards, out, flags)
        records = load(shards, out)
        print(records.map(lambda record: record["provenance"]["model"]).frequencies().compute())
    return status


if __name__ == "__main__":
    sys.exit(main())
