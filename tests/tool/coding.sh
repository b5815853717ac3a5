# Coding without loss: the very values back, in a file as long as the bound; damage and other models refused.

works "compress bins" compress grid.safetensors "$digits" -o held.diffcode -q --data "first=300 count=40" --coder "steps=20" --threads 1
prints "40 samples of 64 values in $(wc -c <held.diffcode) bytes"
works "decompress bins" decompress grid.safetensors held.diffcode -o back.csv -q --threads 2
gzip -dc "$digits" | sed -n 301,340p >want.csv
same want.csv back.csv "what was coded and what came back"
works "compress once more" compress grid.safetensors "$digits" -o again.diffcode -q --data "first=300 count=40" --coder "steps=20" --threads 2
same held.diffcode again.diffcode "codes of one and of two threads"

# Bytes, in the format of MNIST.
{ printf '\0\0\010\003\0\0\0\005\0\0\0\004\0\0\0\003' && head -c 60 "$digits"; } >few-ubyte
works "train on bytes" train few-ubyte -o bytes.safetensors -q --data "scale=grid" --model "mlp width=8 depth=1 variance=learned_range" \
    --schedule "cosine steps=50" --steps 2
works "compress bytes" compress bytes.safetensors few-ubyte -o bytes.diffcode -q
works "decompress bytes" decompress bytes.safetensors bytes.diffcode -o back-ubyte -q
same few-ubyte back-ubyte "an IDX file and what came back"
works "decompress to an array" decompress bytes.safetensors bytes.diffcode -o back.npy -q
works "info of it" info back.npy
grep -q "samples  *5$" out.txt || note "not 5 samples: $(cat out.txt)"

# Bits.
works "compress bits" compress beats.safetensors beats.csv -o beats.diffcode -q --data count=30
works "decompress bits" decompress beats.safetensors beats.diffcode -o beats-back.csv -q
head -30 beats.csv >want.csv
same want.csv beats-back.csv "bits and what came back"

# Labels that have no place in the data.
works "labels aside" decompress grid.safetensors held.diffcode -o digits-ubyte -q --labels labels.npy
works "info of labels" info labels.npy
grep -q "samples  *40$" out.txt || note "not 40 labels: $(cat out.txt)"

works "optimal steps" variance grid.safetensors "$digits" -o moments.safetensors -q --data "count=50"
works "compress by optimal steps" compress moments.safetensors "$digits" -o best.diffcode -q --data "first=300 count=40" \
    --coder "steps=10 spacing=optimal variance=analytic"
works "decompress optimal steps" decompress moments.safetensors best.diffcode -o best.csv -q
same back.csv best.csv "what was coded by optimal steps and what came back"
refuses 1 "moments" compress grid.safetensors "$digits" -o x.diffcode --coder "steps=10 variance=analytic"

head -c 400 held.diffcode >cut.diffcode
gzip -dc "$digits" | head -2 >digits-two.csv
refuses 1 "damaged or cut off" decompress grid.safetensors cut.diffcode -o x.csv
refuses 1 "not a file of coded data" decompress grid.safetensors grid.safetensors -o x.csv
refuses 1 "by another model" decompress bytes.safetensors held.diffcode -o x.csv
refuses 1 "train it with --data scale=grid" compress roll.safetensors roll.csv -o x.diffcode
sed -n '1s/^[0-9]*,/17,/p' digits-two.csv >odd.csv
refuses 1 "is 17, beyond the 0 to 16" compress grid.safetensors odd.csv -o x.diffcode
refuses 2 "expected a name that ends in .diffcode" compress grid.safetensors "$digits" -o x.bits
refuses 2 "expected a name that ends in -ubyte" decompress grid.safetensors held.diffcode -o x.png
seq 60 | awk '{ print 1000000000 + $1 % 9 "," 1000000000 - $1 * $1 % 7 }' >far.csv
works "train far from 0" train far.csv -o far.safetensors -q --data scale=grid --steps 2 --model "mlp width=8 depth=1" --schedule "linear steps=9"
works "compress it" compress far.safetensors far.csv -o far.diffcode -q
works "decompress it" decompress far.safetensors far.diffcode -o far.npy -q
works "to the same values" inpaint far.safetensors far.npy -n 60 -o far.back.csv -q --mask random:0
same far.csv far.back.csv "whole numbers beyond 2^24 by way of an array"
refuses 2 "expected a name that ends in .npy" decompress grid.safetensors held.diffcode -o x.csv --labels x.txt
refuses 2 "did you mean 'steps'" compress grid.safetensors "$digits" -o x.diffcode --coder "step=3"
refuses 1 "no labels were coded" decompress bytes.safetensors bytes.diffcode -o x.csv -q --labels x.npy

# A signal ends it, and no file is there, nor part of one.
before=$(find . | sort)
timeout -s INT 1 "$tool" compress grid.safetensors "$digits" -o long.diffcode -q --coder "cells=4 batch=1" >/dev/null 2>&1
checks=$((checks + 1))
[ "$before" = "$(find . | sort)" ] || note "an interrupted compress left a file behind"
