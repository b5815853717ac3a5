"""Makes the tables of bench/quality.sh: quality_table.py FOLDER NAME.

A row for each solver, a column for each number of evaluations; the floor is that of as many rows of data held out."""
import json
import pathlib
import re
import sys


def read(folder):
    """{solver: {evaluations: figures}}."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        solver, evaluations = re.fullmatch(r"(.*)-(\d+)", path.stem).groups()
        found.setdefault(solver.replace(",", " "), {})[int(evaluations)] = json.loads(path.read_text())
    return found


def table(found, key, title, scale, digits):
    columns = sorted({n for row in found.values() for n in row})
    figures = next(iter(next(iter(found.values())).values()))[key]
    print(f"\n{title}; floor {figures['floor'] * scale:.{digits}f} ± {figures['floor_error'] * scale:.{digits}f}:\n")
    print("| solver | " + " | ".join(str(n) for n in columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    best = {n: min(row[n][key]["value"] for row in found.values() if n in row) for n in columns}
    for solver, row in found.items():
        cells = []
        for n in columns:
            if n not in row:
                cells.append("")
                continue
            figure = row[n][key]
            text = f"{figure['value'] * scale:.{digits}f} ± {figure['error'] * scale:.{digits}f}"
            cells.append(f"**{text}**" if figure["value"] == best[n] else text)
        print(f"| `{solver}` | " + " | ".join(cells) + " |")


def main():
    folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
    found = read(folder)
    first = next(iter(next(iter(found.values())).values()))
    print(f"{name}: {first['samples']} samples against {first['data']} rows of data, {first['dimensions']} values each")
    table(found, "sliced_wasserstein", "Sliced Wasserstein distance, in standard deviations of the data", 1, 3)
    table(found, "mmd_squared", "Squared maximum mean discrepancy, thousandths", 1000, 2)


main()
