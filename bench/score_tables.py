"""Rows with planted outliers for bench/score.sh, and its table.
    score_tables.py plant MAGIC.csv FOLDER
    score_tables.py print FOLDER MNIST-IMAGES FASHION-IMAGES"""
import gzip
import json
import os
import sys
import zlib

import numpy as np


def open_text(path):
    return gzip.open(path, "rt") if path.endswith(".gz") else open(path)


def save(path, names, rows, labels=None):
    with open(path, "w") as file:
        print(",".join(names + (["label"] if labels is not None else [])), file=file)
        for i, row in enumerate(rows):
            label = "" if labels is None else f",{labels[i]}"
            print(",".join(repr(float(v)) for v in row) + label, file=file)


def plant(magic, folder):
    """Gamma rays to train on; others of them with hadrons, and with 300 rows of which each column is of another row: no
    column alone tells these."""
    with open_text(magic) as file:
        names = file.readline().strip().split(",")[:-1]
        lines = [line.strip().split(",") for line in file]
    values = np.array([[float(v) for v in line[:-1]] for line in lines])
    kinds = np.array([line[-1] for line in lines])
    draw = np.random.default_rng(1)
    gamma, hadrons = (draw.permutation(values[kinds == kind]) for kind in "gh")
    test = gamma[9000:12000]
    mixed = np.stack([draw.permutation(column) for column in test.T], axis=1)[:300]
    save(os.path.join(folder, "gamma.csv"), names, gamma[:9000])
    save(os.path.join(folder, "planted.csv"), names, np.vstack([test, mixed]), [0] * 3000 + [1] * 300)
    save(os.path.join(folder, "hadrons.csv"), names, np.vstack([test, hadrons[:3000]]), [0] * 3000 + [1] * 3000)


def images_of(path, count):
    with gzip.open(path) as file:
        data = file.read()
    return np.frombuffer(data, np.uint8, offset=16).reshape(-1, 28, 28)[:count]


def png_bits(image):
    """The least that deflate makes of PNG's filters none, sub and up, each for all rows."""
    wide = image.astype(np.int16)
    left = np.diff(wide, axis=1, prepend=0) & 255
    above = np.diff(wide, axis=0, prepend=0) & 255
    return 8 * min(len(zlib.compress(f.astype(np.uint8).tobytes(), 9)) for f in (wide, left, above))


def normal_bits(folder, name):
    """-log2 of the normal density with the mean and the covariance of the data to train on, for each column."""
    train = np.genfromtxt(os.path.join(folder, "gamma.csv"), delimiter=",", skip_header=1)
    rows = np.genfromtxt(os.path.join(folder, name + ".csv"), delimiter=",", skip_header=1)[:, :-1]
    covariance = np.cov(train.T)
    off = rows - train.mean(axis=0)
    nats = 0.5 * (np.einsum("ij,ij->i", off @ np.linalg.inv(covariance), off)
                  + np.linalg.slogdet(2 * np.pi * covariance)[1])
    return nats / np.log(2) / rows.shape[1]


def area_of(rest, anomalies):
    """With the standard error of DeLong et al. (1988)."""
    low, high = np.sort(rest), np.sort(anomalies)

    def share(values, others):
        return (np.searchsorted(others, values, "left") + np.searchsorted(others, values, "right")) / (2 * len(others))

    of_anomalies, of_rest = share(anomalies, low), share(rest, high)
    error = np.sqrt(of_anomalies.var(ddof=1) / len(anomalies) + of_rest.var(ddof=1) / len(rest))
    return of_anomalies.mean(), error


def line(name, rest, anomalies, unit):
    area, error = area_of(rest, anomalies)
    print(f"| {name} | {rest.mean():.3f} {unit} | {anomalies.mean():.3f} {unit} | {area:.5f} ± {error:.5f} |")


def print_table(folder, mnist, fashion):
    print("| scored | data | anomalies | area under the ROC curve |\n|---|---|---|---|")
    titles = {"planted": "table, planted rows", "hadrons": "table, hadrons", "mnist": "model of MNIST: Fashion-MNIST",
              "fashion": "model of Fashion-MNIST: MNIST"}
    for name, title in titles.items():
        table = np.genfromtxt(os.path.join(folder, name + "-scores.csv"), delimiter=",", names=True)
        marked = table["anomaly"] == 1
        with open(os.path.join(folder, name + ".json")) as file:
            told = json.load(file)["auc"]
        assert abs(area_of(table["bits"][~marked], table["bits"][marked])[0] - told) < 1e-6
        bits, unit = table["bits_per_dimension"], "bits/dim"
        line(title, bits[~marked], bits[marked], unit)
        if name in ("planted", "hadrons"):
            normal = normal_bits(folder, name)
            line("one normal law", normal[~marked], normal[marked], unit)
        if name in ("mnist", "fashion"):
            first, second = (mnist, fashion) if name == "mnist" else (fashion, mnist)
            pictures = np.concatenate([images_of(first, (~marked).sum()), images_of(second, marked.sum())])
            png = np.array([png_bits(picture) for picture in pictures]) / 784
            line("PNG's deflate alone", png[~marked], png[marked], unit)
            line("bits less those", (bits - png)[~marked], (bits - png)[marked], unit)


if __name__ == "__main__":
    {"plant": plant, "print": print_table}[sys.argv[1]](*sys.argv[2:])
