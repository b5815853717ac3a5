"""The tool as these tests use it: what it says of a file, and the very values that it has read."""
import os
import re
import struct
import subprocess
import tempfile

import readers


class Command:
    def __init__(self, tool):
        self.tool = os.path.abspath(tool)
        self.folder = tempfile.TemporaryDirectory()
        self.models = {}

    def run(self, *arguments):
        done = subprocess.run([self.tool, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        return done.returncode, done.stdout, done.stderr.decode(errors="replace")

    def look(self, path, keys=""):
        """(accepted, shape with the samples first, notes or the sentence); fails on anything but one of the two."""
        status, out, said = self.run("info", path, *(["--data", keys] if keys else []))
        lines = said.strip().split("\n") if said.strip() else []
        notes = [line for line in lines if line.startswith("diffusion: note: ")]
        if status == 0 and len(notes) == len(lines):
            samples, shape = re.search(rb"samples +(\d+)\nshape +([\d,]+)", out).groups()
            return True, (int(samples),) + tuple(int(size) for size in shape.split(b",")), said
        if status == 1 and len(lines) == len(notes) + 1 and lines[-1].startswith("diffusion: "):
            return False, None, lines[-1]
        raise SystemExit(f"{path}: status {status}, said {said!r}")

    def model(self, dim):
        """Any model of rows of so many values."""
        if dim not in self.models:
            data, model = (os.path.join(self.folder.name, f"{dim}.{ending}") for ending in ("csv", "safetensors"))
            with open(data, "w") as out:
                for i in range(3):
                    out.write(",".join(str((7 * i + j) % 5 + i / 2) for j in range(dim)) + "\n")
            status, _, said = self.run("train", data, "-o", model, "--model", "mlp width=1 depth=1", "--schedule",
                                       "linear steps=2", "--steps", "1", "-q")
            if status != 0:
                raise SystemExit(said)
            self.models[dim] = model
        return self.models[dim]

    def values(self, path, dim, keys=""):
        """All values of a file as they were read: those of inpainting where nothing is missing."""
        out = os.path.join(self.folder.name, "out.npy")
        status, _, said = self.run("inpaint", self.model(dim), path, "-o", out, "-n", "1000", "-q", "--mask", "random:0",
                                   "--sampler", "ancestral particles=1", "--data", f"shape={dim} {keys}")
        if status != 0:
            raise SystemExit(f"{path}: {said}")
        with open(out, "rb") as file:
            return readers.npy(file.read())[1]


def same(read, truth):
    """To the digits of float32."""
    return len(read) == len(truth) and all(abs(a - b) <= 1e-6 * abs(b) for a, b in zip(read, truth))
