"""The networks of bench/unet.c in plain PyTorch: diffusers' UNet2DModel (0.26) written as one module with that model's
parameter names, so that our model files fit. JSON out.

    unet_torch.py --folder folder --net cifar --work forward --batch 8 --threads 2 --seconds 2
    unet_torch.py --folder folder --check      compares outputs with those that `bench-unet --write folder` left there
    unet_torch.py --folder folder --export     <net>-<batch>.onnx for unet_onnx.js
"""
import argparse
import json
import math
import struct
import sys
import time
import warnings

import numpy
import torch
from torch import nn
from torch.nn import functional

STEPS = 1000
NETS = {
    "cifar": dict(shape=(32, 32, 3), channels=(128, 256, 256, 256), blocks=2, attention=(16,), groups=32, epsilon=1e-6,
                  flip_sin_to_cos=False, freq_shift=1, downsample_padding=0, batch=8),
    "mnist": dict(shape=(28, 28, 1), channels=(32, 64, 64), blocks=2, attention=(7,), groups=8, epsilon=1e-5,
                  flip_sin_to_cos=True, freq_shift=0, downsample_padding=1, batch=64),
}


# ---- the network ----

class Resnet(nn.Module):
    def __init__(self, net, inputs, outputs):
        super().__init__()
        self.norm1 = nn.GroupNorm(net["groups"], inputs, net["epsilon"])
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.time_emb_proj = nn.Linear(4 * net["channels"][0], outputs)
        self.norm2 = nn.GroupNorm(net["groups"], outputs, net["epsilon"])
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.conv_shortcut = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x, time_features):
        h = self.conv1(functional.silu(self.norm1(x)))
        h = h + self.time_emb_proj(time_features)[:, :, None, None]
        return self.conv_shortcut(x) + self.conv2(functional.silu(self.norm2(h)))


class Attention(nn.Module):
    """One head."""

    def __init__(self, net, channels):
        super().__init__()
        self.group_norm = nn.GroupNorm(net["groups"], channels, net["epsilon"])
        self.to_q, self.to_k, self.to_v = (nn.Linear(channels, channels) for _ in range(3))
        self.to_out = nn.ModuleList([nn.Linear(channels, channels)])

    def forward(self, x):
        n, c, height, width = x.shape
        h = self.group_norm(x.reshape(n, c, height * width)).transpose(1, 2)
        scores = torch.bmm(self.to_q(h) * c ** -0.5, self.to_k(h).transpose(1, 2))
        h = self.to_out[0](torch.bmm(scores.softmax(dim=-1), self.to_v(h)))
        return x + h.transpose(1, 2).reshape(n, c, height, width)


class Resample(nn.Module):
    """The down-sampler, a strided convolution; without a stride the up-sampler, each pixel four times and a
    convolution."""

    def __init__(self, channels, stride, padding):
        super().__init__()
        self.stride, self.padding = stride, padding
        self.conv = nn.Conv2d(channels, channels, 3, stride=stride, padding=padding)

    def forward(self, x):
        if self.stride == 1:
            x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
        elif self.padding == 0:
            x = functional.pad(x, (0, 1, 0, 1))
        return self.conv(x)


class Level(nn.Module):
    """ResNet blocks from `widths`, pairs of input and output channels, with attention behind each where asked."""

    def __init__(self, net, widths, attends):
        super().__init__()
        self.resnets = nn.ModuleList([Resnet(net, inputs, outputs) for inputs, outputs in widths])
        if attends:
            self.attentions = nn.ModuleList([Attention(net, outputs) for _, outputs in widths])
        self.attends = attends

    def block(self, i, x, time_features):
        x = self.resnets[i](x, time_features)
        return self.attentions[i](x) if self.attends else x


class Middle(nn.Module):
    def __init__(self, net, channels):
        super().__init__()
        self.attentions = nn.ModuleList([Attention(net, channels)])
        self.resnets = nn.ModuleList([Resnet(net, channels, channels) for _ in range(2)])

    def forward(self, x, time_features):
        return self.resnets[1](self.attentions[0](self.resnets[0](x, time_features)), time_features)


