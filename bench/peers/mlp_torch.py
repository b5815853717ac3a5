"""The work of bench/mlp.c in PyTorch: the same networks, the same training step, the same rows; JSON out.

    mlp_torch.py --threads 2 --seconds 2      the best step of each row
    mlp_torch.py --check folder               compares forward outputs with those that `bench-mlp --check folder` wrote
"""
import argparse
import json
import math
import struct
import sys
import time

import numpy
import torch

STEPS, TIME_FEATURES, CHECKED = 1000, 32, 64
ROWS = [(2, 64, 3, 256), (2, 128, 4, 512), (2, 512, 2, 1024), (32, 256, 4, 1024)]  # dim, width, depth, batch


def time_table():
    """Sinusoidal features of t = 0..STEPS, [STEPS + 1, TIME_FEATURES]: looked up in a step, never computed there."""
    half = TIME_FEATURES // 2
    frequency = torch.exp(-math.log(10000.0) * torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(STEPS + 1, dtype=torch.float64)[:, None] * frequency
    return torch.cat([angle.sin(), angle.cos()], dim=1).float()


def network(dim, width, depth):
    layers, inputs = [], dim + TIME_FEATURES
    for _ in range(depth):
        layers += [torch.nn.Linear(inputs, width), torch.nn.SiLU()]
        inputs = width
    return torch.nn.Sequential(*layers, torch.nn.Linear(inputs, dim))


class Job:
    """One row: network, optimiser, and the tables that a training step looks up."""

    def __init__(self, dim, width, depth, batch, foreach):
        torch.manual_seed(1)
        self.net = network(dim, width, depth)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=1e-3, foreach=foreach)
        self.times = time_table()
        alpha_bar = torch.cumprod(1 - torch.linspace(1e-4, 0.02, STEPS, dtype=torch.float64), 0)
        alpha_bar = torch.cat([torch.ones(1, dtype=torch.float64), alpha_bar])
        self.signal = alpha_bar.sqrt().float()[:, None]
        self.noise = (1 - alpha_bar).sqrt().float()[:, None]
        self.x0 = (torch.rand(batch, dim) - 0.5) * 12 ** 0.5

    def step(self):
        x0 = self.x0
        t = torch.randint(1, STEPS + 1, (x0.shape[0],))
        epsilon = torch.randn_like(x0)
        xt = self.signal[t] * x0 + self.noise[t] * epsilon
        out = self.net(torch.cat([xt, self.times[t]], dim=1))
        loss = torch.nn.functional.mse_loss(out, epsilon)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()


def best_seconds(work, seconds):
    """As clock_best() of bench/clock.h."""
    work()
    begin, group, best = time.perf_counter(), 1, math.inf
    while time.perf_counter() - begin < seconds:
        before = time.perf_counter()
        for _ in range(group):
            work()
        one = (time.perf_counter() - before) / group
        best = min(best, one)
        group = max(1, int(seconds / 20 / one))
    return best


def time_rows(seconds):
    """The better of Adam's two implementations counts."""
    rows = []
    for dim, width, depth, batch in ROWS:
        best = min(best_seconds(Job(dim, width, depth, batch, foreach).step, seconds / 2) for foreach in (False, True))
        rows.append({"dim": dim, "width": width, "depth": depth, "batch": batch, "microseconds": round(best * 1e6, 2)})
    return rows


def read_safetensors(path):
    """Name -> float32 array."""
    with open(path, "rb") as file:
        data = file.read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    arrays = {}
    for name, entry in header.items():
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        arrays[name] = numpy.frombuffer(data[begin:end], numpy.float32).reshape(entry["shape"]).copy()
    return arrays


def check_row(folder, index):
    """The largest difference between the two systems' outputs with the same weights."""
    dim, width, depth, _ = ROWS[index]
    weights = read_safetensors(f"{folder}/model-{index}.safetensors")
    net = network(dim, width, depth)
    with torch.no_grad():
        for layer in range(depth + 1):
            name = f"hidden.{layer}" if layer < depth else "output"
            net[2 * layer].weight.copy_(torch.from_numpy(weights[name + ".weight"]))
            net[2 * layer].bias.copy_(torch.from_numpy(weights[name + ".bias"]))
    values = torch.from_numpy(numpy.fromfile(f"{folder}/case-{index}.f32", numpy.float32))
    x, t, expected = values.split([CHECKED * dim, CHECKED, CHECKED * dim])
    with torch.no_grad():
        out = net(torch.cat([x.view(CHECKED, dim), time_table()[t.long()]], dim=1))
    return (out.flatten() - expected).abs().max().item(), expected.abs().max().item()


def loaded_blas():
    """The file that this process multiplies with."""
    with open("/proc/self/maps") as maps:
        files = sorted({line.split()[-1] for line in maps if "blas" in line.rsplit("/", 1)[-1]})
    return " ".join(file.rsplit("/", 2)[-2] + "/" + file.rsplit("/", 1)[-1] for file in files) or "its own"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--check")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.check:
        failed = False
        for index in range(len(ROWS)):
            difference, size = check_row(options.check, index)
            print(f"row {index}: largest difference {difference:.2e} at outputs of size {size:.3g}")
            failed |= not difference <= 1e-5
        sys.exit("the outputs differ by more than 1e-5" if failed else 0)
    print(json.dumps({"system": f"PyTorch {torch.__version__}", "blas": loaded_blas(), "threads": options.threads,
                      "rows": time_rows(options.seconds)}))


if __name__ == "__main__":
    main()
