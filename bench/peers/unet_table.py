"""Reads the lines that bench-unet, unet_torch.py and unet_onnx.js print, several rounds of all, and prints the tables."""
import json
import math
import sys

PEER = {"forward": "ONNX Runtime", "training": "PyTorch"}  # whom the project measures itself against


def name_of(run):
    return run["system"].rsplit(" ", 1)[0]


def collect(lines):
    """Work -> system -> threads -> the least of all rounds; milliseconds a sample, and megabytes."""
    times, memory, systems = {}, {}, {}
    for run in map(json.loads, lines):
        key, name = (run["net"], run["work"], run["batch"]), name_of(run)
        systems.setdefault(name, f"{run['system']}, BLAS: {run['blas']}")
        for table, value in ((times, run["milliseconds"] / run["batch"]), (memory, run["megabytes"])):
            cells = table.setdefault(key, {}).setdefault(name, {})
            cells[run["threads"]] = min(cells.get(run["threads"], math.inf), value)
    return times, memory, systems


def row(*cells):
    print("| " + " | ".join(cells) + " |")


def header(*cells):
    row(*cells)
    print("|" + "---|" * len(cells))


def both(cells, digits):
    """Two threads, and one in brackets."""
    return f"{cells[2]:.{digits}f} ({cells[1]:.{digits}f})" if cells else "-"


def main():
    times, memory, systems = collect(sys.stdin)
    ours, *peers = sorted(systems, key=lambda name: (name != "libdiffusion", name))
    for name in (ours, *peers):
        print(f"- {systems[name]}")
    print("\nMilliseconds a sample with 2 threads, in brackets with 1; ratios from each system's better:\n")
    header("work", ours, *peers, *(f"against {peer}" for peer in peers), "2 threads against 1")
    for key, found in times.items():
        best = {name: min(cells.values()) for name, cells in found.items()}
        ratios = [f"{'**' if peer == PEER[key[1]] else ''}{best[peer] / best[ours]:.2f}x"
                  f"{'**' if peer == PEER[key[1]] else ''}" if peer in best else "-" for peer in peers]
        row("{} {}, batch {}".format(*key), *(both(found.get(name), 2) for name in (ours, *peers)), *ratios,
            f"{found[ours][1] / found[ours][2]:.2f}x")
    print("\nPeak resident memory of the process with 2 threads, MB:\n")
    header("work", ours, *peers, *(f"ours to {peer}'s" for peer in peers))
    for key, found in memory.items():
        row("{} {}, batch {}".format(*key), *(f"{found[name][2]:.0f}" if name in found else "-" for name in (ours, *peers)),
            *(f"{found[ours][2] / found[peer][2]:.2f}x" if peer in found else "-" for peer in peers))


main()
