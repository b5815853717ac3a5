# What is trained where nothing is said: by the shape of the data and its labels. The first line tells.

quick="batch=2 steps=1"

# announces TEXT DATA [OPTION...]: the first line of a training of one step holds it.
announces() {
    text=$1
    shift
    works "$text" train "$@" -o default.safetensors --train "$quick"
    checks=$((checks + 1))
    grep -q "^diffusion: .*$text" err.txt || note "train $*: expected '$text' in: $(cat err.txt)"
}

for size in 8:32,64 16:32,64 27:32 28:32,64,64 30:32,64 32:32,64,64 64:32,64,64,128; do
    side=${size%:*}
    works "$side" data dead-leaves -n 4 --size "$side" -o "leaves$side.npy"
    announces "4 x $side,$side,1; unet channels=${size#*:} blocks=" "leaves$side.npy"
done
works info info default.safetensors
prints "predict=v variance=learned_range"
for objective in simple pair; do
    works "$objective" train leaves8.npy -o "$objective.safetensors" --train "batch=2 steps=1 objective=$objective"
    works info info "$objective.safetensors"
    prints "predict=v variance=fixed_large"
done
works info info default.safetensors
grep -q "^  sampler " out.txt && note "a model trained here has a sampler of its own: $(cat out.txt)"
works "a few steps" sample default.safetensors -n 2 -o default.png -q --sampler "ancestral steps=2"
# sampler TEXT: what is drawn with where nothing is said.
sampler() {
    works "$1" sample default.safetensors -n 2 -o default.npy
    checks=$((checks + 1))
    grep -q "^sampler: $1 (the default)" err.txt || note "expected the sampler $1 in: $(cat err.txt)"
}

sampler "dpmsolver++ steps=20 spacing=karras sigma_max=80"
narrow="unet channels=4 groups=2 predict=v variance=learned_range"
announces "unet channels=4" leaves8.npy --model "$narrow" --schedule "cosine steps=1000 zero_terminal_snr=yes"
sampler "dpmsolver++ steps=20 spacing=karras sigma_max=80"
works "100 steps" inpaint default.safetensors leaves8.npy -n 1 -q --mask half:left -o a.npy
works "the same" inpaint default.safetensors leaves8.npy -n 1 -q --mask half:left -o b.npy --sampler "ancestral steps=100"
same a.npy b.npy "steps of the chain of a unet that learns its variance"
announces "unet channels=4" leaves8.npy --model "$narrow" --schedule "scaled_linear steps=200"
sampler "dpmsolver++ steps=20 spacing=karras"
announces "unet channels=4" leaves8.npy --model "$narrow" --schedule "cosine steps=20"
sampler "ancestral"
announces "unet channels=4" leaves8.npy --model "unet channels=4 groups=2 predict=perturbation variance=learned"
sampler "ancestral steps=100"
for row in 0 1; do echo "0,1,1,0,1,0,0,1,1,1,0,0,0,1,$row,1"; done >bits16.csv
announces "unet channels=4" bits16.csv --data shape=4,4,1 --model "unet channels=4 groups=2 predict=perturbation variance=fixed_small" \
    --schedule "linear steps=50 kernel=binomial"
sampler "ancestral"
announces "unet channels=32,64,64 blocks=1" leaves28.npy --model unet
announces "unet channels=16 blocks=2" leaves28.npy --model "unet channels=16"
announces "mlp width=128 depth=3" leaves28.npy --model mlp
announces "300 x 2; mlp width=256 depth=4" roll.csv
announces "1 step of 2" roll.csv

# trains TEXT TRAINER DATA [OPTION...]: the trainer that the checkpoint of a step holds.
trains() {
    text=$1 trainer=$2
    shift 2
    works "$text" train "$@" -o default.safetensors -q --train "$quick $trainer" --checkpoint-every 1
    checks=$((checks + 1))
    grep -aq "$text" default.checkpoint.safetensors || note "train $* --train $trainer: expected $text"
    rm -f default.checkpoint.safetensors
}

