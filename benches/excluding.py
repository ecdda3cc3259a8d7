"""What rules.py and screens.py share: annotating records, and excluding those that a function gives a reason for, with orjson."""

import sys

import orjson


def run(reason):
    """Copies standard input to standard output: SCRIPT PROVENANCE < in > out."""
    new = orjson.loads(sys.argv[1])
    write = sys.stdout.buffer.write
    for line in sys.stdin.buffer:
        record = orjson.loads(line)
        record["provenance"] = new | (record.get("provenance") or {})
        if not record["provenance"].get("excluded") and (why := reason(record)):
            record["provenance"] |= {"excluded": True, "exclusion_reason": why, "approved": False}
        write(orjson.dumps(record))
        write(b"\n")
