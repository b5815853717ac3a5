# Readers: sound files of every kind, and every way that one can be unsound.

# Toy data: the same seed gives the same bytes, every format the same numbers.
works roll data swiss-roll -n 200 -o roll.csv --seed 3
works roll data swiss-roll -n 200 -o again.csv --seed 3
works roll data swiss-roll -n 200 -o roll.npy --seed 3
works roll data swiss-roll -n 200 -o roll.csv.gz --seed 3
works roll data swiss-roll -n 100 -o fewer.csv --seed 3
works roll data swiss-roll -n 200 -o other.csv --seed 4
works picture data swiss-roll -n 200 -o roll.png
is_png roll.png
same roll.csv again.csv "one seed"
cmp -s roll.csv other.csv && note "two seeds gave the same data"
gzip -dc roll.csv.gz >unpacked.csv
same roll.csv unpacked.csv "compressed"
head -100 roll.csv >head.csv
same head.csv fewer.csv "sample i depends on the seed and i alone"
works csv info roll.csv
mv out.txt csv.txt
works npy info roll.npy
for text in csv.txt out.txt; do # 9 digits of a float32 are not its value in double
    awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^-?[0-9.]+$/) $i = sprintf("%.6g", $i); print }' $text >$text.6
done
same csv.txt.6 out.txt.6 "one set of numbers as CSV and as .npy"
works beats data heartbeat -n 50 -o beats.csv
checks=$((checks + 1))
# Every beat is a 1 in every fifth bin: 4 ones of 20, 5 apart.
awk -F, '{ s = 0; for (i = 1; i <= 20; i++) { s += $i; if (i > 5 && $i != $(i - 5)) bad = 1 } if (s != 4) bad = 1 } END { exit bad }' \
    beats.csv || note "a heartbeat does not beat every fifth bin"
works beats data heartbeat -n 20 -o beats.png
is_png beats.png

# Dead leaves: two pixels 2 apart are equal with the chance that one leaf of those that hide either hides both, the mean area
# of a disc's overlap with itself 2 away over that of the union, and else independent; so is their correlation.
works leaves data dead-leaves -n 3000 --size 16 --radius 1,16 -o leaves.npy
works leaves info leaves.npy
prints "shape          16,16,1"
prints "whole numbers, 0..255"
checks=$((checks + 1))
tail -c 768000 leaves.npy | od -An -v -tu1 -w16 | awk '
    { for (j = 1; j <= 14; j++) { a = $j - 127.5; b = $(j + 2) - 127.5; s += a * b; v += (a * a + b * b) / 2 } }
    END {
        d = 2; steps = 20000
        for (k = 0; k < steps; k++) { # r^-3 dr = r^-2 dlog r
            r = exp(log(16) * (k + 0.5) / steps); w = 1 / (r * r); c = d / (2 * r)
            whole += w * 3.14159265 * r * r
            if (c < 1) overlap += w * (2 * r * r * atan2(sqrt(1 - c * c), c) - d / 2 * sqrt(4 * r * r - d * d))
        }
        truth = overlap / (2 * whole - overlap)
        printf "correlation %.4f, truth %.4f\n", s / v, truth
        exit !((s / v - truth) ^ 2 < 0.02 ^ 2)
    }' >correlation.txt || note "leaves: $(cat correlation.txt)"
works leaves data dead-leaves -n 10 --size 16 --radius 1,16 -o few.npy
works "first leaves" info leaves.npy --data count=10
mv out.txt first.txt
works "few leaves" info few.npy
same first.txt out.txt "picture i depends on the seed and i alone"
works "leaves to a folder" data dead-leaves -n 10 --size 16 --radius 1,16 -o leaves
works "leaves in a folder" info leaves
same first.txt out.txt "pictures as .npy and in a folder"

# Of an animation the first picture is taken (here the others, fdAT, are empty), and that is said.
{ head -c -12 leaves/00000.png && printf '\0\0\0\0fdAT\365\263\377\226' && tail -c 12 leaves/00000.png; } >moving.png
works "an animation" info moving.png
remarks "moving.png: the first picture of an animation is taken, in 1 of 1 images"

# Folders that are numbers have others as classes.
mkdir -p kinds/1 kinds/10 kinds/2
cp leaves/0000[0-2].png kinds/1
cp leaves/0000[3-5].png kinds/10
cp leaves/0000[6-9].png kinds/2
works "classes of numbers" info kinds
prints "1            3 samples  10"
remarks "in the order of the folders' names, so that 0 is that of the folder 1"
works "a model of them" train kinds -o kinds.safetensors -q --steps 1 --model "mlp width=8 depth=1 classes=3" \
    --schedule "linear steps=4"
works "samples of a class" sample kinds.safetensors -n 2 --labels 1,2 -o kinds.csv
remarks "--labels: 1 is the class of the folder 10"