trains "optimizer=muon rate=0.008" "" leaves8.npy --model "$narrow"
trains "optimizer=adamw rate=0.001" "optimizer=adamw" leaves8.npy --model "$narrow"
trains "optimizer=muon rate=0.003" "rate=3e-3" leaves8.npy --model "$narrow"
trains "optimizer=adam rate=0.001" "" roll.csv
trains "optimizer=muon rate=0.008" "optimizer=muon" roll.csv
cp default.safetensors first.safetensors
trains "optimizer=adam rate=0.0002" "" roll.csv --init first.safetensors
trains "optimizer=muon rate=0.008" "" leaves8.npy --model "$narrow"
cp default.safetensors first.safetensors
trains "optimizer=adam rate=0.0002" "" leaves8.npy --init first.safetensors

# as_documented STEPS DATA [OPTION...]: a training that is told nothing has every key that diffusion(1) says of one with so
# many steps. It is stopped at its first step, and the checkpoint tells.
as_documented() {
    spec=$(sed -n "s/^\.Qq \(steps=$1 .* seed=1\) [;,]$/\1/p" "$parts/../../tool/diffusion.1")
    shift
    rm -f steps.jsonl default.checkpoint.safetensors
    "$tool" train "$@" -o default.safetensors -q --log steps.jsonl 2>err.txt &
    run=$!
    until_written steps.jsonl "$run"
    kill -TERM "$run"
    wait "$run"
    trainer=$(grep -ao "objective=[^\"]*" default.checkpoint.safetensors | head -1)
    for pair in ${spec:-none}; do
        checks=$((checks + 1))
        echo "$trainer" | tr ' ' '\n' | awk -F= -v key="${pair%%=*}" -v value="${pair#*=}" \
            '$1 == key && $2 == value { found = 1 } END { exit !found }' ||
            note "train $*: diffusion(1) says $pair, and the run has $trainer"
    done
    rm -f default.checkpoint.safetensors
}

as_documented 5000 roll.csv
as_documented 2000 leaves8.npy --model "$narrow"

# A table sorted by its labels: the last rows are a class of their own.
for row in 1 2 3 4 5 6 7 8 9; do echo "0.$row,$row.5,$((row / 4))"; done >sorted.csv
untrained="2 of the 2 samples held out are of classes that no other sample has, such as 2"
works "sorted rows" train sorted.csv -o default.safetensors -q --train "$quick" --data "labels=last hold_out=2"
checks=$((checks + 1))
grep -q "$untrained" err.txt && note "-q, and yet: $(cat err.txt)"
works "sorted rows" train sorted.csv -o default.safetensors --train "$quick" --data "labels=last hold_out=2"
checks=$((checks + 1))
grep -q "$untrained" err.txt || note "sorted rows: expected '$untrained' in: $(cat err.txt)"
works "mixed rows" train sorted.csv -o default.safetensors --train "$quick" --data "labels=last hold_out=2 shuffle=yes"
checks=$((checks + 1))
grep -q "samples held out are of" err.txt && note "mixed rows: $(cat err.txt)"

# With edm a network reads values of a deviation up to 80, which predict=v would leave as large.
announces "300 x 2; mlp width=256 depth=4.*; edm steps=1000; hybrid" roll.csv --schedule edm
works info info default.safetensors
prints "predict=edm variance=learned_range time=edm sigma_data=1"
works "predict=edm" train roll.csv -o default.safetensors --train "$quick" --schedule edm --model "mlp predict=edm"
works info info default.safetensors
prints "sigma_data=1"
works "predict=edm of unscaled data" train roll.csv -o default.safetensors --train "$quick" --schedule edm --model "mlp predict=edm" \
    --data scale=none
works info info default.safetensors
prints "sigma_data=0.5"
announces "300 x 2; mlp width=256 depth=4.*; flow steps=1000" roll.csv --schedule flow

# bytes COUNT: that many.
bytes() {
    head -c "$1" /dev/zero | tr '\0' '\5'
}

