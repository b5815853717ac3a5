"""Reads JSON objects (what bench-sampling and sampling_torch.py print, several rounds of both) and prints the table: the
best of each row."""
import json
import sys

from mlp_table import read_runs


def main():
    best, systems = {}, []
    for run in read_runs(sys.stdin.read()):
        if run["system"] not in systems:
            systems.append(run["system"])
        for row in run["rows"]:
            times = best.setdefault((row["net"], row["sampler"], row["n"]), {}).setdefault(run["system"], {})
            for name in ("step", "forward"):
                times[name] = min(times.get(name, float("inf")), row[name])
    ours, peer = systems
    for system in systems:
        print(f"- {system}")
    print("\n| network | solver | n | step | forward pass alone | overhead | PyTorch: step | forward pass | step against step |"
          "\n|---|---|---|---|---|---|---|---|---|")
    for (net, solver, n), times in best.items():
        step, forward = times[ours]["step"], times[ours]["forward"]
        theirs = times.get(peer)
        cells = [f"{theirs['step']:.0f}", f"{theirs['forward']:.0f}", f"{theirs['step'] / step:.1f}x"] if theirs else ["-"] * 3
        digits = 2 if step < 10 else 0
        print(f"| {net} | {solver} | {n} | {step:.{digits}f} | {forward:.{digits}f} | {step - forward:.{digits}f} us, "
              f"{(step / forward - 1) * 100:.1f} % | {' | '.join(cells)} |")


main()