# What was always trained with its labels has learned nothing without.
works "samples without labels" sample kinds.safetensors -n 2 --labels none -o none.csv
remarks "--labels none: the model was only trained with labels (condition_dropout=0)"
works "guidance" sample kinds.safetensors -n 2 -o none.csv --sampler "ancestral guidance_scale=3"
remarks "guidance_scale=3: the model was only trained with labels"
works "known without labels" inpaint kinds.safetensors leaves -n 2 -o none.csv --data labels=none --sampler ancestral
remarks "leaves: the model was only trained with labels"
works "noise of them" encode kinds.safetensors leaves -n 2 -o none.csv --labels none
checks=$((checks + 1))
[ "$(grep -c "only trained with labels" err.txt)" -eq 1 ] || note "said twice, or not at all: $(cat err.txt)"
works "noise without their labels" encode kinds.safetensors kinds -n 2 -o none.csv --labels none
remarks "--labels none: the model was only trained with labels"
works "a model of some without" train kinds -o free.safetensors -q --steps 1 --model "mlp width=8 depth=1 classes=3" \
    --schedule "linear steps=4" --train "condition_dropout=0.1"
works "its guidance" sample free.safetensors -n 2 --labels 0 -o none.csv --sampler "ancestral guidance_scale=3"
checks=$((checks + 1))
grep -q "only trained with labels" err.txt && note "guidance: $(cat err.txt)"

works "a picture that is no mask" inpaint kinds.safetensors kinds -n 1 -o none.csv --mask leaves/00000.png
remarks "pixels are neither black nor white; those of half the brightness and more are taken for white"

# No picture is written where it would be data in the next run.
for command in "inpaint kinds.safetensors leaves -o leaves/x.png" "denoise kinds.safetensors kinds --noise 1 -o kinds/x.png" \
    "bound kinds.safetensors kinds --plot kinds/1/../2/x.png" "train leaves -o x.safetensors --steps 1 --plot leaves/x.png" \
    "sample kinds.safetensors leaves -n 1 -o leaves/x.png"; do
    refuses 2 "which is read, expected another place for it" $command
done
refuses 1 "nowhere.png: cannot open" sample kinds.safetensors nowhere.png -n 1 -o x.png # before the samples are drawn
works "data of a pipe, shown twice" sample kinds.safetensors - -n 1 -o two.png --trajectory way.png -q <leaves/00000.png
mkdir leaves/beside
works "where none is read" inpaint kinds.safetensors leaves -n 2 -o leaves/beside/x.png -q
works "leaves as a picture" data dead-leaves -n 4 --size 8 -o leaves.png
is_png leaves.png
refuses 1 "the folder is not empty" data dead-leaves -n 10 -o leaves
refuses 2 "--radius 2,1" data dead-leaves --radius 2,1 -o x.npy
refuses 2 "--radius 0.1,3" data dead-leaves --radius 0.1,3 -o x.npy
refuses 2 "--size 5000" data dead-leaves --size 5000 -o x.npy
refuses 2 "those of dead-leaves" data heartbeat --size 5 -o x.npy
refuses 2 "or a folder" data dead-leaves -o x.csv

# CSV. Mean and variance by hand: 1,2,3,4 have mean 2.5 and variance 1.25.
printf '1,2\n3,4\n' >plain.csv
works csv info plain.csv
prints "mean           2.5"
prints "variance       1.25"
prints "whole numbers, 1..4"
printf '\357\273\277a,b\r\n1,2\r\n\r\n3,4' >header.csv
works header info header.csv
prints "samples        2"
prints "mean           2.5"
printf 'x,y,label\n1,2,0\n3,4,1\n' >label.csv
works "label by header" info label.csv
prints "labels         0..1"
works "labels last" info plain.csv --data labels=last
prints "mean           2"
works "labels first" info plain.csv --data labels=first
prints "mean           3"
printf '7\n9\n' >labels.csv
works "labels of a file" info plain.csv --data "labels=labels.csv"
prints "labels         0..9"
works shape info plain.csv --data shape=1,2,1
prints "shape          1,2,1"
works count info roll.csv --data "first=10 count=20"
prints "samples        20"
works hold_out info roll.csv --data hold_out=50
prints "samples        150"
printf '1,2\n3\n' >ragged.csv
refuses 1 "ragged.csv: line 2 has 1 columns, the lines before it have 2" info ragged.csv
printf '1,2\n3,four\n' >word.csv
refuses 1 "word.csv: line 2, column 2: 'four' is not a finite number" info word.csv
for bad in nan inf -inf 0x10 1e999 '' 1.5.2 '1 2'; do
    printf '1,2\n3,%s\n' "$bad" >bad.csv
    refuses 1 "bad.csv: line 2, column 2: '$bad' is not a finite number" info bad.csv
done
printf 'nan,nan\n1,2\n' >nanheader.csv
refuses 1 "line 1, column 1" info nanheader.csv
printf '1e400\n2\n3\n' >beyond.csv
refuses 1 "line 1, column 1: '1e400' is not a finite number" info beyond.csv
printf '1,2\n\0003,4\n' >zero.csv
refuses 1 "zero.csv: line 2" info zero.csv
printf '' >empty.csv
refuses 1 "holds no numbers" info empty.csv
printf 'a,b\n' >onlyheader.csv
refuses 1 "holds no numbers" info onlyheader.csv
printf '1,2\n3,-1\n' >negative.csv
refuses 1 "the label of sample 1 (from 0) is -1" info negative.csv --data labels=last
refuses 1 "one label for each of the 200 samples" info roll.csv --data labels=labels.csv
refuses 1 "a sample has 2 values, but its shape is to have 3" info roll.csv --data shape=3
refuses 1 "leaves none" info roll.csv --data first=200
refuses 1 "fewer than" info roll.csv --data "first=150 count=51"
refuses 1 "leaves none" info roll.csv --data hold_out=200
refuses 2 "unknown key 'shap', did you mean 'shape'?" info roll.csv --data shap=2
refuses 2 "not of the form key=value" info roll.csv --data shape
refuses 2 "shape=2,0" info roll.csv --data shape=2,0
refuses 2 "dequantize=maybe" info roll.csv --data dequantize=maybe
refuses 2 "count=0" info roll.csv --data count=0
refuses 2 "--data: key 'hold_out' is given twice" info roll.csv --data "hold_out=50 count=100 hold_out=20"
refuses 2 "labels=, expected none" info roll.csv --data labels=
refuses 1 "missing.csv: cannot open" info missing.csv
printf 'hello\001' >hello.dat
refuses 1 "unknown kind of data" info hello.dat

