# Samples beside data, of files and of the models that train.sh has made.

works "data" data swiss-roll -n 600 --seed 3 -o spiral.csv
works "its law" data swiss-roll -n 200 --seed 4 -o spiral2.csv
head -n 200 spiral.csv >copied.csv
awk -F, '{ print $1 + 8 "," 1000 * $2 }' spiral2.csv >moved.csv
awk -F, '{ print $1 "," 1000 * $2 }' spiral.csv >unlike.csv
# One law: nothing tells them apart.
works alike compare spiral2.csv spiral.csv --picture both.png
prints "200 samples, 400 rows of data, 200 held out, of 2 values, in standard deviations of each column"
prints "verdict: no measure tells the samples from data held out; they are no nearer to DATA"
grep -q "^direction 500/500" err.txt || note "compare shows no progress: $(cat err.txt)"
is_png both.png
works "held out" compare spiral2.csv spiral.csv -q --data hold_out=100 --json
prints '"samples": 100'
prints '"data": 500'
prints '"told_from_data": false'
prints '"memorised": false'
works "another file" compare copied.csv spiral.csv -q --held-out spiral2.csv
prints "200 samples, 600 rows of data, 200 held out"
prints "distance to the nearest data             0 +- 0"
prints "they are nearer to DATA than data held out is: memorised"
works "a share" compare spiral2.csv spiral.csv -q --hold-out-share 0.25
prints "150 samples (of 200: as many as are held out), 450 rows of data"
# Pictures of another shape, such as channels first, are not compared value by value unless that is asked for.
for shape in 2,4,3 3,2,4 24; do
    npy bytes.$shape.npy "{'descr': '|u1', 'fortran_order': False, 'shape': (8, $shape), }"
    head -c 192 spiral.csv >>bytes.$shape.npy
done
refuses 1 "bytes.3,2,4.npy: samples have shape 3,2,4, those of what they are compared with 2,4,3; --data shape= with the number of" \
    compare bytes.3,2,4.npy bytes.2,4,3.npy
refuses 1 "samples have shape 3,2,4" compare bytes.2,4,3.npy bytes.2,4,3.npy --held-out bytes.3,2,4.npy
refuses 1 "samples have shape 3,2,4" parzen bytes.3,2,4.npy bytes.2,4,3.npy --bandwidth 1
works "rows beside pictures" compare bytes.24.npy bytes.2,4,3.npy -q
works "value by value" compare bytes.3,2,4.npy bytes.2,4,3.npy -q --data shape=24
works "a model of pictures" train bytes.2,4,3.npy -o bytes.safetensors -q --steps 1 --model "mlp width=8 depth=1" \
    --schedule "linear steps=4"
refuses 1 "bytes.3,2,4.npy: samples have shape 3,2,4, those of the model 2,4,3" compare bytes.safetensors bytes.3,2,4.npy
# Another unit is said, of samples and of what is held out.
awk -F, '{ print $1 / 1000 "," $2 }' spiral2.csv >metres.csv
works "samples of another unit" compare metres.csv spiral.csv
remarks "note: metres.csv: column 1: quite another range than that of what it is compared with: of another unit?"
works "held out of another unit" compare spiral2.csv spiral.csv --held-out metres.csv
remarks "note: metres.csv: column 1: quite another range"
works "bytes" data dead-leaves -n 4 --size 8 -o leaves.npy
awk 'BEGIN { for (i = 0; i < 4; i++) for (j = 0; j < 64; j++) printf "%s%s", (i + j) / 66, j < 63 ? "," : "\n" }' >shares.csv
works "shares beside bytes" parzen shares.csv leaves.npy --bandwidth 1
remarks "note: shares.csv: values of 0..1, beside 0..255 of what it is compared with: of another unit?"
works "one unit" compare spiral2.csv spiral.csv
checks=$((checks + 1))
grep -q note: err.txt && note "one unit: $(cat err.txt)"
# Numbers as wide as -600000 leave the label of their axis its place, which nothing else is at.
cat >label.py <<'END'
import struct, sys, zlib
png = open(sys.argv[1], "rb").read()
width, height = struct.unpack(">II", png[16:24])
packed, at = b"", 8
while at < len(png):
    size = struct.unpack(">I", png[at:at + 4])[0]
    packed += png[at + 8:at + 8 + size] if png[at + 4:at + 8] == b"IDAT" else b""
    at += size + 12
