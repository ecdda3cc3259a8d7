"""Annotates and excludes as provfilter does with the rules of rules.txt, with orjson and re: rules.py PROVENANCE < in > out."""

import re

from excluding import run

REFUSAL = re.compile(r"^(I'm sorry|I cannot|As an AI)", re.IGNORECASE)
KEY = re.compile(r"\bsk-[A-Za-z0-9]{20,}")
ADDRESS = re.compile(r"\b[\w.+-]+@[\w-]+\.(com|org|net)\b")
OPEN_THINK = re.compile(r"<think>(?:[^<]|<[^/])*$")
TRACEBACK = re.compile(r"Traceback \(most recent call last\)")
DANGEROUS = re.compile(r"\brm\s+-rf\s+/")
OTHER_MODEL = re.compile(r"^(gpt|gemini)-", re.IGNORECASE)


def reason(record):
    turns = record["conversations"]
    if record.get("completed") is False:
        return "unfinished"
    if record.get("partial"):
        return "partial"
    if len(turns) < 2:
        return "short"
    if turns[-1]["from"] == "human":
        return "no-answer"
    if REFUSAL.search(turns[-1]["value"]):
        return "refusal"
    if any(KEY.search(turn["value"]) for turn in turns):
        return "key"
    if any(ADDRESS.search(turn["value"]) for turn in turns):
        return "address"
    if any(OPEN_THINK.search(turn["value"]) for turn in turns):
        return "open-think"
    if any(turn["from"] == "tool" and TRACEBACK.search(turn["value"]) for turn in turns):
        return "traceback"
    if any(DANGEROUS.search(turn["value"]) for turn in turns):
        return "dangerous"
    if OTHER_MODEL.search(record.get("model") or ""):
        return "other-model"
    return None


run(reason)