# Which line names the columns: whole fields count, and a line of values that are missing is no header.
for names in 'inf,nanometers' '2nd,3rd' 'NA,x' '"x, y","2 ""z"""' 'nan_count,info'; do
    printf '%s\n1,2\n3,4.5\n' "$names" >names.csv
    works "names $names" info names.csv
    prints "samples        2"
done
printf ',\n1,2\n' >missing.row.csv
refuses 1 "line 1, column 1" info missing.row.csv
printf 'x,2019\n1,2\n' >year.csv
refuses 1 "say --data header=yes" info year.csv
works "a year as a name" info year.csv --data header=yes
prints "samples        1"
printf 'x,"2019"\n1,2\n3,4\n' >year.csv
works "a year in quotes" info year.csv
remarks "line 1 has its numbers in quotes, and is taken for the names of the columns"
prints "samples        2"
prints "whole  2019"
for first in '"1,234","5,678"' '"1 234","5 678"' "1'234,5'678" '5%,6%'; do
    printf '%s\n12,13\n' "$first" >like.csv
    refuses 1 "like.csv: line 1, column 1" info like.csv
done
printf 'mean,50%%,90%%\n1,2,3\n4,5,6\n' >like.csv
works "quantiles beside a name" info like.csv
prints "samples        2"
prints "whole  50%"
printf '"2018","2019"\n"1","2"\n' >year.csv
works "all in quotes" info year.csv
prints "samples        2"
printf 'x,2019\n1,2\n' >year.csv
printf '0,1\n0.5,0.25\n' >numbered.csv
works "numbers of columns" info numbered.csv --data header=yes
prints "samples        1"
works "numbers as a sample" info numbered.csv
prints "samples        2"
grep -q "header=yes" err.txt || note "a line 0,1 was taken for a sample without a word"
printf '0,1,2\n7,5,3\n4,4,4\n' >numbered.csv
works "whole numbers below those of columns" info numbered.csv
remarks "line 1 is taken for a sample; if it numbers the columns, say --data header=yes"
printf '0,1,2\n3,4,5\n6,7,8\n' >numbered.csv
works "rows that go on counting" info numbered.csv
checks=$((checks + 1))
grep -q "header=yes" err.txt && note "rows that go on counting: $(cat err.txt)"
printf 'x|y\n1|2\n' >pipes.csv
refuses 1 "commas, semicolons or tabs between them" info pipes.csv
refuses 1 "line 1, column 1: 'x'" info year.csv --data header=no
printf ',0,1\n0,0.5,0.25\n1,0.75,1.5\n' >index.csv
works "an index" info index.csv
prints "shape          2"
grep -q "index of rows, left out" err.txt || note "an index was left out without a word"
printf 'a,b\n0,0.5,0.25\n' >short.csv
refuses 1 "line 2 has 3 columns, the header names 2" info short.csv
printf 'caf\351,a\001b\n1.5,2.5\n2.5,3.5\n' >latin.csv
works "names that are no text" train latin.csv -o latin.safetensors --steps 1 --model "mlp width=8 depth=2"
grep -q "not UTF-8" err.txt || note "names were dropped without a word"
printf 'x,target\n2.5,1.7\n' >target.csv
refuses 1 "labels=none keeps it" info target.csv
printf '7\n9\n' >"my labels.csv"
works "labels of a file with a blank" info plain.csv --data "labels=my labels.csv first=1"
prints "labels         0..9"
for separator in ';' '\t' ' ' '  '; do
    printf "1${separator}2\n3${separator}4\n" >separated.txt
    works "separator '$separator'" info separated.txt
    prints "mean           2.5"
done
printf 'a\tb c\n1\t2\n3\t4\n' >TABS.TSV
works tabs info TABS.TSV
prints "mean           2.5"
printf '"1","2"\n"3"," 4"\n' >quoted.CSV
works "quoted numbers" info quoted.CSV
prints "mean           2.5"
printf '1,"2\n3,4\n' >open.csv
refuses 1 "line 1: a quote is not closed" info open.csv
printf '\377\3761\000\n\000' >utf16.csv
refuses 1 "UTF-16" info utf16.csv

