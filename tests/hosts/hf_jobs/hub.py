"""Stands in for the Hub: hub.py FOLDER COMMAND...

Runs COMMAND with the address of a server that answers what `hf jobs` asks. The server runs each job on this machine, one after the other,
with nothing but the job's own environment. FOLDER/NAMESPACE/NAME is the bucket of that name; in a job's variables its folder stands for
the path where the job mounts it. The first attempt of the task LOSES, a variable, ends when it has copied its first file.
"""

import http.server
import itertools
import json
import os
import stat
import subprocess
import sys
import tempfile
import threading

# Copies a file, and takes its job down with it.
LOSING_CP = '#!/bin/sh\n/bin/cp "$@"\nkill -KILL "$PPID"\n'
# Runs a tool, of which there is only one, and which is there already.
UVX = '#!/bin/sh\n[ "$1 $2 $3" = "--from provfilter provfilter" ] || exit 2\nshift 3\nexec provfilter "$@"\n'


class Hub(http.server.ThreadingHTTPServer):
    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), Answer)
        self.folder = os.path.abspath(folder)
        self.jobs = {}
        self.ids = itertools.count(1)

    def run(self, job):
        """Runs a job, as often as it may be tried."""
        spec = job["spec"]
        assert "/uv:" in spec["dockerImage"], spec
        for attempt in range(spec.get("attempts", 1)):
            job["attempts"] = attempt + 1
            with tempfile.TemporaryDirectory() as container:
                done = subprocess.run(
                    spec["command"] + spec["arguments"],
                    env=self.environment(spec, attempt, container),
                    cwd=container,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
            job["log"] += done.stdout
            if done.returncode == 0:
                return "COMPLETED"
        return "ERROR"

    def environment(self, spec, attempt, container):
        variables = dict(spec["environment"])
        for volume in spec.get("volumes", []):
            assert volume["type"] == "bucket", volume
            for name, value in variables.items():
                if value == volume["mountPath"]:
                    variables[name] = os.path.join(self.folder, volume["source"])
        programs = os.path.join(container, "bin")
        write(os.path.join(programs, "uvx"), UVX)
        if attempt == 0 and variables.get("TASK", "") == os.environ.get("LOSES"):
            write(os.path.join(programs, "cp"), LOSING_CP)
        times = {name: os.environ[name] for name in ["SOURCE_DATE_EPOCH"] if name in os.environ}
        return variables | times | {"PATH": f"{programs}:{os.environ['PATH']}", "TMPDIR": container}


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(content)
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.split("?")[0].strip("/").split("/")
        match path:
            case ["api", "whoami-v2"]:
                self.answer({"type": "user", "id": "1", "name": "me", "fullname": "Me", "orgs": []})
            case ["api", "jobs", "me", name]:
                self.answer(self.described(name))
            case ["api", "jobs", "me", name, "logs"]:
                lines = self.server.jobs[name]["log"].splitlines()
                events = "".join(f"data: {json.dumps({'data': line, 'timestamp': '2026-03-30T14:22:31Z'})}\n\n" for line in lines)
                self.answer(events, "text/event-stream")
            case _:
                self.send_error(404)

    def do_POST(self):
        if self.path != "/api/jobs/me":
            return self.send_error(404)
        spec = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = f"job{next(self.server.ids)}"
        job = self.server.jobs[name] = {"spec": spec, "stage": "RUNNING", "log": "", "attempts": 0}
        job["stage"] = self.server.run(job)
        print(f"{name}: {spec['environment'].get('TASK', 'merge')} {job['stage']} {job['attempts']}", file=sys.stderr, flush=True)
        self.answer(self.described(name))

    def described(self, name):
        job = self.server.jobs[name]
        owner = {"id": "1", "name": "me", "type": "user"}
        return {"id": name, "owner": owner, "status": {"stage": job["stage"], "message": None}, "labels": job["spec"].get("labels")}

    def answer(self, content, kind="application/json"):
        body = (content if isinstance(content, str) else json.dumps(content)).encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    folder, *command = sys.argv[1:]
    hub = Hub(folder)
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{hub.server_port}"
    quiet = {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    return subprocess.run(command, env=os.environ | quiet | {"HF_ENDPOINT": address, "HF_TOKEN": "hf_token", "HF_HOME": f"{folder}/home"}).returncode


if __name__ == "__main__":
    sys.exit(main())
