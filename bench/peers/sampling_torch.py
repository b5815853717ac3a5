"""The work of bench/sampling.c in PyTorch: the same networks, DDPM's and DDIM's loops as their users write them, under
inference_mode(), with the tables of the schedule made beforehand; JSON out.

    sampling_torch.py --seconds 2      the best of each row, on one thread, in processor time
"""
import argparse
import json
import math
import time

import torch

from mlp_torch import STEPS, network, time_table
from unet_torch import NETS, UNet

ROWS = [("mlp", n) for n in (1, 64, 4096)] + [("mnist", 64)]
GROUP = {1: 20, 64: 10, 4096: 1}  # steps that are timed together
SOLVERS = ("ancestral", "ddim")


class Perceptron(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = network(2, 64, 3)
        self.times = time_table()

    def forward(self, x, t):
        return self.layers(torch.cat([x, self.times[t]], dim=1))


class Job:
    def __init__(self, net, n):
        torch.manual_seed(1)
        self.net = (Perceptron() if net == "mlp" else UNet(NETS[net])).eval()
        self.shape = (n, 2) if net == "mlp" else (n, NETS[net]["shape"][2], *NETS[net]["shape"][:2])
        beta = torch.cat([torch.zeros(1, dtype=torch.float64), torch.linspace(1e-4, 0.02, STEPS, dtype=torch.float64)])
        bar = torch.cumprod(1 - beta, 0)
        before = torch.cat([torch.ones(1, dtype=torch.float64), bar[:-1]])
        self.tables = [[1 / bar.sqrt(), (1 / bar - 1).sqrt(), before.sqrt() * beta / (1 - bar),
                        (1 - beta).sqrt() * (1 - before) / (1 - bar), (beta * (1 - before) / (1 - bar)).sqrt()],
                       [1 / bar.sqrt(), (1 / bar - 1).sqrt(), before.sqrt(), (1 - before).sqrt()]]
        self.tables = [[table.tolist() for table in tables] for tables in self.tables]
        self.x = torch.randn(self.shape)
        self.t = STEPS

    def predict(self):
        return self.net(self.x, torch.full((self.shape[0],), self.t))

    def begin(self, group):
        if self.t < group:
            self.x, self.t = torch.randn(self.shape), STEPS

    def ancestral(self):
        per_x, per_noise, of_x0, of_x, deviation = (table[self.t] for table in self.tables[0])
        x0 = per_x * self.x - per_noise * self.predict()
        self.x = of_x0 * x0 + of_x * self.x + deviation * torch.randn_like(self.x)
        self.t -= 1

    def ddim(self):
        per_x, per_noise, signal, sigma = (table[self.t] for table in self.tables[1])
        epsilon = self.predict()
        self.x = signal * (per_x * self.x - per_noise * epsilon) + sigma * epsilon
        self.t -= 1


def time_group(work, group, best):
    before = time.process_time()
    for _ in range(group):
        work()
    return min(best, (time.process_time() - before) / group)


def time_rows(seconds):
    """Steps and passes take turns, as in sampling.c."""
    rows = []
    for net, n in ROWS:
        for solver in SOLVERS:
            job = Job(net, n)
            group = GROUP[n] if net == "mlp" else 1
            step, forward, begin = math.inf, math.inf, time.perf_counter()
            getattr(job, solver)()
            while True:
                job.begin(group)
                step = time_group(getattr(job, solver), group, step)
                job.begin(1)
                forward = time_group(job.predict, group, forward)
                if time.perf_counter() - begin > seconds:
                    break
            rows.append({"net": net, "sampler": solver, "n": n, "step": step * 1e6, "forward": forward * 1e6})
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with torch.inference_mode():
        rows = time_rows(options.seconds)
    print(json.dumps({"system": f"PyTorch {torch.__version__}", "rows": rows}))


main()