# Columns far from 0 keep their variance; columns of unlike scales their own.
for i in $(seq 0 99); do echo "$((1700000000 + i % 10)),$((i / 10))e-6"; done >far.csv
works "far from 0" info far.csv
prints "1.7e+09        2.87228"
prints "4.5e-06    2.87228e-06"
works "trained far from 0" train far.csv -o far.safetensors --steps 50 --model "mlp width=8 depth=2"
grep -q "column 2: a few values" err.txt || note "a column of few values passed without a word: $(cat err.txt)"
works "its scales" info far.safetensors
prints "data.shift                   1700000005,4.5"
prints "data.minimum                 1700000000,0"
printf 'year,share\n' >named.csv
cat far.csv >>named.csv
works "trained with names" train named.csv -o named.safetensors -q --steps 50 --model "mlp width=8 depth=2"
works "samples with names" sample named.safetensors -n 20 -q -o drawn.csv
checks=$((checks + 1))
awk -F, 'NR == 1 { bad = $0 != "year,share"; next } $1 !~ /^170000000[0-9]$/ { bad = 1 } END { exit bad || NR != 21 }' drawn.csv ||
    note "samples are not whole numbers under the header: $(cat drawn.csv)"
works "samples are read again" parzen drawn.csv named.csv --bandwidth 1
works "samples in double" sample named.safetensors -n 20 -q -o drawn.npy
works "and read" info drawn.npy
prints "1.7000000"
works "columns inpainted" inpaint named.safetensors named.csv -n 20 -q -o known.csv --mask random:0 --sampler "ancestral steps=4"
head -21 named.csv | sed 's/,0e-6/,0/; s/,1e-6/,1e-06/' >known.txt
same known.csv known.txt "known values far from 0"
works "columns denoised" denoise named.safetensors named.csv -n 5 -q --noise 0.1 -o de.csv --sampler "ancestral steps=4"
prints "in variances of the columns"
refuses 1 "float32 cannot tell apart" train far.csv -o x.safetensors -q --data scale=none
refuses 1 "float32 cannot tell apart" train far.csv -o x.safetensors -q --data scale=unit
printf '1.5,1,2\n1.5,2,2\n1.5,3,2\n' >constants.csv
works "constant columns" train constants.csv -o constants.safetensors --steps 5 --model "mlp width=8 depth=2"
grep -q "columns 1, 3: constant" err.txt || note "constant columns passed without a word"
works "and sampled" sample constants.safetensors -n 5 -q -o constants.drawn.csv
seq 50 | sed 's/.*/0.1,0.7/' >same.csv # whose mean is rounded
works "one row over and over" train same.csv -o same.safetensors --steps 1 --model "mlp width=2 depth=1" -q
works "its scale" info same.safetensors
prints "data.scale                   1,1"

# Far from 0 float32 has steps of 128: pictures show points between them.
{ echo 't,x'; for i in $(seq 200); do echo "$((1700000000 + i * 37 % 601)),$((i % 11))"; done; } >seconds.csv
works "seconds" train seconds.csv -o seconds.safetensors -q --steps 300 --model "mlp width=32 depth=2 predict=v" --preview 300 \
    --preview-file preview.png
works "seconds sampled" sample seconds.safetensors -n 400 -q -o points.png --sampler "ancestral steps=50"
for picture in preview points; do
    checks=$((checks + 1))
    python3 - "$parts/../odd" $picture.png <<'END' || note "$picture.png: points of seconds stand in few columns"
import sys
sys.path.insert(0, sys.argv[1])
import readers
rows = readers.png(open(sys.argv[2], "rb").read())[0]
blue = {x for row in rows[100:-150] for x, (r, g, b) in enumerate(row) if b > r + 60}
raise SystemExit(len(blue) < 150)
END
done

# Numbers that have no fraction because they are large, or far apart, are real ones: float32 has no noise for them.
{ echo 'time_ms,mass'; for i in $(seq 60); do echo "$((1700000000000 + i * i * 7919)),$i$((i * 7 % 10)).5e28"; done; } >wide.csv
works "whole numbers far apart" train wide.csv -o wide.safetensors --steps 1 --model "mlp width=2 depth=1"
remarks "columns 1 (time_ms), 2 (mass): whole numbers over a range so wide that float32 cannot tell neighbours apart"
works "their scale" info wide.safetensors
prints "data.dequantize              0,0"
refuses 1 "cannot tell apart in this scale; --data dequantize=no takes them for real numbers" \
    train wide.csv -o x.safetensors -q --data dequantize=yes
python3 -c 'for i in range(40): print(f"{i * i % 7 - 3}.5e-150,{i % 5}.5")' >small.csv
works "numbers below float32" train small.csv -o small.safetensors --steps 1 --model "mlp width=2 depth=1" -q
works "and sampled" sample small.safetensors -n 20 -q -o small.npy --sampler "ancestral steps=4"
checks=$((checks + 1))
python3 -c 'import struct; b = open("small.npy", "rb").read(); v = struct.unpack("<40d", b[-320:])
raise SystemExit(not (b"<f8" in b and all(0 < abs(x) < 1e-100 for x in v[::2])))' || note "samples below float32 became 0"
sed 's/e-150/e-250/' small.csv >smaller.csv
refuses 1 "differ by too little for a variance in double" train smaller.csv -o x.safetensors -q

