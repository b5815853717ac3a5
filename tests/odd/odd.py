"""python3 odd.py TOOL FOLDER: what the tool makes of each odd file of FOLDER/EXPECTED.tsv, beside what a careful reader
should. A file that is accepted must give the values that an independent reader finds in it; one that is refused, one
sentence. Prints a table by kind, and every deviation with its reason; exits with 1 where there is none."""
import collections
import os
import re
import sys
import tempfile

import readers
from command import Command, same

TEXT = "there is no kernel for categories: text is refused, in a sentence that names the column and drop="
SOUND = "sounds are no data of these networks: refused by name"
DEVIATIONS = {  # patterns of files that are refused where the careful reader accepts
    r"csv/(plain|bom|mixed_eol|quotes|tab|spaces|missing|trailing_comma)": TEXT + "; without them the numbers are right",
    r"csv/(not_numbers2|case_space_categories|long_field|latin1)": TEXT,
    r"csv/numbers": "1e400 is refused, in the sentence of what no double holds, not made infinite",
    r"wav/.*": SOUND,
    r"text/.*": "bytes of a text are no data of these kernels",
}
# How text files are to be read: separator, whether the first line names the columns, and what leaves out their text.
TABLES = {
    "csv/plain.csv": (",", 1, "drop=c"), "csv/bom.csv": (",", 1, "drop=c"), "csv/cr.csv": (",", 1, "drop=c"),
    "csv/mixed_eol.csv": (",", 1, "drop=c"), "csv/blank_lines.csv": (",", 1, "drop=c"),
    "csv/quoted_numbers.csv": (",", 1, ""), "csv/tab.tsv": ("\t", 1, "drop=c"), "csv/spaces.data": (",", 0, "drop=2,4"),
    "csv/missing.csv": (",", 1, "drop=b-g drop=2-7"), "csv/trailing_comma.csv": (",", 1, "drop=3"),
    "csv/dup_names.csv": (",", 1, ""), "csv/bigint.csv": (",", 1, ""), "csv/one_row.csv": (",", 1, ""),
    "csv/one_column.csv": (",", 1, ""), "csv/many_columns.csv": (",", 1, ""), "csv/category_like_number.csv": (",", 1, ""),
}


SOUND_MODEL = {
    "_class_name": '"UNet2DModel"', "sample_size": "8", "in_channels": "1", "out_channels": "1", "layers_per_block": "1",
    "block_out_channels": "[32,64]", "norm_num_groups": "8", "attention_head_dim": "8",
    "down_block_types": '["DownBlock2D","DownBlock2D"]', "up_block_types": '["UpBlock2D","UpBlock2D"]',
}


def opinion(text):
    """What the careful reader may do."""
    allowed = {word for word in ("accept", "refuse", "say", "read") if re.search(rf"\b{word}\b", text)}
    return allowed | ({"accept"} if allowed & {"say", "read"} else set()) | ({"refuse"} if "category" in text else set())


def truth(name, path):
    """(shape, values) by an independent reader; None where there is none."""
    with open(path, "rb") as file:
        data = file.read()
    kind = name.split("/")[0]
    if data[:4] == b"\x89PNG":
        return readers.flat(readers.png(data)[0])
    if kind == "npy":
        return readers.npz(data) if data[:2] == b"PK" else readers.npy(data)
    return {"pnm": readers.pnm, "idx": readers.idx}[kind](data) if kind in ("pnm", "idx") else None


def table_truth(name, path):
    separator, header, keys = TABLES[name]
    with open(path, "rb") as file:
        names, rows = readers.table(file.read().replace(b"\r\n", b"\n").replace(b"\r", b"\n"), separator, header)
    keys = keys.split()[-1] if keys else ""
    dropped = set()
    for item in keys[5:].split(",") if keys else []:
        first, _, last = item.partition("-")
        dropped |= {names.index(item)} if item in names and header else set(range(int(first) - 1, int(last or first)))
    kept = [j for j in range(len(names)) if j not in dropped]
    return keys, (len(rows), len(kept)), [float(row[j]) for row in rows for j in kept]


