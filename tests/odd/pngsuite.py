"""python3 pngsuite.py TOOL PNGSUITE.tar.gz: every picture of PngSuite, value for value against a decoder of a few lines
(readers.py), and that every damaged one is refused. Prints a line of a table; exits with 1 unless all is as it should be."""
import collections
import os
import re
import sys
import tarfile
import tempfile

import readers
from command import Command, same


def main(tool, archive):
    command, failures, kinds = Command(tool), [], collections.Counter()
    with tempfile.TemporaryDirectory() as folder, tarfile.open(archive) as pictures:
        groups = collections.defaultdict(dict)  # of one size and largest value: the folders that the tool can read
        for member in pictures:
            name = os.path.basename(member.name)
            if "/png/" not in member.name or not name.endswith(".png"):
                continue
            data = pictures.extractfile(member).read()
            if name.startswith("x"):
                path = os.path.join(folder, name)
                with open(path, "wb") as out:
                    out.write(data)
                accepted, _, said = command.look(path)
                kinds["damaged"] += 1
                if accepted or "damaged" not in said and "not a PNG" not in said and "unknown kind" not in said:
                    failures.append(f"{name}: {'accepted' if accepted else said}")
                continue
            rows, top, transparent = readers.png(data)
            groups[len(rows), len(rows[0]), top][name] = data, rows, transparent
        for (height, width, top), group in groups.items():
            check(command, os.path.join(folder, f"{height}x{width}x{top}"), group, failures, kinds)
    print(f"| PngSuite | {kinds['sound'] + kinds['damaged']} | {kinds['sound'] + kinds['damaged'] - len(failures)} | "
          f"{kinds['sound']} pictures read, {kinds['transparent']} of them said to be transparent, all values those of an "
          f"independent decoder; {kinds['damaged']} damaged ones refused |")
    for failure in failures:
        print("FAILED:", failure)
    return 1 if failures or not kinds["sound"] else 0


def check(command, folder, group, failures, kinds):
    os.mkdir(folder)
    for name, (data, _, _) in group.items():
        with open(os.path.join(folder, name), "wb") as out:
            out.write(data)
    channels = max(len(rows[0][0]) for _, rows, _ in group.values())
    truth, clear = [], 0
    for name in sorted(group):
        _, rows, transparent = group[name]
        clear += transparent
        truth += [value for row in rows for pixel in row for value in pixel * (channels // len(pixel))]
    _, shape, said = command.look(folder)
    noted = re.search(r"laid on white, in (\d+) of", said)
    kinds["sound"] += len(group)
    kinds["transparent"] += int(noted[1]) if noted else 0
    if (int(noted[1]) if noted else 0) != clear:
        failures.append(f"{sorted(group)}: {said!r}, expected {clear} with transparency")
    dim = len(truth) // len(group)
    read = command.values(folder, dim)
    for i, name in enumerate(sorted(group)):
        if shape[0] != len(group) or not same(read[i * dim:(i + 1) * dim], truth[i * dim:(i + 1) * dim]):
            failures.append(f"{name}: other values than those of the file")


if __name__ == "__main__":
    if not os.path.exists(sys.argv[2]):
        print(f"skipped: {sys.argv[2]} is not there")
        sys.exit(77)
    sys.exit(main(sys.argv[1], sys.argv[2]))
