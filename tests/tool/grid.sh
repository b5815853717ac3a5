# Whole numbers as bins: training, resuming, measuring and drawing without noise between them.

grid="labels=last shape=8,8,1 scale=grid count=300"
digits=$data/digits.csv.gz
net="mlp width=16 depth=2 variance=learned_range"
works "train on bins" train "$digits" -o grid.safetensors -q --data "$grid" --model "$net" --steps 6 --train "batch=32" --threads 1
works "info of bins" info grid.safetensors
prints "edge=discretized levels=17"
works "measure bins" bound grid.safetensors "$digits" -q --data count=40 --json
prints '"dequantized": false'
bits() {
    sed -n 's/.*"bits_per_dimension": \([-0-9.e]*\).*/\1/p' out.txt
}
by_bins=$(bits)
works "measure a density" bound grid.safetensors "$digits" -q --data count=40 --json --bound edge=model
prints '"dequantized": true'
checks=$((checks + 1))
[ -n "$by_bins" ] && [ "$by_bins" != "$(bits)" ] || note "bins and density both $by_bins"
works "measure with levels" bound grid.safetensors "$digits" -q --data count=40 --json --bound "edge=discretized levels=17"
checks=$((checks + 1))
[ "$(bits)" = "$by_bins" ] || note "the model's own bound: $by_bins, by hand $(bits)"
works "draw from bins" sample grid.safetensors -n 50 -o drawn.csv -q --sampler "ancestral steps=5 clip=1"
checks=$((checks + 1))
tail -n +1 drawn.csv | tr ',' '\n' | grep -qvE '^([0-9]|1[0-6])$' && note "drawn from bins: not 0..16: $(head -1 drawn.csv)"

# A run that was interrupted comes to the same end.
works "train half" train "$digits" -o binned.safetensors -q --data "$grid" --model "$net" --train "batch=32" --steps 3 \
    --checkpoint-every 3 --threads 1
works "train the rest" train "$digits" -o rest.safetensors -q --data "$grid" --resume binned.checkpoint.safetensors --steps 6 \
    --threads 1
same grid.safetensors rest.safetensors "bins in one training and in two"

refuses 2 "expected no dequantize=yes" train "$digits" -o no.safetensors -q --data "$grid dequantize=yes"
refuses 2 "scale=grid" train "$digits" -o no.safetensors -q --data "labels=last shape=8,8,1" --train "edge=discretized"
refuses 2 "expected no dequantize" bound grid.safetensors "$digits" -q --bound "edge=discretized levels=17 dequantize=0.1"
refuses 2 "spread over -1..1" bound grid.safetensors "$digits" -q --bound "edge=discretized levels=16"
refuses 1 "not whole numbers" train roll.csv -o no.safetensors -q --data scale=grid

# A plain model, whose objective trains no last step, has bins all the same, and fine-tuning keeps them.
seq 60 | awk 'BEGIN { print "a,b" } { print $1 % 8 "," $1 * $1 % 7 }' >shades.csv
works "a plain model" train shades.csv -o plain.safetensors -q --data scale=grid --model "mlp width=8 depth=1" --steps 20 \
    --schedule "linear steps=20"
works "its bins" info plain.safetensors
prints "edge=discretized levels=8"
prints "objective=simple edge=model"
works "coded" compress plain.safetensors shades.csv -o plain.diffcode -q
works "and decoded" decompress plain.safetensors plain.diffcode -o plain.csv -q
same plain.csv shades.csv "shades, in and out"
works "in two parts" train shades.csv -o half.safetensors -q --data scale=grid --model "mlp width=8 depth=1" --steps 10 \
    --schedule "linear steps=20" --checkpoint-every 5
works "the rest" train shades.csv -o half.safetensors -q --resume half.checkpoint.safetensors --steps 20
same plain.safetensors half.safetensors "bins of a plain model in one training and in two"
for model in plain grid; do
    [ $model = plain ] && set -- shades.csv || set -- "$digits" --data count=40
    works "fine-tuned $model" train "$1" -o tuned.safetensors -q --init $model.safetensors --steps 1 "${2:-"-q"}" ${3:+"$3"}
    "$tool" info $model.safetensors | grep -a "  bound  " >was.txt
    works "its bins" info tuned.safetensors
    grep -a "  bound  " out.txt >is.txt
    same was.txt is.txt "bins before and after"
done
printf 'a,b\n0,8\n3,1\n' >more.csv
refuses 1 "values from 0 to 8, but the bins of the model are those of 0 to 7; --data scale=grid makes others" \
    train more.csv -o x.safetensors -q --init plain.safetensors --steps 1
works "other bins" train more.csv -o tuned.safetensors -q --init plain.safetensors --steps 1 --data scale=grid
works "their number" info tuned.safetensors
prints "edge=discretized levels=9"

# Bytes of 0 and 1 are bits: two bins, black and white. A byte of 2 makes them shades.
{ printf '\0\0\10\3\0\0\0\2\0\0\0\2\0\0\0\2' && printf '\0\1\1\0\1\1\1\0'; } >bits-idx3-ubyte
works "train on bits" train bits-idx3-ubyte -o bits.safetensors -q --data scale=grid --model "$net" --steps 2 --train "batch=2"
works "info of bits" info bits.safetensors
prints "edge=discretized levels=2"
{ printf '\0\0\10\3\0\0\0\2\0\0\0\2\0\0\0\2' && printf '\0\1\1\0\1\1\2\0'; } >dark-idx3-ubyte
works "train on shades" train dark-idx3-ubyte -o dark.safetensors -q --data scale=grid --model "$net" --steps 2 --train "batch=2"
works "info of shades" info dark.safetensors
prints "edge=discretized levels=256"
