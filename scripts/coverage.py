"""Reads what gcov counted: python3 coverage.py BUILD [FILE...]. A table by folder, or the lines of files that never ran.

A function that is compiled for several processors (target_clones) counts once: a line has run if it has in any of them."""
import collections
import json
import os
import subprocess
import sys

AIMS = {"src/format": (95, 0), "src/base": (95, 0), "src/api": (95, 0), "src": (90, 80)}  # % of lines, of branches


def gcov(path):
    run = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", path], capture_output=True,
                         text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def read(build):
    """{file: ({line: count}, {(line, index): count})}"""
    files = collections.defaultdict(lambda: (collections.Counter(), collections.Counter()))
    objects = os.path.join(build, "CMakeFiles", "diffusion_objects.dir")
    for folder, _, names in os.walk(objects):
        for name in sorted(names):
            if not name.endswith(".gcno"):
                continue
            data = os.path.join(folder, name[:-5] + ".gcda")
            for report in gcov(data if os.path.exists(data) else os.path.join(folder, name)):
                for file in report["files"]:
                    path = os.path.relpath(file["file"])
                    if path.startswith("src/"):
                        add(files[path], file["lines"])
    return files


def add(file, lines):
    for line in lines:
        file[0][line["line_number"]] += line["count"]
        for index, branch in enumerate(line["branches"]):
            file[1][line["line_number"], index] += branch["count"]


def part(counts):
    ran = sum(count > 0 for counter in counts for count in counter.values())
    return ran, sum(len(counter) for counter in counts)


def percent(ran, of):
    return 100.0 * ran / of if of else 100.0


def row(name, files):
    lines, branches = part([f[0] for f in files]), part([f[1] for f in files])
    shares = percent(*lines), percent(*branches)
    aim = AIMS.get(name, (0, 0))
    low = any(share < least for share, least in zip(shares, aim))
    print(f"{name:14} {lines[0]:6} of {lines[1]:6} lines {shares[0]:6.1f} %  "
          f"{branches[0]:6} of {branches[1]:6} branches {shares[1]:6.1f} %{'   below the aim' if low else ''}")
    return low


def table(files):
    folders = sorted({"/".join(path.split("/")[:2]) for path in files})
    low = [row(folder, [of for path, of in files.items() if path.startswith(folder + "/")]) for folder in folders]
    return any(low + [row("src", files.values())])


def missing(files, paths):
    for path in paths:
        lines = open(path, encoding="utf-8").read().splitlines()
        for number in sorted(n for n, count in files[path][0].items() if count == 0):
            print(f"{path}:{number}: {lines[number - 1]}")


def main():
    files = read(sys.argv[1])
    if not files:
        sys.exit(f"coverage.py: nothing has run in {sys.argv[1]}")
    if len(sys.argv) > 2:
        missing(files, sys.argv[2:])
    elif table(files):
        sys.exit("coverage.py: below the aim")


main()
