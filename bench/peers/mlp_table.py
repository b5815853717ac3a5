"""Reads one JSON object a line (what bench-mlp and mlp_torch.py print, several rounds of both) and prints the table."""
import json
import sys


def read_runs(text):
    decoder, text = json.JSONDecoder(), text.strip()
    while text:
        run, end = decoder.raw_decode(text)
        text = text[end:].strip()
        yield run


def main():
    best, systems, blas = {}, [], {}
    for run in read_runs(sys.stdin.read()):
        system = run["system"]
        if system not in systems:
            systems.append(system)
        blas[system] = run["blas"]
        for row in run["rows"]:
            key = (row["dim"], row["width"], row["depth"], row["batch"])
            times = best.setdefault(key, {}).setdefault(system, {})
            times[run["threads"]] = min(times.get(run["threads"], float("inf")), row["microseconds"])
    ours, peer = systems
    for system in systems:
        print(f"- {system}, BLAS: {blas[system]}")
    print(f"\n| dim | width x depth | batch | {ours}: 1 thread | 2 threads | {peer}: 1 thread | 2 threads |"
          " best against best |\n|---|---|---|---|---|---|---|---|")
    for (dim, width, depth, batch), times in best.items():
        cells = [f"{times[system].get(threads, float('nan')):.0f}" for system in systems for threads in (1, 2)]
        ratio = min(times[peer].values()) / min(times[ours].values())
        print(f"| {dim} | {width} x {depth} | {batch} | {' | '.join(cells)} | {ratio:.2f}x |")


if __name__ == "__main__":
    main()
