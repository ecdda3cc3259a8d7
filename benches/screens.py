"""Excludes as provfilter does with its screens, in Python: screens.py PROVENANCE < in > out.

What a careful Python program would do for the layouts of the corpora: orjson, re, and one reading of each record for all screens. It knows fewer
forms of calls and results than provfilter, which makes it faster, not slower.
"""

import re

import orjson
from excluding import run

ROLES = {
    **dict.fromkeys(("user", "human"), "user"),
    **dict.fromkeys(("assistant", "gpt", "model", "bot", "chatgpt", "function_call"), "assistant"),
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("tool", "function", "function_response", "observation", "ipython"), "tool"),
}
CALL = re.compile(r"<tool_call>(.*?)(?:</tool_call>|\Z)", re.DOTALL)
RESPONSE = re.compile(r"<tool_response>(.*?)</tool_response>", re.DOTALL)
THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)
THINK = re.compile(r"</?think>")
REFUSAL = re.compile(
    r"(?:I'm sorry, but|I am sorry, but|Sorry, but I can|I cannot|I can't|I can not|I'm unable to|I am unable to|I'm not able to"
    r"|I am not able to|As an AI|I apologize, but|Unfortunately, I cannot|Unfortunately, I can't)",
    re.IGNORECASE | re.ASCII,
)
SECRET = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36,255}\b|\bgithub_pat_[A-Za-z0-9_]{82}\b"
    r"|\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}|\bsk-ant-[a-z]+[0-9]{2}-[A-Za-z0-9_-]{80,}"
    r"|\bhf_[A-Za-z]{34}\b|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bAIza[A-Za-z0-9_-]{35}\b|\b[sr]k_live_[A-Za-z0-9]{24,}\b"
    r"|-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----",
    re.ASCII,
)


class Turn:
    def __init__(self, value):
        value = value if isinstance(value, dict) else {}
        self.role = ROLES.get(str(value.get("role") or value.get("from")).lower(), "unknown")
        content = value.get("content")
        content = value.get("value") if content is None else content
        self.has_other = False
        if isinstance(content, list):
            texts = []
            for part in content:
                if isinstance(part, str):
                    texts.append(part)
                elif part.get("type", "text") in ("text", "reasoning"):
                    texts.append(part.get("text") or part.get("value") or "")
                else:
                    self.has_other = True
            self.text = "".join(texts)
        else:
            self.text = content if isinstance(content, str) else ""
        self.calls = list(calls(value, self.text)) if self.role == "assistant" else []
        self.result_id = value.get("tool_call_id") or value.get("id")


def calls(turn, text):
    for call in turn.get("tool_calls") or ():
        function = call.get("function", call)
        yield call.get("id"), function.get("name"), arguments(function.get("arguments"))
    if function := turn.get("function_call"):
        yield None, function.get("name"), arguments(function.get("arguments"))
    parts = [part for part in turn.get("content") or () if isinstance(part, dict)]
    yield from ((part.get("id"), part.get("name"), arguments(part.get("input"))) for part in parts if part.get("type") == "tool_use")
    for body in [part.get("value") for part in parts if part.get("type") == "tool_call"] + CALL.findall(text):
        try:
            call = orjson.loads(body) if isinstance(body, str) else body
            yield call.get("id"), call.get("name"), arguments(call.get("arguments"))
        except (orjson.JSONDecodeError, AttributeError):
            yield None, None, None


def arguments(value):
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return None
    return value if isinstance(value, dict) else None


def conversation(record):
    for name in ("messages", "conversations"):
        if isinstance(record.get(name), list):
            return [Turn(value) for value in record[name]]
    prompt = record.get("prompt", record.get("instruction"))
    for name in ("chosen", "response", "completion", "answer", "output"):
        if isinstance(prompt, str) and isinstance(record.get(name), str):
            return [Turn({"role": "user", "content": prompt}), Turn({"role": "assistant", "content": record[name]})]
    return None


