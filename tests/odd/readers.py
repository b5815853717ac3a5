"""Readers that share nothing with the tool's: what the files say, as (shape, values) with the first axis counting samples."""
import ast
import csv
import fractions
import io
import math
import re
import struct
import zipfile
import zlib


def unfilter(data, rows, row, step):
    """PNG's filters undone: rows of `row` bytes, whose left neighbour is `step` bytes away."""
    out, above = [], bytes(row)
    for y in range(rows):
        kind, line = data[y * (row + 1)], bytearray(data[y * (row + 1) + 1:(y + 1) * (row + 1)])
        for i in range(row):
            a = line[i - step] if i >= step else 0
            b, c = above[i], above[i - step] if i >= step else 0
            distances = (abs(b - c), abs(a - c), abs(a + b - 2 * c))
            paeth = (a, b, c)[distances.index(min(distances))]
            line[i] = (line[i] + (0, a, b, (a + b) // 2, paeth)[kind]) & 255
        out.append(bytes(line))
        above = out[-1]
    return out, data[rows * (row + 1):]


def samples_of(line, count, depth):
    if depth == 16:
        return [line[2 * i] << 8 | line[2 * i + 1] for i in range(count)]
    return [line[i * depth // 8] >> (8 - depth - i * depth % 8) & ((1 << depth) - 1) for i in range(count)]


def chunks_of(data):
    at = 8
    while at + 8 <= len(data):
        size, name = struct.unpack(">I4s", data[at:at + 8])
        yield name, data[at + 8:at + 8 + size]
        at += 12 + size


def on_white(colour, opacity, top):
    return [math.floor(fractions.Fraction(value * opacity + top * (top - opacity), top) + fractions.Fraction(1, 2))
            for value in colour]


def png(data):
    """Rows of pixels laid on white, the largest value, and whether some pixel is not opaque."""
    parts = {}
    for name, chunk in chunks_of(data):
        parts[name] = parts.get(name, b"") + chunk
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    rest, pixels = zlib.decompressobj().decompress(parts[b"IDAT"]), [[None] * width for _ in range(height)]
    adam7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    for top, left, down, right in adam7 if interlaced else [(0, 0, 1, 1)]:
        ys, xs = range(top, height, down), range(left, width, right)
        if not len(ys) or not len(xs):
            continue
        row = (len(xs) * channels * depth + 7) // 8
        lines, rest = unfilter(rest, len(ys), row, max(1, channels * depth // 8))
        for y, line in zip(ys, lines):
            values = samples_of(line, len(xs) * channels, depth)
            for i, x in enumerate(xs):
                pixels[y][x] = values[i * channels:(i + 1) * channels]
    clear, transparent = parts.get(b"tRNS"), False
    key = struct.unpack(f">{len(clear) // 2}H", clear) if clear and kind in (0, 2) else None
    top = 65535 if depth == 16 else 255
    factor = 1 if kind == 3 or depth >= 8 else 255 // ((1 << depth) - 1)
    for line in pixels:
        for x, pixel in enumerate(line):
            if kind == 3:
                opacity = clear[pixel[0]] if clear is not None and pixel[0] < len(clear) else top
                colour = list(parts[b"PLTE"][3 * pixel[0]:3 * pixel[0] + 3])
            elif kind in (4, 6):
                opacity, colour = pixel[-1], pixel[:-1]
            else:
                opacity = 0 if key is not None and tuple(pixel) == key else top
                colour = [value * factor for value in pixel]
            transparent |= opacity < top
            line[x] = on_white(colour, opacity, top)
    return turned(pixels, orientation(parts.get(b"eXIf", b""))), top, transparent


def orientation(exif):
    """Of an EXIF directory: how a picture was held, 1 if it does not say."""
    if exif[:4] not in (b"II*\0", b"MM\0*"):
        return 1
    order = "<" if exif[:1] == b"I" else ">"
    at = struct.unpack(order + "I", exif[4:8])[0]
    for i in range(struct.unpack(order + "H", exif[at:at + 2])[0]):
        tag, _, _, value = struct.unpack(order + "HHIH", exif[at + 2 + 12 * i:at + 12 + 12 * i])
        if tag == 0x112:
            return value
    return 1


def turned(rows, how):
    if how in (5, 6, 7, 8):
        rows = [list(column) for column in zip(*rows)]  # 5: the transposed
    if how in (2, 3, 6, 7):
        rows = [row[::-1] for row in rows]
    if how in (3, 4, 7, 8):
        rows = rows[::-1]
    return rows


def flat(rows):
    return (1, len(rows), len(rows[0]), len(rows[0][0])), [value for row in rows for pixel in row for value in pixel]


def pnm(data):
    fields, at = [], 2
    while len(fields) < 3:
        found = re.compile(rb"(?:\s|#[^\r\n]*[\r\n])*(\d+)").match(data, at)
        fields.append(int(found[1]))
        at = found.end()
    (width, height, top), channels = fields, 3 if data[1:2] in b"36" else 1
    count = width * height * channels
    if data[1:2] in b"23":
        values = [int(word) for word in re.sub(rb"#[^\r\n]*", b"", data[at:]).split()]
    else:
        values = [value for value in struct.unpack(f">{count}{'H' if top > 255 else 'B'}", data[at + 1:])]
    return (1, height, width, channels), values


def npy(data):
    start = 10 if data[6] == 1 else 12
    length = struct.unpack("<H" if start == 10 else "<I", data[8:start])[0]
    header = ast.literal_eval(re.sub(r"(\d)L", r"\1", data[start:start + length].decode().strip()))
    shape, count, kind = header["shape"], 1, header["descr"]
    for size in shape:
        count *= size
    code = {"f2": "e", "f4": "f", "f8": "d", "b1": "?", "i1": "b", "i2": "h", "i4": "i", "i8": "q",
            "u1": "B", "u2": "H", "u4": "I", "u8": "Q"}[kind[1:]]
    size = struct.calcsize(code)
    values = struct.unpack((">" if kind[0] == ">" else "<") + str(count) + code,
                           data[start + length:start + length + count * size])
    if header["fortran_order"] and len(shape) == 2:
        values = [values[i % shape[1] * shape[0] + i // shape[1]] for i in range(count)]
    return (shape if len(shape) > 1 else shape + (1,)), [float(value) for value in values]


def npz(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return npy(archive.read(archive.namelist()[0]))


def idx(data):
    code = {8: "B", 9: "b", 11: "h", 12: "i", 13: "f", 14: "d"}[data[2]]
    shape = struct.unpack(f">{data[3]}I", data[4:4 + 4 * data[3]])
    values = [value[0] for value in struct.iter_unpack(">" + code, data[4 + 4 * data[3]:])]
    return shape + ((1,) if data[3] in (1, 3) else ()), values


def table(data, separator, header):
    """Names, and rows of fields."""
    text = data.decode("utf-8-sig", "surrogateescape")
    rows = [[field.strip() for field in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if row]
    return (rows[0], rows[1:]) if header else ([str(i + 1) for i in range(len(rows[0]))], rows)
