"""Filters shards with provfilter and loads the result as a Hugging Face dataset, in two ways.

    python3 provenance_datasets.py IN OUT --source trajectory --model hermes4:14b

IN and OUT are folders; what follows them goes to provfilter. `load_filtered` writes filtered shards to OUT and loads those.
`load_streaming` writes no records: it filters while the dataset reads. Both leave the report of each shard in OUT/reports.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from datasets import Dataset, IterableDataset, load_dataset


def command(shard: str, flags: Iterable[str]) -> list[str]:
    # --all-fields gives each column one type, whatever the first rows lack.
    return ["provfilter", *flags, "--all-fields", "--report", "json={env:REPORT}", shard]


def load_filtered(shards: list[str], out: str, flags: list[str]) -> Dataset:
    """Filters the shards, two at a time, and loads what was written."""
    with ThreadPoolExecutor(2) as pool:
        filtered = list(pool.map(lambda shard: filter_shard(shard, out, flags), shards))
    return load_dataset("json", data_files=filtered, split="train")


def filter_shard(shard: str, out: str, flags: list[str]) -> str:
    """Filters one shard, and names the file that has its records when it is complete."""
    target = f"{out}/{Path(shard).name}"
    with open(f"{target}.part", "wb") as output:
        child = subprocess.run(command(shard, flags), env=environment(report(shard, out)), stdin=subprocess.DEVNULL, stdout=output)
    check(child.returncode, shard)
    os.replace(f"{target}.part", target)
    return target


def load_streaming(shards: list[str], out: str, flags: list[str]) -> IterableDataset:
    """A dataset that filters while it is read; workers of a DataLoader share the shards."""
    # The list is shared out; what each worker gets whole must not be a list.
    return IterableDataset.from_generator(records, gen_kwargs={"shards": shards, "out": out, "flags": tuple(flags)})


def records(shards: list[str], out: str, flags: tuple[str, ...]) -> Iterator[dict]:
    """The filtered records of the shards. A shard that is read in part leaves no report, and one that is read twice leaves one."""
    for shard in shards:
        with tempfile.TemporaryDirectory(prefix=".", dir=f"{out}/reports") as attempt:
            own = f"{attempt}/report.json"
            with subprocess.Popen(command(shard, flags), env=environment(own), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as child:
                yield from map(json.loads, child.stdout)
            check(child.returncode, shard)
            os.replace(own, report(shard, out))


def report(shard: str, out: str) -> str:
    return f"{out}/reports/{Path(shard).name}.json"


def environment(report: str) -> dict[str, str]:
    return {**os.environ, "REPORT": report}


def check(status: int, shard: str) -> None:
    # Status 1 says that lines were rejected; the report counts them.
    if status not in (0, 1):
        raise RuntimeError(f"{shard}: provfilter ended with status {status}")


def main() -> None:
    folder, out, flags = sys.argv[1], sys.argv[2], sys.argv[3:]
    shards = sorted(map(str, Path(folder).glob("*.jsonl")))
    Path(out, "reports").mkdir(parents=True, exist_ok=True)
    dataset = load_filtered(shards, out, flags)
    print(dataset.features["provenance"])
    print(f"{len(dataset)} rows in files, {sum(1 for _ in load_streaming(shards, out, flags))} streamed")
    subprocess.run(["provfilter", "--merge", *(report(shard, out) for shard in shards)], check=True)


if __name__ == "__main__":
    main()
