"""Prints a row of bench/paper as a line of a Markdown table, and puts it into RESULTS.md in place of the row's last one."""
import argparse
import json
import math
import pathlib
import sys

HEAD = [
    "| row | K | K - L_null | unit | paper: K; K - L_null | truth - K | wall time | seed | model \\| schedule \\| training | command |",
    "|---|---|---|---|---|---|---|---|---|---|",
]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("folder", "row", "title", "unit", "paper", "paper-gain", "parzen-paper", "specs", "command", "results"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--pixels", type=int, required=True, help="pixels of a sample, by which bits are divided")
    parser.add_argument("--seconds", type=int, required=True)
    for name in ("bound", "truth", "parzen", "quick"):
        parser.add_argument("--" + name, action="store_true")
    return parser.parse_args()


def seed_of(specs):
    seeds = [word[5:] for word in specs.split() if word.startswith("seed=")]
    return seeds[0] if seeds else "0"


def plus_minus(value, error):
    return f"{value:.4f} ± {error:.4f}" if error is not None else f"{value:.4f}"


def line(given, title, first, gain, unit, paper, gap):
    cells = [title, first, gain, unit, paper, gap, f"{given.seconds} s", seed_of(given.specs),
             "`" + given.specs.replace("|", "\\|") + "`", "`" + given.command + "`"]
    return "| " + " | ".join(cells) + " |"


def bound_line(given, bound):
    def each(name):
        value = bound[name]
        return value / given.pixels if value is not None else None

    gap = ""
    if given.truth:
        truth = json.loads((pathlib.Path(given.folder) / "truth.json").read_text())["negative_entropy_bits"]
        gap = plus_minus(truth - bound["k_bits"], bound["standard_error_bits"])
    return line(given, given.title, plus_minus(each("k_bits"), each("standard_error_bits")),
                plus_minus(each("k_minus_null_bits"), each("k_minus_null_standard_error_bits")), given.unit,
                f"{given.paper}; {given.paper_gain}", gap)


def parzen_line(given, parzen):
    return line(given, f"{given.title}, Parzen window of {parzen['samples']} samples",
                plus_minus(parzen["bits"], parzen["standard_error_bits"]), "", "bits/sample", given.parzen_paper, "")


def faults(given, bound):
    """What no run of a right library shows: a bound above the truth, or a model that knows less than the prior."""
    found = [name for name, value in bound.items() if isinstance(value, float) and not math.isfinite(value)]
    if bound["k_minus_null_bits"] <= 0:
        found.append(f"K - L_null = {bound['k_minus_null_bits']}: nothing was learnt")
    if given.truth:
        truth = json.loads((pathlib.Path(given.folder) / "truth.json").read_text())["negative_entropy_bits"]
        if bound["k_bits"] > truth + 5 * bound["standard_error_bits"]:
            found.append(f"K = {bound['k_bits']} is above the truth, {truth}")
    return found


def put(path, title, text):
    """A row's place is found by its first cell; a new one goes behind the last."""
    lines = path.read_text().splitlines() if path.exists() else []
    if HEAD[1] not in lines:
        lines += HEAD
    start = lines.index(HEAD[1]) + 1
    end = start
    while end < len(lines) and lines[end].startswith("|"):
        end += 1
    same = [i for i in range(start, end) if lines[i].startswith(f"| {title} |")]
    if same:
        lines[same[0]] = text
    else:
        lines.insert(end, text)
    path.write_text("\n".join(lines) + "\n")


def main():
    given = arguments()
    folder = pathlib.Path(given.folder)
    found, wrong = [], []
    if given.bound:
        bound = json.loads((folder / "bound.json").read_text())
        found.append(bound_line(given, bound))
        wrong = faults(given, bound)
    if given.parzen:
        found.append(parzen_line(given, json.loads((folder / "parzen.json").read_text())))
    for text in found:
        print(text)
        if not given.quick:
            put(pathlib.Path(given.results), text[2:].split(" |")[0], text)
    for text in wrong:
        print(f"{given.row}: {text}", file=sys.stderr)
    return 1 if wrong else 0


sys.exit(main())