class TimeEmbedding(nn.Module):
    def __init__(self, net):
        super().__init__()
        features = net["channels"][0]
        exponent = -math.log(10000) * torch.arange(features // 2, dtype=torch.float32)
        frequencies = torch.exp(exponent / (features // 2 - net["freq_shift"]))
        self.register_buffer("frequencies", frequencies, persistent=False)
        self.flip = net["flip_sin_to_cos"]
        self.linear_1 = nn.Linear(features, 4 * features)
        self.linear_2 = nn.Linear(4 * features, 4 * features)

    def forward(self, t):
        """t counts from 0."""
        angle = t[:, None].float() * self.frequencies
        halves = [angle.cos(), angle.sin()] if self.flip else [angle.sin(), angle.cos()]
        return self.linear_2(functional.silu(self.linear_1(torch.cat(halves, dim=-1))))


class UNet(nn.Module):
    def __init__(self, net):
        super().__init__()
        channels, blocks, (height, _, colours) = net["channels"], net["blocks"], net["shape"]
        levels = range(len(channels))
        self.time_embedding = TimeEmbedding(net)
        self.conv_in = nn.Conv2d(colours, channels[0], 3, padding=1)
        self.down_blocks, self.up_blocks = nn.ModuleList(), nn.ModuleList()
        h, skips = channels[0], [channels[0]]
        for level in levels:
            widths = [(h if i == 0 else channels[level], channels[level]) for i in range(blocks)]
            part = Level(net, widths, height >> level in net["attention"])
            h = channels[level]
            skips += [h] * blocks
            if level != levels[-1]:
                part.downsamplers = nn.ModuleList([Resample(h, 2, net["downsample_padding"])])
                skips.append(h)
            self.down_blocks.append(part)
        self.mid_block = Middle(net, h)
        for level in reversed(levels):
            widths = []
            for _ in range(blocks + 1):
                widths.append((h + skips.pop(), channels[level]))
                h = channels[level]
            part = Level(net, widths, height >> level in net["attention"])
            if level != 0:
                part.upsamplers = nn.ModuleList([Resample(h, 1, 1)])
            self.up_blocks.append(part)
        self.conv_norm_out = nn.GroupNorm(net["groups"], h, net["epsilon"])
        self.conv_out = nn.Conv2d(h, colours, 3, padding=1)

    def forward(self, x, t):
        features = functional.silu(self.time_embedding(t))
        h = self.conv_in(x)
        skips = [h]
        for level in self.down_blocks:
            for i in range(len(level.resnets)):
                h = level.block(i, h, features)
                skips.append(h)
            if hasattr(level, "downsamplers"):
                h = level.downsamplers[0](h)
                skips.append(h)
        h = self.mid_block(h, features)
        for level in self.up_blocks:
            for i in range(len(level.resnets)):
                h = level.block(i, torch.cat([h, skips.pop()], dim=1), features)
            if hasattr(level, "upsamplers"):
                h = level.upsamplers[0](h)
        return self.conv_out(functional.silu(self.conv_norm_out(h)))


# ---- our files ----

def load(net, path):
    """Our safetensors file into the module, tensor by tensor, so that nothing stands in memory twice. Every name and
    shape must fit."""
    state = net.state_dict()
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
        header.pop("__metadata__", None)
        if header.keys() != state.keys():
            sys.exit(f"{path}: other parameters than PyTorch's network: {sorted(header.keys() ^ state.keys())}")
        for name, entry in header.items():
            if list(state[name].shape) != entry["shape"]:
                sys.exit(f"{path}: {name} is {entry['shape']}, PyTorch's network has {list(state[name].shape)}")
            file.seek(8 + size + entry["data_offsets"][0])
            state[name].copy_(torch.from_numpy(numpy.fromfile(file, numpy.float32, state[name].numel()))
                              .view(state[name].shape))


def open_net(folder, name):
    net = UNet(NETS[name])
    load(net, f"{folder}/{name}.safetensors")
    return net


def read_case(folder, name):
    """x, our output and that with exact=yes, [n, channels, height, width], and t counted from 0."""
    (height, width, colours), batch = NETS[name]["shape"], NETS[name]["batch"]
    values = torch.from_numpy(numpy.fromfile(f"{folder}/case-{name}.f32", numpy.float32))
    size = batch * height * width * colours
    x, t, *outs = values.split([size, batch, size, size])
    images = [image.view(batch, height, width, colours).permute(0, 3, 1, 2).contiguous() for image in (x, *outs)]
    return images[0], t.long() - 1, images[1], images[2]


def check(folder):
    for name in NETS:
        x, t, expected, exact = read_case(folder, name)
        net = open_net(folder, name)
        with torch.no_grad():
            single = net(x, t)
            double = net.double()(x.double(), t)
        relative = ((single - expected).abs().max() / expected.abs().max()).item()
        errors = [((out.double() - double).abs().max() / double.abs().max()).item() for out in (expected, exact, single)]
        print(f"{name}, PyTorch {torch.__version__}: {sum(p.numel() for p in net.parameters())} parameters, "
              f"largest difference {relative:.1e} of the largest output {expected.abs().max().item():.3g}; "
              "against double precision ours is off by {:.1e}, ours with exact=yes by {:.1e}, PyTorch by {:.1e}"
              .format(*errors))
        if not relative <= 1e-3:
            sys.exit("the outputs differ by more than 1e-3")


def export(folder):
    """A file for each batch size: with sizes known, ONNX Runtime folds all that depends on them."""
    for name in NETS:
        x, t, *_ = read_case(folder, name)
        net = open_net(folder, name).eval()
        for batch in (1, len(x)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what is not folded here: ONNX Runtime folds it
                torch.onnx.export(net, (x[:batch], t[:batch]), f"{folder}/{name}-{batch}.onnx",
                                  opset_version=17, input_names=["x", "t"], output_names=["out"])


# ---- the work ----

class Training:
    """The training step, as its users write it."""

    def __init__(self, net, x0, foreach):
        self.net, self.x0 = net, x0
        self.optimizer = torch.optim.Adam(net.parameters(), lr=1e-4, foreach=foreach)
        alpha_bar = torch.cumprod(1 - torch.linspace(1e-4, 0.02, STEPS, dtype=torch.float64), 0)
        self.signal = alpha_bar.sqrt().float()[:, None, None, None]
        self.noise = (1 - alpha_bar).sqrt().float()[:, None, None, None]

    def __call__(self):
        t = torch.randint(0, STEPS, (self.x0.shape[0],))
        epsilon = torch.randn_like(self.x0)
        out = self.net(self.signal[t] * self.x0 + self.noise[t] * epsilon, t)
        loss = functional.mse_loss(out, epsilon)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()


def best_seconds(work, seconds):
    """As clock_best() of bench/clock.h."""
    work()
    begin, group, best = time.perf_counter(), 1, math.inf
    while True:
        before = time.perf_counter()
        for _ in range(group):
            work()
        one = (time.perf_counter() - before) / group
        best = min(best, one)
        group = max(1, int(seconds / 20 / one))
        if time.perf_counter() - begin >= seconds:
            return best


def peak_memory():
    with open("/proc/self/status") as status:
        return next(float(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))


def time_work(options):
    """The better of Adam's two implementations counts, and the memory of the thriftier, which comes first. (Memory
    format channels_last made neither pass faster.)"""
    best, memory = math.inf, math.inf
    x, t, *_ = read_case(options.folder, options.net)
    x, t = x[:options.batch], t[:options.batch]
    net = open_net(options.folder, options.net)
    training = options.work == "training"
    for foreach in (False, True) if training else (None,):
        work = Training(net, x, foreach) if training else lambda: net(x, t)
        with torch.set_grad_enabled(training):
            for _ in range(3):  # only then do gradients and moments stand where they stay
                work()
            best = min(best, best_seconds(work, options.seconds / (2 if training else 1)))
        memory = min(memory, peak_memory())
        del work
    return {"milliseconds": round(best * 1e3, 3), "megabytes": round(memory, 1)}


def loaded_blas():
    """The file that this process multiplies with."""
    with open("/proc/self/maps") as maps:
        files = sorted({line.split()[-1] for line in maps if "blas" in line.rsplit("/", 1)[-1]})
    return " ".join(file.rsplit("/", 1)[-1] for file in files) or "its own"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--export", action="store_true")
    parser.add_argument("--net", choices=NETS)
    parser.add_argument("--work", choices=("forward", "training"), default="forward")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.check:
        check(options.folder)
    if options.export:
        export(options.folder)
    if options.net:
        print(json.dumps({"system": f"PyTorch {torch.__version__}", "blas": f"oneDNN, {loaded_blas()}",
                          "net": options.net, "work": options.work, "batch": options.batch,
                          "threads": options.threads, **time_work(options)}))


if __name__ == "__main__":
    main()