def empty_turn(turns):
    return any(
        turn.role in ("user", "assistant") and not (turn.has_other or turn.calls or turn.text.strip()) for turn in turns
    )


def role_order(turns):
    before = None
    for turn in turns:
        if turn.role == "unknown" or turn.role == "system" and before not in (None, "system"):
            return True
        if before in (None, "system") and turn.role not in ("system", "user"):
            return True
        if turn.role == before == "user" or turn.role == before == "assistant" and not last.calls:
            return True
        before, last = turn.role, turn
    return False


def no_answer(turns):
    return not turns or turns[-1].role != "assistant"


def results(turn):
    blocks = RESPONSE.findall(turn.text)
    if not blocks:
        return [(turn.result_id, turn.text)]
    found = []
    for block in blocks:
        try:
            value = orjson.loads(block)
            found.append((value.get("tool_call_id"), value.get("content", block)))
        except (orjson.JSONDecodeError, AttributeError):
            found.append((None, block))
    return found


def exchange(turns):
    """The calls with their results, and whether calls and results belong together."""
    made, open_calls, ids, fits, round_ = [], [], set(), True, 0
    for turn in turns:
        if turn.role == "tool":
            for id_, text in results(turn):
                own = next((call for call in open_calls if id_ is None or call["id"] == id_), None)
                own = own or next((call for call in open_calls if call["id"] is None), None)
                if own is None:
                    fits = False
                else:
                    open_calls.remove(own)
                    own["result"] = text
        elif turn.role in ("user", "assistant"):
            fits = fits and not open_calls
            round_ += turn.role == "user"
        for id_, name, values in turn.calls:
            fits = fits and bool(name) and values is not None and id_ not in ids
            if id_ is not None:
                ids.add(id_)
            call = {"id": id_, "name": name, "arguments": values, "round": round_, "result": None}
            made.append(call)
            open_calls.append(call)
    return made, fits


def stalled(made):
    for one, two, three in zip(made, made[1:], made[2:]):
        same = all(
            (call["round"], call["name"], call["arguments"]) == (one["round"], one["name"], one["arguments"])
            for call in (two, three)
        )
        if same and one["result"] is not None and one["result"] == two["result"]:
            return True
    return False


def broken_reasoning(turns):
    for turn in turns:
        if turn.role != "assistant":
            continue
        depth = 0
        for tag in THINK.findall(turn.text):
            depth += 1 if tag == "<think>" else -1
            if depth < 0:
                return True
        if depth:
            return True
    return False


def refusal(turns):
    for turn in reversed(turns):
        if turn.role == "assistant":
            text = THOUGHT.sub("", turn.text).lstrip().replace("\u2019", "'")
            return bool(REFUSAL.match(text)) or "as an ai language model" in text.lower()
    return False


def secret(value):
    if isinstance(value, str):
        return bool(SECRET.search(value))
    if isinstance(value, list):
        return any(map(secret, value))
    if isinstance(value, dict):
        return any(secret(name) or secret(own) for name, own in value.items())
    return False


def reason(record):
    turns = conversation(record)
    if turns is not None:
        made, fits = exchange(turns)
        if empty_turn(turns):
            return "empty-turn"
        if role_order(turns):
            return "role-order"
        if no_answer(turns):
            return "no-answer"
        if not fits:
            return "tool-calls"
        if stalled(made):
            return "stalled"
        if broken_reasoning(turns):
            return "broken-reasoning"
        if refusal(turns):
            return "refusal"
    if secret({name: value for name, value in record.items() if name != "provenance"}):
        return "secret"
    if record.get("chosen") is not None and record.get("chosen") == record.get("rejected"):
        return "chosen-equals-rejected"
    metadata = record.get("metadata") or {}
    if False in (record.get("completed"), metadata.get("completed")) or True in (record.get("partial"), metadata.get("partial")):
        return "incomplete"
    return None


run(reason)