# A table of one column is a table.
{ echo 'h'; for i in $(seq 300); do echo "0.$i"; done; echo 1e6; } >heavy.csv
works "one column far from its mean" train heavy.csv -o heavy.safetensors --steps 1 --model "mlp width=2 depth=1"
remarks "column 1 (h): heavy-tailed"
{ echo 'label'; for i in $(seq 60); do echo "$((i % 3)).5"; done; } >single.csv
works "one column of few values, called label" train single.csv -o single.safetensors --steps 1 --model "mlp width=2 depth=1"
remarks "column 1 (label): a few values over and over"
seq 60 | awk '{ print $1 % 2 }' >bit.csv
works "one bit" train bit.csv -o bit.safetensors --steps 1 --schedule "constant_rate steps=4 kernel=binomial rate=0.2"
grep -q note: err.txt && note "one bit: $(cat err.txt)"

# gzip
head -c 60 roll.csv.gz >cut.csv.gz
refuses 1 "cut.csv.gz: damaged gzip file" info cut.csv.gz
(head -c 60 roll.csv.gz && printf 'XXXXXXXXXXXX' && tail -c +73 roll.csv.gz) >wrong.csv.gz
refuses 1 "wrong.csv.gz: damaged gzip file" info wrong.csv.gz
printf '1,2\n' | gzip -n >first.gz
printf '3,4\n' | gzip -n >second.gz
{ cat first.gz second.gz && head -c 512 /dev/zero; } >both.csv.gz
works "two members and zeros" info both.csv.gz
prints "samples        2"
{ cat first.gz && printf X && tail -c +2 second.gz; } >spoilt.csv.gz
refuses 1 "spoilt.csv.gz: damaged gzip file (what stands behind the first $(($(wc -c <first.gz))) bytes is no gzip)" info spoilt.csv.gz
{ cat first.gz && head -c 1 second.gz; } >one.csv.gz
refuses 1 "one.csv.gz: damaged gzip file" info one.csv.gz

# .npy
npy() { # npy FILE DICTIONARY: version 1 with that header and nothing behind it
    length=$(printf '%s\n' "$2" | wc -c)
    { printf '\223NUMPY\001\000'; printf "\\$(printf %03o "$length")\000"; printf '%s\n' "$2"; } >"$1"
}
npy bytes.npy "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }"
printf '\001\002\003\004' >>bytes.npy
works "npy of bytes" info bytes.npy
prints "mean           2.5"
prints "whole numbers, 0..255"
npy int.npy "{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }"
printf '\001\000\000\000\377\377\377\377' >>int.npy
works "npy of int32" info int.npy
prints "whole numbers, -1..1"
npy double.npy "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1), }"
printf '\000\000\000\000\000\000\370\077' >>double.npy
works "npy of float64" info double.npy
prints "mean           1.5"
npy image.npy "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 2, 2), }"
printf '\001\002\003\004' >>image.npy
works "npy of images" info image.npy
prints "shape          1,2,2"
npy nan.npy "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }"
printf '\000\000\000\000\000\000\300\177' >>nan.npy
refuses 1 "nan.npy: value 1 of sample 0 (from 0) is not a finite number" info nan.npy
head -c 700 roll.npy >cut.npy
refuses 1 "cut.npy: holds" info cut.npy
head -c 20 roll.npy >cuthead.npy
refuses 1 "cut off within its header" info cuthead.npy
(cat roll.npy && printf 'x') >long.npy
refuses 1 "long.npy: holds" info long.npy
npy big.npy "{'descr': '>i2', 'fortran_order': False, 'shape': (1,), }"
printf '\377\376' >>big.npy
works "npy of big-endian int16" info big.npy
prints "mean           -2"
npy half.npy "{'descr': '<f2', 'fortran_order': False, 'shape': (3L,), }"
printf '\000\076\001\000\000\274' >>half.npy # 1.5, 2^-24, -1
works "npy of float16 by Python 2" info half.npy
prints "values         real numbers, -1..1.5"
npy fortran.npy "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }"
printf '\001\004\002\005\003\006' >>fortran.npy
works "npy in Fortran order" info fortran.npy --data first=1
prints "values         whole numbers, 0..255"
prints "mean           5"
npy twice.npy "{'shape': (4, 1), 'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }"
printf '\001\002\003\004' >>twice.npy
refuses 1 "damaged .npy header, 'shape' is there twice" info twice.npy
for channels in 1 3; do
    npy first.npy "{'descr': '|u1', 'fortran_order': False, 'shape': (2, $channels, 4, 5), }"
    head -c $((40 * channels)) roll.csv >>first.npy
    works "channels first" info first.npy
    remarks "samples of shape $channels,4,5 are taken for height, width and channels; if their channels come first, "