rows, above, inked = zlib.decompress(packed), bytes(3 * width), []
for y in range(height):
    kind, row = rows[y * (3 * width + 1)], bytearray(rows[y * (3 * width + 1) + 1:(y + 1) * (3 * width + 1)])
    for i in range(3 * width):
        a, b, c = (row[i - 3], above[i], above[i - 3]) if i > 2 else (0, above[i], 0)
        nearest = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
        row[i] = (row[i] + (0, a, b, (a + b) // 2, nearest)[kind]) & 255
    above = bytes(row)
    inked += [y] if min(row[:3 * 36]) < 128 else []
sys.exit(not (inked and inked[-1] - inked[0] < 60))
END
if command -v python3 >/dev/null; then
    awk -F, '{ print $1 "," 100000 * $2 - 3000000 }' spiral.csv >wide.csv
    works "wide numbers" compare wide.csv wide.csv -q --picture wide.png
    checks=$((checks + 1))
    python3 label.py wide.png || note "the label of the axis of wide numbers is not where it belongs"
fi
# In the unit of each column; moved by 8 in the first, and by nothing else.
works "unlike scales" compare moved.csv unlike.csv -q
prints "told from data by the sliced Wasserstein distance, squared MMD, nearest-neighbour accuracy; they are no"
mv out.txt one.txt
works "threads" compare moved.csv unlike.csv -q --threads 1
same one.txt out.txt "one thread and all of them"
# A model's samples are those of the command sample; images lie beside the nearest of the data.
works sample sample roll.safetensors -n 40 -o p.npy -q --sampler "ancestral steps=10 seed=5"
works file compare p.npy roll.csv -q --data count=300
mv out.txt file.txt
works model compare roll.safetensors roll.csv --samples 40 -q --sampler "ancestral steps=10 seed=5" --data count=300
same file.txt out.txt "a model and its samples"
works images compare digits.safetensors "$data/digits.csv.gz" --data "labels=last shape=8,8,1 first=1400 hold_out=100" \
    --samples 20 -q --sampler "ancestral steps=5" --picture beside.png
prints "20 samples, 297 rows of data, 20 held out (of 100: as many as there are samples), of 64 values, in standard deviations of DATA ("
prints "20 rows are too few to be sure"
is_png beside.png
printf '1,5\n2,5\n3,5\n4,5\n' >flat.csv
works "a constant column" compare flat.csv flat.csv -q
prints "but for 1 column that is constant there"

printf '1\n2\n4\n8\n' >line.csv
printf '7,7\n7,7\n7,7\n7,7\n' >same.csv
printf '1,nan\n2,2\n3,3\n' >nan.csv
printf '1,2\n' >single.csv
printf '1,2\n3,1e300\n' >far.csv
refuses 1 "a sample has 1 values, those to be compared with it have 2" compare line.csv spiral.csv -q
refuses 1 "every value is 7" compare spiral2.csv same.csv -q
refuses 1 "nan.csv" compare nan.csv spiral.csv -q
refuses 1 "single.csv: 1 row of samples, expected at least 2" compare single.csv spiral.csv -q
refuses 1 "1 rows, of which 0 would be held out" compare spiral2.csv single.csv -q
refuses 1 "single.csv: 1 row of data held out, expected at least 2" compare spiral2.csv spiral.csv --held-out single.csv -q
refuses 1 "far.csv: value 1 of row 1 is 1e+300" compare far.csv spiral.csv --held-out spiral2.csv -q
refuses 1 "missing.csv" compare spiral.csv missing.csv
refuses 2 "leave out --held-out" compare spiral2.csv spiral.csv --held-out spiral2.csv --data hold_out=9
refuses 2 "leave out --hold-out-share" compare spiral2.csv spiral.csv --hold-out-share 0.1 --data hold_out=9
refuses 2 "not both" compare spiral2.csv spiral.csv --hold-out-share 0.1 --held-out spiral2.csv
refuses 2 "--hold-out-share 0, expected a number between 0 and 1" compare spiral2.csv spiral.csv --hold-out-share 0
refuses 2 "--hold-out-share 1" compare spiral2.csv spiral.csv --hold-out-share 1
refuses 2 "--hold-out-share nan" compare spiral2.csv spiral.csv --hold-out-share nan
refuses 2 "--samples 1" compare spiral2.csv spiral.csv --samples 1
refuses 2 "is a file of samples" compare spiral2.csv spiral.csv --sampler ancestral
refuses 2 "rows of one value make none" compare line.csv line.csv -q --picture line.png
refuses 2 "argument is missing" compare spiral2.csv
refuses 2 "both.csv" compare spiral2.csv spiral.csv --picture both.csv
