"""Stands in for the runner of GitHub Actions: runner.py WORKFLOW EVENT CHANGED...

Runs the steps of the workflow's only job in the working folder if a changed file is one that it listens to, each with the shell and the
variables of the real runner, and prints the outcome of each step. Steps that use an action are passed over.
"""

import fnmatch
import json
import os
import re
import subprocess
import sys
import tempfile

import yaml

# https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
SHELLS = {None: ["bash", "-e"], "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"]}


class Context:
    """What expressions see."""

    def __init__(self, event):
        self.failed = False
        self.github = {"event": event, "repository": "them/data", "token": "token"}

    def value(self, expression):
        code = re.sub(r"github(\.\w+)+", lambda name: repr(self.look_up(name[0])), expression)
        code = code.replace("&&", " and ").replace("||", " or ").replace("!cancelled()", "True")
        code = code.replace("failure()", repr(self.failed)).replace("success()", repr(not self.failed))
        return eval(code, {"__builtins__": {}})

    def look_up(self, path):
        value = self.github
        for name in path.split(".")[1:]:
            value = value[name]
        return value

    def fill(self, text):
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(self.value(found[1].strip())), str(text))

    def lets_run(self, step):
        condition = re.sub(r"^\$\{\{(.*)\}\}$", r"\1", str(step.get("if", "success()"))).strip()
        asks = re.search(r"(success|failure|cancelled|always)\(\)", condition)
        return bool(self.value(condition)) and (asks is not None or not self.failed)


def run(step, shell, context, temporary):
    if "run" not in step:
        return "passed over"
    if not context.lets_run(step):
        return "skipped"
    script = os.path.join(temporary, "script.sh")
    with open(script, "w") as file:
        file.write(context.fill(step["run"]))
    variables = {name: context.fill(value) for name, value in step.get("env", {}).items()}
    variables |= {"RUNNER_TEMP": temporary, "GITHUB_STEP_SUMMARY": os.environ["SUMMARY"], "CI": "true", "GITHUB_ACTIONS": "true"}
    status = subprocess.run(SHELLS[step.get("shell", shell)] + [script], env=os.environ | variables, stdin=subprocess.DEVNULL).returncode
    context.failed = context.failed or status != 0
    return "success" if status == 0 else "failure"


def main():
    workflow, event, *changed = sys.argv[1:]
    with open(workflow) as file:
        workflow = yaml.safe_load(file)
    # YAML 1.1, which PyYAML reads, takes `on` for true.
    paths = workflow[True]["pull_request"]["paths"]
    if not any(fnmatch.fnmatchcase(name, path) for name in changed for path in paths):
        print("not started")
        return 0
    (job,) = workflow["jobs"].values()
    context = Context(json.loads(event))
    shell = workflow.get("defaults", {}).get("run", {}).get("shell")
    with tempfile.TemporaryDirectory() as temporary:
        for step in job["steps"]:
            outcome = run(step, shell, context, temporary)
            print(f"{step.get('name', step.get('uses'))}: {outcome}", flush=True)
    return int(context.failed)


if __name__ == "__main__":
    sys.exit(main())
