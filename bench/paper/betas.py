"""Prints a schedule whose steps are spread over the logarithm of the noise-to-signal ratio (1 - alpha_bar) / alpha_bar.

betas.py LOW HIGH T [BUMP AT WIDTH]: the ratio is LOW at t = 1 and HIGH at t = T. Steps are evenly spread over its
logarithm; with a bump their density at the ratio r is 1 + BUMP exp(-((log10 r - AT) / WIDTH)^2 / 2) instead.
"""
import bisect
import math
import sys

CELLS = 20000  # of the integral over the density


def ratios(low, high, steps, bump=0.0, at=0.0, width=1.0):
    first, cell = math.log10(low), math.log10(high / low) / CELLS
    density = [1 + bump * math.exp(-((first + i * cell - at) / width) ** 2 / 2) for i in range(CELLS + 1)]
    below = [0.0]
    for left, right in zip(density, density[1:]):
        below.append(below[-1] + (left + right) / 2)
    for step in range(steps):
        goal = below[-1] * step / (steps - 1)
        i = min(bisect.bisect_right(below, goal), CELLS)
        part = (goal - below[i - 1]) / (below[i] - below[i - 1])
        yield 10 ** (first + (i - 1 + part) * cell)


def betas(*spread):
    before = 1.0
    for ratio in ratios(*spread):
        alpha_bar = 1 / (1 + ratio)
        yield 1 - alpha_bar / before
        before = alpha_bar


low, high, steps, *bump = sys.argv[1:]
print("betas values=" + ",".join(f"{beta:.8g}" for beta in betas(float(low), float(high), int(steps), *map(float, bump))))