class Verdicts:
    def __init__(self, command, folder):
        self.command, self.folder = command, folder
        self.counts, self.lines = collections.defaultdict(collections.Counter), []

    def count(self, name, what, line=None):
        self.counts[name.split("/")[0]][what] += 1
        if line:
            self.lines.append(f"{'FAILED: ' if what == 'failed' else '- '}{name}: {line}")

    def check_values(self, name, path, keys, shape, values, read_shape):
        read = self.command.values(path, len(values) // shape[0], keys)
        if read_shape != tuple(shape):
            return f"shape {read_shape}, expected {tuple(shape)}"
        return None if same(read, values) else f"values {read[:8]} …, expected {values[:8]} …"

    def check_table(self, name, path):
        keys, shape, values = table_truth(name, path)
        accepted, read_shape, said = self.command.look(path, keys)
        return self.check_values(name, path, keys, shape, values, read_shape) if accepted else f"{keys}: {said}"

    def judge(self, name, text, note):
        path = os.path.join(self.folder, name)
        if name.startswith("json/"):
            return self.judge_json(name, path, text)
        accepted, shape, said = self.command.look(path)
        fault = None
        if name in TABLES:
            fault = self.check_table(name, path)
        elif accepted:
            expected = truth(name, path)
            fault = self.check_values(name, path, "", *expected, shape) if expected else self.check_jpeg(path, shape, note)
        reason = next((why for pattern, why in DEVIATIONS.items() if re.match(pattern, name)), None)
        if fault:
            self.count(name, "failed", fault)
        elif ("accept" if accepted else "refuse") in opinion(text):
            self.count(name, "met")
        elif reason:
            self.count(name, "deviates", f"*{text}*: {reason}")
        else:
            self.count(name, "failed", f"{'accepted' if accepted else said}, expected: {text}")

    def check_jpeg(self, path, shape, note):
        """Means of Pillow's, which decodes with the same library."""
        means = [float(mean) for mean in note.split("=")[1].split(",")]
        read = self.command.values(path, shape[1] * shape[2] * shape[3])
        own = [sum(read[c::shape[3]]) / (shape[1] * shape[2]) for c in range(shape[3])]
        good = len(own) == len(means) and all(abs(a - b) <= 0.6 for a, b in zip(own, means))
        return None if good else f"means {own}, expected {means}"

    def judge_json(self, name, path, text):
        """As the config.json of a model: what is sound JSON is refused by an option that it gives, or lacks."""
        with tempfile.TemporaryDirectory() as model, open(path, "rb") as file:
            data = file.read()
            for option, value in SOUND_MODEL.items(): # what it lacks, so that what it gives is looked at
                if f'"{option}"'.encode() not in data:
                    data = data.replace(b"{", f'{{"{option}":{value},'.encode(), 1)
            with open(os.path.join(model, "config.json"), "wb") as out:
                out.write(data)
            accepted, _, said = self.command.look(model)
        sound = "not valid JSON" not in said and "expected an object" not in said
        option = re.search(rb'"(sample_size|block_out_channels|norm_num_groups|layers_per_block|in_channels)":(true|\[-|0|3\.5)', data)
        refused = not sound or (option and option[1].decode() in said)
        wanted = opinion(text)
        good = not accepted and ("refuse" in wanted and refused or "accept" in wanted and sound)
        self.count(name, "met" if good else "failed", None if good else f"{said}, expected: {text}")


def upright(command, folder):
    """The pictures of one camera, held in every way, are one picture: exif2 gives what is stored, the others must be turned
    from it."""
    stored, faults = None, []
    for how in (2, 3, 5, 6, 8):
        path = os.path.join(folder, f"jpeg/exif{how}.jpg")
        if not os.path.exists(path):
            continue
        _, (_, height, width, channels), _ = command.look(path)
        read = command.values(path, height * width * channels)
        pixels = [[tuple(read[(y * width + x) * channels:][:channels]) for x in range(width)] for y in range(height)]
        if how == 2:
            stored = readers.turned(pixels, 2)
        elif readers.turned(stored, how) != pixels:
            faults.append(f"FAILED: exif{how}.jpg is not turned upright")
    return faults


def main(tool, folder):
    verdicts = Verdicts(Command(tool), folder)
    with open(os.path.join(folder, "EXPECTED.tsv")) as rows:
        for row in list(rows)[1:]:
            name, text, _, _, note = row.rstrip("\n").split("\t")
            verdicts.judge(name, text, note)
    print("| kind | files | verdicts met | deviations, each argued below |\n|---|---|---|---|")
    for kind, counts in verdicts.counts.items():
        print(f"| {kind} | {sum(counts.values())} | {counts['met']} | {counts['deviates']} |")
    faults = [line for line in verdicts.lines if line.startswith("FAILED")] + upright(verdicts.command, folder)
    print("\n" + "\n".join([line for line in verdicts.lines if line not in faults] + faults))
    return 1 if faults else 0


if __name__ == "__main__":
    if not os.path.exists(os.path.join(sys.argv[2], "EXPECTED.tsv")):
        print(f"skipped: {sys.argv[2]} is not there")
        sys.exit(77)
    sys.exit(main(sys.argv[1], sys.argv[2]))