done
works "channels first, and said" info first.npy --data shape=3,4,5
checks=$((checks + 1))
grep -q note: err.txt && note "a shape that was given: $(cat err.txt)"
npy later.npy "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1), }"
(head -c 7 later.npy && printf '\001' && tail -c +9 later.npy && printf '\001\002') >minor.npy
refuses 1 "version 1.1, expected 1.0, 2.0 or 3.0" info minor.npy
npy long.npy "{'descr': '<f16', 'fortran_order': False, 'shape': (1,), }"
refuses 1 "holds values of type '<f16'" info long.npy
printf '9007199254740993,1\n1,2\n' >bigint.csv
works "whole numbers beyond 2^53" info bigint.csv
grep -q "beyond 2^53" err.txt || note "a number was rounded without a word"
npy huge.npy "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }"
refuses 1 "huge.npy: too large" info huge.npy
npy scalar.npy "{'descr': '<f4', 'fortran_order': False, 'shape': (), }"
refuses 1 "single number" info scalar.npy
npy maybe.npy "{'descr': '|u1', 'fortran_order': Maybe, 'shape': (1,), }"
printf '\001' >>maybe.npy
refuses 1 "fortran_order is neither True nor False" info maybe.npy
npy truth.npy "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }"
printf '\000\007' >>truth.npy
works "truth of any byte" info truth.npy
prints "whole numbers, 0..1"
npy none.npy "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 2), }"
refuses 1 "none.npy: holds no data" info none.npy
npy noshape.npy "{'descr': '<f4', 'fortran_order': False, }"
refuses 1 "'shape' is missing" info noshape.npy

# IDX
printf '\000\000\010\003\000\000\000\002\000\000\000\001\000\000\000\002\001\002\003\004' >tiny-idx3-ubyte
printf '\000\000\010\001\000\000\000\002\000\005' >tiny-idx1-ubyte
works idx info tiny-idx3-ubyte --data labels=tiny-idx1-ubyte
prints "shape          1,2,1"
prints "mean           2.5"
prints "labels         0..5"
gzip -c tiny-idx3-ubyte >tiny-idx3-ubyte.gz
works "idx in gzip" info tiny-idx3-ubyte.gz
cp tiny-idx3-ubyte magic.bin
works "idx by its first bytes" info magic.bin
head -c 19 tiny-idx3-ubyte >cut-idx3-ubyte
refuses 1 "cut-idx3-ubyte: holds 3 bytes of values, its header promises 4" info cut-idx3-ubyte
head -c 9 tiny-idx3-ubyte >head-idx3-ubyte
refuses 1 "cut off within its header" info head-idx3-ubyte
printf '\000\000\015\001\000\000\000\001\300\000\000\000' >float.idx
works "IDX of float32" info float.idx
prints "mean           -2"
printf '\000\000\012\001\000\000\000\001\300\000\000\000' >type.idx
refuses 1 "type 0x0A" info type.idx
printf '\000\000\010\003\377\377\377\377\377\377\377\377\377\377\377\377' >huge.idx
refuses 1 "huge.idx: too large" info huge.idx

# Folders of images: a 2x1 grey PNG of 0 and 255, a 4x2 RGB JPEG of one colour (200, 100, 50).
grey=iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAC0lEQVR4nGNg+A8AAQIBAEK+vGgAAAAASUVORK5CYII=
jpeg=/9j/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAACAAQDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAABwj/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCQAHqQf//Z
mkdir images mixed nothing
printf %s "$grey" | base64 -d >images/a.png
cp images/a.png images/b.PNG
printf 'not a picture' >images/README
mkdir images/more
: >images/.hidden
: >images/x.webp
: >images/y.webp
mkdir endings
cp images/a.png endings
for i in $(seq 10 29); do : >endings/b.$i; done
: >endings/c.10
works "many endings" info endings
remarks "2 .10, 1 .11, 1 .12, 1 .13, 1 .14, 1 .15, 1 .16, 1 .17, 12 of other kinds"
for i in 1 2 3 4 5 6 7 8; do : >kinds/0.k$i; done # before the classes 1, 10 and 2
mkdir kinds/aside
works "classes among many endings" info kinds
remarks "1 .k7, 1 .k8, 1 of other kinds"
rm -r kinds/0.k* kinds/aside
works "folder of images" info images
grep -q "images: 2 images are read, what else is there is not: 1 hidden, 1 without an ending, 1 folder, 2 .webp$" err.txt ||
    note "what a folder left out: $(cat err.txt)"
prints "samples        2"
prints "shape          1,2,1"
prints "whole numbers, 0..255"
prints "mean           127.5"
mkdir colour
printf %s "$jpeg" | base64 -d >colour/a.jpg
works "folder of JPEG" info colour
prints "shape          2,4,3"
prints "mean           116." # JPEG loses a little: (200 + 100 + 50) / 3 = 116.67
mkdir cutjpeg
head -c 250 colour/a.jpg >cutjpeg/a.jpg
refuses 1 "cutjpeg/a.jpg: damaged JPEG file" info cutjpeg
cp images/a.png mixed/a.png
"$tool" data heartbeat -n 2 -o mixed/b.png
refuses 1 "mixed/b.png: 322x35 pixels, but mixed/a.png has 2x1; all images must be of one size" info mixed
cp colour/a.jpg mixed/b.png
refuses 1 "4x2 pixels, but mixed/a.png has 2x1" info mixed
works "grey among colours" info mixed --data resize=1,2
prints "shape          1,2,3"
grep -q "1 of 2 images are grey" err.txt || note "grey became RGB without a word"
refuses 2 "resize=2, expected height,width" info mixed --data resize=2
refuses 1 "is for pictures" info roll.csv --data resize=2,2
works "a picture made smaller" info images/a.png --data resize=1,1
prints "mean           128" # half of 0 and half of 255
refuses 1 "holds no PNG, JPEG, PGM or PPM images" info nothing
mkdir piped
mkfifo piped/1.png
refuses 1 "piped/1.png: a pipe or a device, expected a file" info piped
rm piped/1.png
: >piped/1.png
refuses 1 "piped/1.png: not a PNG, JPEG, PGM or PPM file but empty" info piped
mkdir cut
head -c 50 images/a.png >cut/a.png
refuses 1 "cut/a.png: damaged PNG file" info cut
mkdir jpeg
printf 'not a picture' >jpeg/a.jpg
refuses 1 "jpeg/a.jpg: not a PNG, JPEG, PGM or PPM file" info jpeg
# A short file cannot ask for much memory.
pictures="$parts/../fuzz/corpus/picture"
refuses 1 "damaged: its header promises more than 68 bytes can hold" info "$pictures/png-bomb"
refuses 1 "damaged: its header promises more than 169 bytes can hold" info "$pictures/jpeg-bomb"
refuses 1 "damaged PNG file (it is cut off)" info "$pictures/png-long-chunk"
gzip -c images/a.png >a.png.gz
works "a packed picture" info a.png.gz
rm a.png.gz

