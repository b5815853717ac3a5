"""side_by_side.py OUT.png IN.png...: pictures of 8-bit RGB, as the command draws them, beside one another at half their size."""
import struct
import sys
import zlib

GAP = 8


def chunks(data):
    at = 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        yield kind, data[at + 8:at + 8 + length]
        at += 12 + length


def paeth(left, up, corner):
    estimate = left + up - corner
    far = [abs(estimate - left), abs(estimate - up), abs(estimate - corner)]
    return (left, up, corner)[far.index(min(far))]


def rows_of(path):
    """Width, and the rows as bytes of RGB."""
    parts = list(chunks(open(path, "rb").read()))
    width, height, depth, colour = struct.unpack(">IIBB", parts[0][1][:10])
    if (depth, colour) != (8, 2):
        sys.exit(f"{path}: expected 8 bits of red, green and blue")
    raw = zlib.decompress(b"".join(part for kind, part in parts if kind == b"IDAT"))
    before, rows = bytearray(3 * width), []
    for y in range(height):
        start = y * (3 * width + 1)
        kind, row = raw[start], bytearray(raw[start + 1:start + 1 + 3 * width])
        for i in range(len(row) if kind else 0):
            left, up, corner = row[i - 3] if i > 2 else 0, before[i], before[i - 3] if i > 2 else 0
            row[i] = (row[i] + (0, left, up, (left + up) // 2, paeth(left, up, corner))[kind]) & 255
        rows.append(row)
        before = row
    return width, rows


def halved(width, rows):
    out = []
    for y in range(0, len(rows) - 1, 2):
        row = bytearray()
        for x in range(0, width - 1, 2):
            for c in range(3):
                row.append(sum(rows[y + j][3 * (x + i) + c] for i in (0, 1) for j in (0, 1)) // 4)
        out.append(row)
    return out


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main():
    pictures = [halved(*rows_of(path)) for path in sys.argv[2:]]
    height = max(len(picture) for picture in pictures)
    blank, lines = b"\xff" * 3 * GAP, []
    for y in range(height):
        parts = [bytes(p[y]) if y < len(p) else b"\xff" * len(p[0]) for p in pictures]
        lines.append(b"\0" + blank.join(parts))
    header = struct.pack(">IIBBBBB", len(lines[0]) // 3, height, 8, 2, 0, 0, 0)
    with open(sys.argv[1], "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(lines), 9)) + chunk(b"IEND", b""))


main()
