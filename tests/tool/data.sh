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
same csv.txt out.txt "one set of numbers as CSV and as .npy"
works beats data heartbeat -n 50 -o beats.csv
checks=$((checks + 1))
# Every beat is a 1 in every fifth bin: 4 ones of 20, 5 apart.
awk -F, '{ s = 0; for (i = 1; i <= 20; i++) { s += $i; if (i > 5 && $i != $(i - 5)) bad = 1 } if (s != 4) bad = 1 } END { exit bad }' \
    beats.csv || note "a heartbeat does not beat every fifth bin"
works beats data heartbeat -n 20 -o beats.png
is_png beats.png

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
for bad in nan inf -inf 0x10 1e999 1e39 '' 1.5.2 '1 2'; do
    printf '1,2\n3,%s\n' "$bad" >bad.csv
    refuses 1 "bad.csv: line 2, column 2: '$bad' is not a finite number" info bad.csv
done
printf 'nan,nan\n1,2\n' >nanheader.csv
refuses 1 "line 1, column 1" info nanheader.csv
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
refuses 1 "missing.csv: cannot open" info missing.csv
printf 'hello' >hello.txt
refuses 1 "unknown kind of data" info hello.txt

# gzip
head -c 60 roll.csv.gz >cut.csv.gz
refuses 1 "cut.csv.gz: damaged gzip file" info cut.csv.gz
(head -c 60 roll.csv.gz && printf 'XXXXXXXXXXXX' && tail -c +73 roll.csv.gz) >wrong.csv.gz
refuses 1 "wrong.csv.gz: damaged gzip file" info wrong.csv.gz

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
npy big.npy "{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }"
refuses 1 "holds values of type '>f4'" info big.npy
npy fortran.npy "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }"
refuses 1 "Fortran order" info fortran.npy
npy huge.npy "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }"
refuses 1 "huge.npy: too large" info huge.npy
npy scalar.npy "{'descr': '<f4', 'fortran_order': False, 'shape': (), }"
refuses 1 "single number" info scalar.npy
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
refuses 1 "cut-idx3-ubyte: holds 3 values, its header promises 4" info cut-idx3-ubyte
head -c 9 tiny-idx3-ubyte >head-idx3-ubyte
refuses 1 "cut off within its header" info head-idx3-ubyte
printf '\000\000\015\001\000\000\000\001\000\000\000\000' >float.idx
refuses 1 "type 0x0D" info float.idx
printf '\000\000\010\003\377\377\377\377\377\377\377\377\377\377\377\377' >huge.idx
refuses 1 "huge.idx: too large" info huge.idx

# Folders of images: a 2x1 grey PNG of 0 and 255, a 4x2 RGB JPEG of one colour (200, 100, 50).
grey=iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAC0lEQVR4nGNg+A8AAQIBAEK+vGgAAAAASUVORK5CYII=
jpeg=/9j/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAACAAQDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAABwj/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCQAHqQf//Z
mkdir images mixed nothing
printf %s "$grey" | base64 -d >images/a.png
cp images/a.png images/b.PNG
printf 'not a picture' >images/README
works "folder of images" info images
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
refuses 1 "mixed/b.png: " info mixed
refuses 1 "all images must be alike" info mixed
refuses 1 "holds no PNG or JPEG images" info nothing
mkdir cut
head -c 50 images/a.png >cut/a.png
refuses 1 "cut/a.png: damaged PNG file" info cut
mkdir jpeg
printf 'not a picture' >jpeg/a.jpg
refuses 1 "jpeg/a.jpg: damaged JPEG file" info jpeg
refuses 1 "unknown kind of data" info images/a.png

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