works "one picture" info images/a.png
prints "shape          1,2,1"

# 16 bits, transparency, cameras held upright, kinds that are not read.
printf %s "iVBORw0KGgoAAAANSUhEUgAAAAQAAAABEAAAAACMx4xSAAAAEUlEQVR4nGNgYGD4z/yC/z8ACOUC+TdvxYMAAAAASUVORK5CYII=" | base64 -d >twelve.png
printf %s "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAgMAAAAOFJJnAAAADFBMVEUAAP8AAP8AAP8AAP+1n0POAAAAA3RSTlMAVaoLuSc5AAAAFElEQVR4XmNkAIJQIB4sjFWDiwEAKxcVYRYzLkEAAAAASUVORK5CYII=" | base64 -d >clear.png
works transparency info clear.png
grep -q "what is transparent is laid on white, in 1 of 1" err.txt || note "transparency was taken without a word"
# Blue of opacity 0, 1/3, 2/3 and 1, in stripes: white shows through.
for case in "white 170" "black 42.5" "stored 85"; do
    works "background ${case% *}" info clear.png --data "background=${case% *}"
    prints "mean           ${case#* }"
done
remarks "transparency is left out, in 1 of 1"
refuses 2 "background=red, expected white, black or stored" info clear.png --data background=red
refuses 1 "background=black is for pictures" info roll.csv --data background=black
works "training on black" train clear.png -o black.safetensors --data background=black --model "mlp width=2 depth=1" \
    --schedule "linear steps=3" --steps 1
works "as in training" sample black.safetensors clear.png -n 1 -o black.png
remarks "laid on black, in 1 of 1"
works "unlike in training" sample black.safetensors clear.png -n 1 -o black.png --force --data background=white
remarks "laid on white, in 1 of 1"
works "the model tells it" info black.safetensors
prints "data.background              black"
printf %s "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAMAAADD/I+4AAAABlBMVEUAAAAAAAClZ7nPAAAAC0lEQVR4nGNgYAUAAAgABnpR0ZIAAAAASUVORK5CYII=" | base64 -d >colour5.png
refuses 1 "a colour that the palette lacks" info colour5.png
printf %s "iVBORw0KGgoAAAANSUhEUgAA6mAAAOpgCAAAAACluSqeAAAAC0lEQVR4nGNggAIAAAkAAftSuKkAAAAASUVORK5CYII=" | base64 -d >bomb.png
refuses 1 "its header promises more than 68 bytes can hold" info bomb.png
works "16 bits" info twelve.png
prints "values         whole numbers, 0..4095"
printf 'P5 2 1 1000\n\000\012\003\350' >thousand.pgm
works "PGM of two bytes" info thousand.pgm
prints "mean           505"
printf 'P2 2 2 # text\n15 0 15\n 3 5' >text.pgm
works "PGM as text" info text.pgm
prints "values         whole numbers, 0..15"
prints "mean           5.75"
printf 'P3 1 1 255 1 2 3\n' >text.ppm
works "PPM as text" info text.ppm
prints "shape          1,1,3"
printf 'P2 1 1 15 16\n' >above.pgm
refuses 1 "the pixel is not 0..15" info above.pgm
printf 'P5 1 1 15\n\020' >above.pgm
refuses 1 "the pixel 16 is not 0..15" info above.pgm
printf 'P2 1 1 15 3 4\n' >above.pgm
refuses 1 "more than the 1 values" info above.pgm
printf 'P4\n1 1\n0' >bits.pbm
refuses 1 "a PBM, expected" info bits.pbm
for value in '003\000\000\000\001\000\006\000\000' '004\000\000\000\001\000\000\000\006'; do # as SHORT and as LONG
    {
        head -c 2 colour/a.jpg
        printf '\377\341\000\042Exif\000\000MM\000\052\000\000\000\010\000\001\001\022\000\'"$value"'\000\000\000\000'
        tail -c +3 colour/a.jpg
    } >upright.jpg
    works "EXIF's orientation" info upright.jpg
    prints "shape          4,2,3"
