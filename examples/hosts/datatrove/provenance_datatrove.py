"""A datatrove step that gives documents their provenance and drops the excluded ones, and a pipeline with it.

    python3 provenance_datatrove.py IN OUT --layout hermes --exclude 'short=.text | length < 200'

IN has JSON lines with `text` and `id`; what follows OUT goes to provfilter. It gets each document as a record, `text`, `id` and all metadata at
the top level, and only the provenance comes back, into the metadata. The text is never parsed again.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time

from datatrove.data import Document, DocumentsPipeline
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.filters.base_filter import BaseFilter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.pipeline.writers.disk_base import DiskWriter


class Provenance(BaseFilter):
    """Runs provfilter beside each task. Its report goes to the folder `reports`, named by rank, so that a task that runs again counts once."""

    name = "provfilter"

    def __init__(self, flags: list[str], reports: str, exclusion_writer: DiskWriter | None = None, batch_size: int = 1000):
        super().__init__(exclusion_writer, batch_size)
        self.flags = flags
        self.reports = reports
        self.now = os.environ.get("SOURCE_DATE_EPOCH", str(int(time.time())))

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        os.makedirs(self.reports, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".", dir=self.reports) as attempt:
            report = f"{attempt}/report.json"
            reader, writer = os.pipe()
            command = ["provfilter", *self.flags, "--on-error", "pass", "--sidecar", f"/dev/fd/{writer}", "--report", "json={env:REPORT}"]
            environment = {**os.environ, "REPORT": report, "SOURCE_DATE_EPOCH": self.now}
            with open(os.devnull, "wb") as nowhere:
                self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=nowhere, pass_fds=[writer], env=environment)
            os.close(writer)
            with open(reader, "rb") as self.sidecar, self.child:
                yield from super().run(data, rank, world_size)
            if self.child.returncode not in (0, 1):
                raise RuntimeError(f"provfilter ended with status {self.child.returncode}")
            # Only now, when all documents have passed: a task that fails on the way leaves no report.
            os.replace(report, f"{self.reports}/{rank:05}.json")

    def filter(self, doc: Document) -> bool | tuple[bool, str]:
        return self.filter_batch([doc])[0]

    def filter_batch(self, batch: list[Document]) -> list[bool | tuple[bool, str]]:
        # From a thread: provfilter answers while it reads, and would wait for us.
        feeding = threading.Thread(target=feed, args=(self.child.stdin, batch))
        feeding.start()
        answers = [self.sidecar.readline() for _ in batch]
        feeding.join()
        if not all(answers):
            raise RuntimeError(f"provfilter ended with status {self.child.wait()}")
        results = []
        for document, answer in zip(batch, answers):
            # A faulty document has no provenance; it is kept, and counted in the report.
            provenance = json.loads(answer) or None
            document.metadata["provenance"] = provenance
            excluded = provenance is not None and provenance.get("excluded") is True
            results.append((False, provenance["exclusion_reason"]) if excluded else True)
        return results


def feed(pipe, batch: list[Document]) -> None:
    try:
        for document in batch:
            record = {"text": document.text, "id": document.id, **document.metadata}
            pipe.write(json.dumps(record, default=str).encode() + b"\n")
        pipe.flush()
    except BrokenPipeError:
        pass  # The answers end early, and are missed.


def main() -> None:
    folder, out, flags = sys.argv[1], sys.argv[2], sys.argv[3:]
    tasks = 2
    pipeline = [
        JsonlReader(folder),
        Provenance(flags, f"{out}/reports", JsonlWriter(f"{out}/excluded", compression=None)),
        JsonlWriter(f"{out}/kept", compression=None, expand_metadata=True),
    ]
    LocalPipelineExecutor(pipeline, tasks=tasks, logging_dir=f"{out}/logs").run()
    reports = [f"{out}/reports/{rank:05}.json" for rank in range(tasks)]
    merge = ["provfilter", "--merge", "--report", "text", "--report", "json={env:REPORT}", *reports]
    subprocess.run(merge, env={**os.environ, "REPORT": f"{out}/report.json"}, check=True)


if __name__ == "__main__":
    main()
