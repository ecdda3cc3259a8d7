"""Gives each row of a DataFrame its provenance, and changes no other value.

    spark-submit provenance_frame.py IN OUT REPORTS --source curated --model hermes4:14b

reads and writes Parquet. From a job of your own, with `--py-files provenance_frame.py`:

    frame = with_provenance(frame, ["--source", "curated", "--model", "{/model}"], "/shared/reports", columns=["model"])

provfilter gets each row as JSON, and only its provenance comes back. The row itself stays in Arrow and is never parsed again, so that
64-bit integers, decimals, NaN, binary values and nulls stay what they are.
"""

import glob
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import from_json, struct, to_json
from pyspark.sql.types import StructType

MEMBERS = "source_session_id string, source string, model string, timestamp string, approved boolean, excluded boolean, exclusion_reason string"

# Spark leaves out nulls and cuts timestamps to milliseconds if nothing else is said.
JSON = {
    "ignoreNullFields": "false",
    "timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "timestampNTZFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSS",
}


def with_provenance(
    frame: DataFrame, flags: list[str], reports: str, columns: list[str] | None = None, members: str = MEMBERS
) -> DataFrame:
    """The frame with the column `provenance`: a struct of `members`, null in rows that provfilter finds faulty.

    `columns` are those that the flags look into; without it, provfilter gets all of them. The report of each partition goes to the folder
    `reports`, which every worker sees.
    """
    now = os.environ.get("SOURCE_DATE_EPOCH", str(int(time.time())))
    given = frame.columns if columns is None else columns
    kept = [name for name in frame.columns if name != "provenance"]
    line = to_json(struct(*map(quoted, given)), JSON)
    # The row travels as one column, because mapInArrow does not take columns whose names have dots.
    rows = frame.select(line.alias("line"), struct(*map(quoted, kept)).alias("row"))
    answered = rows.mapInArrow(lambda batches: answer(batches, flags, reports, now), rows.schema)
    return answered.select("row.*", from_json("line", StructType.fromDDL(members)).alias("provenance"))


def quoted(column: str) -> str:
    """A column's name for Spark, where it may hold dots."""
    return "`" + column.replace("`", "``") + "`"


def answer(batches: Iterator[pa.RecordBatch], flags: list[str], reports: str, now: str) -> Iterator[pa.RecordBatch]:
    """Replaces each `line` by its provenance, and hands on each `row` as it is."""
    task = TaskContext.get()
    name = f"{reports}/part-{task.partitionId():05}.json"
    report = f"{name}.{task.taskAttemptId()}"
    reader, writer = os.pipe()
    command = ["provfilter", *flags, "--on-error", "pass", "--sidecar", f"/dev/fd/{writer}", "--report", "json={env:REPORT}"]
    environment = {**os.environ, "REPORT": report, "SOURCE_DATE_EPOCH": now}
    with open(os.devnull, "wb") as nowhere:
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=nowhere, pass_fds=[writer], env=environment)
    os.close(writer)
    try:
        with open(reader, "rb") as sidecar:
            for batch in batches:
                lines = batch.column("line").to_pylist()
                # From a thread: provfilter answers while it reads, and would wait for us.
                feeding = threading.Thread(target=feed, args=(child.stdin, lines))
                feeding.start()
                answers = [sidecar.readline() for _ in lines]
                feeding.join()
                if not all(answers):
                    raise RuntimeError(f"provfilter ended with status {child.wait()}")
                provenance = pa.array([None if own == b"{}\n" else own.decode() for own in answers], pa.string())
                yield pa.RecordBatch.from_arrays([provenance, batch.column("row")], schema=batch.schema)
        child.stdin.close()
        if child.wait() not in (0, 1):
            raise RuntimeError(f"provfilter ended with status {child.returncode}")
        # Only here, where the whole partition has passed: a task that is killed, or a show() that takes a few rows, leaves no report.
        os.replace(report, name)
    finally:
        child.kill()
        child.wait()


def feed(pipe, lines: list[str]) -> None:
    try:
        pipe.write(("\n".join(lines) + "\n").encode())
        pipe.flush()
    except BrokenPipeError:
        pass  # The answers end early, and are missed.


def main() -> int:
    source, target, reports, *flags = sys.argv[1:]
    os.makedirs(reports, exist_ok=True)
    for old in glob.glob("part-*", root_dir=reports):
        os.remove(f"{reports}/{old}")
    spark = SparkSession.builder.appName("provenance").getOrCreate()
    with_provenance(spark.read.parquet(source), flags, os.path.abspath(reports)).write.parquet(target)
    spark.stop()

    parts = sorted(glob.glob(f"{glob.escape(reports)}/part-*.json"))
    merge = ["provfilter", "--merge", "--report", "text", "--report", "json={env:REPORT}", *parts]
    subprocess.run(merge, env={**os.environ, "REPORT": f"{reports}/merged.json"}, check=True)
    with open(f"{reports}/merged.json", encoding="utf-8") as merged:
        return 1 if json.load(merged)["by_error"] else 0


if __name__ == "__main__":
    sys.exit(main())