done
printf %s "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAAAAAC4HznGAAAAGmVYSWZJSSoACAAAAAEAEgEDAAEAAAAGAAAAAAAAALdIESgAAAAQSURBVHjaY2AwSmGYduI/AAd5AvTVgUKwAAAAAElFTkSuQmCC" | base64 -d >camera.png
refuses 1 "camera.png: damaged PNG file (eXIf: CRC error)" info camera.png
printf 'P2 8 8 255' >black.png
for i in $(seq 64); do printf ' 0'; done >>black.png

# PGM, and crops: of a picture of 8 x 4 pixels, 0..31.
{ printf 'P5\n# a comment\n4 8\n255\n'; for i in $(seq 0 31); do printf "\\$(printf %03o "$i")"; done; } >ramp.pgm
works PGM info ramp.pgm
prints "samples        1"
prints "shape          8,4,1"
prints "mean           15.5"
head -c 30 ramp.pgm >cut.pgm
refuses 1 "cut.pgm: holds" info cut.pgm
printf 'P5 4 x 255\n' >word.pgm
refuses 1 "word.pgm: damaged PNM file, the height" info word.pgm
mkdir grey
cp ramp.pgm grey/
works "PGM in a folder" info grey
prints "shape          8,4,1"
works crops info ramp.pgm --data "crop=8,4 crops=3"
prints "samples        3"
prints "mean           15.5"
works "crops of one pixel" info ramp.pgm --data "crop=1,1 crops=20000"
prints "values         whole numbers, 0..255"
prints "mean           15."
refuses 1 "do not fit into the quarter of the rows, 2," info ramp.pgm --data "crop=3,4 crops=4 hold_out=1"
works "crops to train on" info ramp.pgm --data "crop=2,4 crops=4 hold_out=1"
prints "samples        3"
# Rows 6 and 7 are 24..31, mean 27.5: a model's bound measures these alone.
printf '27.5,27.5,27.5,27.5,27.5,27.5,27.5,27.5\n' >middle.csv
works "crops held out" parzen middle.csv ramp.pgm --data "crop=2,4 crops=4 hold_out=1" --bandwidth 1
# Squares of -3.5..3.5 sum to 42: - 8 / 2 log2(2 pi) - 42 / 2 log2(e).
prints "-40.9026"
refuses 1 "larger than the pictures" info ramp.pgm --data crop=9,4
refuses 1 "crop needs pictures" info roll.csv --data crop=1,1
refuses 1 "leaves none of 4 crops" info ramp.pgm --data "crop=1,1 crops=4 hold_out=4"
refuses 2 "crop=8, expected" info ramp.pgm --data crop=8
refuses 2 "crop=height,width is missing" info ramp.pgm --data crops=3
refuses 2 "does not go with" info ramp.pgm --data "crop=1,1 first=1"
refuses 2 "seed=x" info ramp.pgm --data "crop=1,1 seed=x"

# A shuffle keeps rows and labels together and changes nothing else.
for i in $(seq 0 99); do echo "$i,$i"; done >sorted.csv
works sorted info sorted.csv --data "labels=last"
mv out.txt before.txt
works shuffled info sorted.csv --data "labels=last shuffle=yes seed=3"
same before.txt out.txt "all samples, shuffled and not"
works shuffled info sorted.csv --data "labels=last shuffle=yes count=1"
checks=$((checks + 1))
awk '/^mean/ { mean = $2 } /^labels/ { split($2, most, "\\.\\.") } END { exit mean != most[2] }' out.txt ||
    note "a shuffle parted a sample from its label: $(cat out.txt)"
refuses 2 "shuffle=maybe" info sorted.csv --data shuffle=maybe

# CIFAR-10: the label, then three planes. Red 1, green 2, blue 3 everywhere, labels 4 and 9.
for label in 004 011; do
    printf "\\$label"
    for colour in 001 002 003; do head -c 1024 /dev/zero | tr '\000' "\\$colour"; done
done >batch.bin
works CIFAR-10 info batch.bin
prints "samples        2"
prints "shape          32,32,3"
prints "mean           2"
prints "labels         0..9"
works "CIFAR-10 without labels" info batch.bin --data labels=none
grep -q labels out.txt && note "labels=none kept the labels"
works "one colour" info batch.bin --data "crop=1,1 crops=5"
prints "shape          1,1,3"
head -c 3072 batch.bin >cut.bin
refuses 1 "expected CIFAR-10 pictures of 3073 bytes" info cut.bin
{ printf '\012'; tail -c +2 batch.bin; } >label.bin
refuses 1 "the label of picture 0 (from 0) is 10" info label.bin

# Outputs that cannot be written.
refuses 1 "cannot write: No such file" data heartbeat -o nowhere/x.csv
mkdir folder.csv
refuses 1 "folder.csv: not a regular file" data heartbeat -o folder.csv
rmdir folder.csv

# The real thing, where it is.
if [ -r "$shared/data/mnist/t10k-images-idx3-ubyte.gz" ]; then
    works MNIST info "$shared/data/mnist/t10k-images-idx3-ubyte.gz" \
        --data "labels=$shared/data/mnist/t10k-labels-idx1-ubyte.gz"
    prints "samples        10000"
    prints "shape          28,28,1"
    prints "labels         0..9"
else
    echo "skipped: MNIST is not beside this checkout"
fi
works digits info "$data/digits.csv.gz" --data "labels=last shape=8,8,1"
prints "samples        1797"
