#!/bin/sh
# Lossless coding of pictures: the code of `diffusion compress` against the bound K, zstd, PNG and JPEG XL, as a table in
# Markdown for bench/RESULTS.md; every byte must come back.
#   sh bench/compress.sh MODEL PICTURES [COUNT [STEPS...]]
# as in
#   sh bench/compress.sh mnist.safetensors t10k-images-idx3-ubyte.gz 1000 50 100
#   sh bench/compress.sh cifar10.safetensors test_batch.bin 200 50 100
# MODEL was trained with --data scale=grid, and without labels. Needs more than the rest: apt-get install zstd libjxl-tools.
# Environment: DIFFUSION, the program (default: build/release, built first).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
[ $# -ge 2 ] || { sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2; }
model=$1 pictures=$2 count=${3:-1000}
if [ $# -gt 3 ]; then shift 3; else set -- 50; fi
if [ -z "${DIFFUSION:-}" ]; then
    (cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release --target diffusion_tool >/dev/null)
    DIFFUSION=$root/build/release/tool/diffusion
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

row() {
    awk -v name="$1" -v bytes="$2" -v values="$values" 'BEGIN { printf "| %s | %d | %.4f |\n", name, bytes, 8 * bytes / values }'
}

# The pictures that are taken, as bytes, as one tall picture and as an array.
python3 - "$pictures" "$count" "$work" <<'PYTHON'
import gzip, struct, sys, zlib
path, count, work = sys.argv[1], int(sys.argv[2]), sys.argv[3]
data = open(path, "rb").read()
data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
if data[:4] == b"\0\0\x08\x03":
    height, width, channels = *struct.unpack(">II", data[8:16]), 1
    pixels = data[16:16 + count * height * width]
else: # CIFAR-10: a label, then the planes of red, green and blue
    height, width, channels = 32, 32, 3
    planes = [[data[i + 1 + c * 1024:][:1024] for c in range(3)] for i in range(0, count * 3073, 3073)]
    pixels = b"".join(bytes(v for rgb in zip(*picture) for v in rgb) for picture in planes)
count, stride = len(pixels) // (height * width * channels), width * channels
open(work + "/raw", "wb").write(pixels)
open(work + "/all.pnm", "wb").write(b"P%d %d %d 255\n" % (5 if channels == 1 else 6, width, count * height) + pixels)
shape = "(%d, %d, %d, %d)" % (count, height, width, channels)
head = ("{'descr': '|u1', 'fortran_order': False, 'shape': %s}" % shape).ljust(117) + "\n"
open(work + "/pictures.npy", "wb").write(b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head.encode() + pixels)

# Size of a PNG: each line by the filter whose sum of magnitudes is least, then deflate at its best.
def png(lines):
    rows, above = bytearray(), bytes(stride)
    for line in lines:
        left, corner = bytes(channels) + line[:-channels], bytes(channels) + above[:-channels]
        paeth = [min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
                 for a, b, c in zip(left, above, corner)]
        mean = [(a + b) // 2 for a, b in zip(left, above)]
        tries = [bytes((x - p) & 255 for x, p in zip(line, of)) for of in (bytes(stride), left, above, mean, paeth)]
        best = min(range(5), key=lambda i: sum(min(v, 256 - v) for v in tries[i]))
        rows += bytes([best]) + tries[best]
        above = line
    return 57 + len(zlib.compress(bytes(rows), 9))

lines = [pixels[i:i + stride] for i in range(0, len(pixels), stride)]
each = sum(png(lines[i:i + height]) for i in range(0, len(lines), height))
open(work + "/png", "w").write("%d %d %d\n" % (png(lines), each, len(pixels)))
PYTHON
read -r png each values <"$work/png"
echo "| code | bytes | bits per dimension |"
echo "|---|---|---|"
row "the pixels" "$values"
row "PNG, a file for each" "$each"
row "PNG, all in one" "$png"
row "zstd -19" "$(zstd -q -19 -c "$work/raw" | wc -c)"
cjxl --quiet -d 0 -e 9 "$work/all.pnm" "$work/all.jxl" >/dev/null 2>&1
row "JPEG XL, all in one (cjxl -d 0 -e 9)" "$(wc -c <"$work/all.jxl")"
for steps in "$@"; do
    "$DIFFUSION" compress "$model" "$work/pictures.npy" -o "$work/code.diffcode" --force \
        --coder "steps=$steps" -q >"$work/said"
    "$DIFFUSION" decompress "$model" "$work/code.diffcode" -o "$work/back-ubyte" --force -q >/dev/null
    tail -c "$values" "$work/back-ubyte" | cmp - "$work/raw"
    bound=$("$DIFFUSION" bound "$model" "$work/pictures.npy" --bound "chain=$steps" --json -q |
        awk -F'[:,]' '/"bits_per_dimension"/ { code = $2 } /"draw_error_bits"/ { error = $2 } /"dimensions"/ { dim = $2 }
            END { if (error + 0 > 0) printf "%.4f +- %.4f", code, error / dim; else printf "%.4f", code }')
    awk -v name="diffusion compress, $steps steps" -v values="$values" -v bound="$bound" '
        /bytes$/ { bytes = $(NF - 1) } /^-K/ { drawn = $NF } /^what the first/ { initial = $NF }
        END { printf "| %s | %d | %.4f |\n", name, bytes, 8 * bytes / values
              printf "| - of it what the first samples drew with | | %.4f |\n", initial
              printf "| - -K of the trajectories drawn | | %.4f |\n", drawn
              printf "| - -K by diffusion bound | | %s |\n", bound }' "$work/said"
done
