"""Measures how long a line takes through programs: latency.py FILE COUNT PROGRAM...

The programs, which give one line for one line, take turns. Prints of each its name and two medians in milliseconds: of a lone line's way
through a program that runs already and whose input stays open; and from the start of a program to its end, with one line to do.
"""

import itertools
import os
import shlex
import statistics
import subprocess
import sys
import time


def milliseconds(action, line):
    start = time.perf_counter_ns()
    action(line)
    return (time.perf_counter_ns() - start) / 1e6


def start(command):
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)


class Running:
    """A program whose input is open."""

    def __init__(self, command):
        self.process = start(command)

    def send(self, line):
        self.process.stdin.write(line)
        answer = b""
        while not answer.endswith(b"\n"):
            piece = os.read(self.process.stdout.fileno(), 1 << 20)
            if not piece:
                sys.exit(f"{self.process.args[0]} ended early")
            answer += piece

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def run_whole(command, line):
    process = start(command)
    process.communicate(line)


def main():
    path, count, *programs = sys.argv[1:]
    commands = [shlex.split(program) for program in programs]
    with open(path, "rb") as file:
        lines = list(itertools.islice(file, int(count)))

    running = [Running(command) for command in commands]
    lone = [[milliseconds(program.send, line) for program in running] for line in lines]
    for program in running:
        program.end()
    whole = [[milliseconds(lambda line, command=command: run_whole(command, line), line) for command in commands] for line in lines]

    for command, *times in zip(commands, zip(*lone), zip(*whole)):
        print(command[0], *(f"{statistics.median(column):.3f}" for column in times))


main()