# IDX: [3, 1, 20], too low for a U-Net; [3, 8, 8] with its labels beside it.
{ printf '\0\0\10\3\0\0\0\3\0\0\0\1\0\0\0\24' && bytes 59 && printf '\7'; } >row.idx
announces "mlp width=256" row.idx
checks=$((checks + 1))
grep -q "1,20,1 are too narrow for a unet" err.txt || note "a row: $(cat err.txt)"
{ printf '\0\0\10\3\0\0\0\3\0\0\0\10\0\0\0\10' && bytes 191 && printf '\7'; } >t3-images-idx3-ubyte
announces "3 x 8,8,1; unet" t3-images-idx3-ubyte
printf '\0\0\10\1\0\0\0\3\1\4\1' | gzip >t3-labels-idx1-ubyte.gz
announces "3 x 8,8,1, 5 classes; unet" t3-images-idx3-ubyte
works info info default.safetensors
prints "data.labels.seen             1,4"
works "classes that were seen" sample default.safetensors -n 2 -o a.npy -q --sampler "ancestral steps=2 seed=3"
works "the same" sample default.safetensors -n 2 -o b.npy -q --sampler "ancestral steps=2 seed=3" --labels 1,4
same a.npy b.npy "samples of all classes seen"
works "a bound with labels" bound default.safetensors t3-images-idx3-ubyte --bound draws=1
grep -q "classes that the model was trained on" err.txt && note "labels that were seen: $(cat err.txt)"
printf '\0\0\10\1\0\0\0\3\1\3\0' >other-labels-idx1-ubyte
for command in "bound --bound draws=1" "score -o s.csv --evaluator elbo" "variance -o v.safetensors --moments rows=1" \
    "inpaint -o a.npy" "encode -o a.npy"; do
    works "other classes" ${command%% *} default.safetensors t3-images-idx3-ubyte ${command#* } --data labels=other-labels-idx1-ubyte
    remarks "t3-images-idx3-ubyte: 2 of 3 labels, such as 3, are of classes that the model was trained on no data of"
done
works "a class that was not seen" sample default.safetensors -n 1 -o a.npy --sampler "ancestral steps=2" --labels 4,2
remarks "--labels: 1 of 2 labels, such as 2, are of classes"
works "a model of more classes" train t3-images-idx3-ubyte -o more.safetensors -q --steps 1 \
    --model "mlp width=2 depth=1 classes=6" --data labels=other-labels-idx1-ubyte --schedule "linear steps=4"
works info info more.safetensors
prints "data.labels.seen             0,1,3"
announces "3 x 8,8,1; unet" t3-images-idx3-ubyte --data labels=none
printf '\0\0\10\1\0\0\0\2\1\4' | gzip >t3-labels-idx1-ubyte.gz
refuses 1 "expected one label for each of the 3 samples of t3-images-idx3-ubyte; --data labels=none" \
    train t3-images-idx3-ubyte -o x.safetensors

# Labels of a table, and folders of classes.
announces "1797 x 64, 10 classes; mlp" "$data/digits.csv.gz" --data labels=last
announces "1797 x 64, labels left out; mlp" "$data/digits.csv.gz" --data labels=last --model "mlp classes=0"
printf 'a,b,label\n1,2,5000\n2,3,1\n3,5,0\n' >many.csv
refuses 1 "labels up to 5000 would be that many classes; say so with --model" train many.csv -o x.safetensors --data labels=last
mkdir zoo zoo/cat zoo/dog zoo/empty zoo2
works pictures data dead-leaves -n 3 --size 8 -o zoo/cat
works pictures data dead-leaves -n 2 --size 8 --seed 2 -o zoo/dog
announces "5 x 8,8,1, 2 classes; unet" zoo
works info info default.safetensors
prints "data.classes                 cat,dog"
works info info zoo
prints "0            3 samples"
prints "1            2 samples"
works "a bound of classes" bound default.safetensors zoo -q --bound draws=1
cp -r zoo/cat zoo2/cat
cp -r zoo/dog zoo2/cow
refuses 1 "its classes are cat,cow, but the model's are cat,dog" bound default.safetensors zoo2 -q
refuses 1 "its classes are cat,cow, but the model's are cat,dog" train zoo2 -o x.safetensors --init default.safetensors --steps 1
refuses 1 "holds no PNG, JPEG, PGM or PPM images, nor folders of them" train zoo/empty -o x.safetensors

# The same number of values is not the same shape.
works wide data dead-leaves -n 2 --size 16 -o wide.npy
announces "2 x 4,64; unet" wide.npy --data shape=4,64
refuses 1 "samples have shape 16,16,1, those of the model 4,64" bound default.safetensors wide.npy -q
refuses 1 "samples have shape 16,16,1, those of the model 4,64" train wide.npy -o x.safetensors --init default.safetensors
refuses 2 "shape=16,16, but the samples of the model have shape 4,64" train wide.npy -o x.safetensors --init default.safetensors \
    --data shape=16,16
