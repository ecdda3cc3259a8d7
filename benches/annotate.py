"""Annotates as provfilter does, by the means that Python has: annotate.py json|orjson PROVENANCE < in > out."""

import importlib
import json
import sys


def main():
    library, provenance = sys.argv[1:]
    module = importlib.import_module(library)
    new = json.loads(provenance)
    if library == "orjson":
        dumps = module.dumps
    else:
        encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

        def dumps(record):
            return encode(record).encode()

    loads, write = module.loads, sys.stdout.buffer.write
    for line in sys.stdin.buffer:
        record = loads(line)
        record["provenance"] = new | (record.get("provenance") or {})
        write(dumps(record))
        write(b"\n")


main()
