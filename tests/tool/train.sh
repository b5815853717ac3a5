# Training: to the same bits whatever happens on the way, and every way that it can be refused.

works roll data swiss-roll -n 300 -o roll.csv
small="mlp width=16 depth=2 predict=v variance=learned_range"
fast="batch=16 steps=40"

works train train roll.csv -o roll.safetensors --model "$small" --train "$fast" --plot loss.png
is_png loss.png
works info info roll.safetensors
prints "shape=2"
prints "cosine steps=1000"
prints "data.scale"
works quiet train roll.csv -o again.safetensors --model "$small" --train "$fast" --quiet --threads 1
checks=$((checks + 1))
[ -s err.txt ] && note "--quiet: said $(cat err.txt)"
same roll.safetensors again.safetensors "one seed, 1 thread and all"
works checkpoints train roll.csv -o every.safetensors --model "$small" --train "$fast" --checkpoint-every 15 -q
same roll.safetensors every.safetensors "with checkpoints"
works "info of a checkpoint" info every.checkpoint.safetensors
prints "shape=2"

# A run of 40 steps that stops at 15 and goes on is the run of 40.
works "15 of 40" train roll.csv -o part.safetensors --model "$small" --train "$fast" --steps 15 --checkpoint-every 15 -q
works "the rest" train roll.csv -o part.safetensors --resume part.checkpoint.safetensors --steps 40 -q \
    --checkpoint-every 40
works samples sample roll.safetensors -n 9 -o a.csv -q --sampler "ancestral steps=20"
works samples sample part.safetensors -n 9 -o b.csv -q --sampler "ancestral steps=20"
same a.csv b.csv "samples of a run in two parts"

# The curve of the losses, those of samples held out too, goes with the checkpoint: that of two parts is that of the
# whole. What is held out changes no bit.
works "all at once" train roll.csv -o whole.safetensors --model "$small" --train "$fast" --data hold_out=100 -q \
    --checkpoint-every 40
works "half of it" train roll.csv -o half.safetensors --model "$small" --train "$fast" --data hold_out=100 --steps 20 -q \
    --checkpoint-every 20
works "and the rest" train roll.csv -o half.safetensors --resume half.checkpoint.safetensors --steps 40 -q \
    --data hold_out=100 --checkpoint-every 40 --plot half.png
is_png half.png
same whole.checkpoint.safetensors half.checkpoint.safetensors "checkpoints of a run and of one in two parts"
checks=$((checks + 1))
grep -aq '"trainer.text.losses":"0,1,1,40,' whole.checkpoint.safetensors || note "no losses in the checkpoint"
works "nothing measured" train roll.csv -o first.safetensors --model "$small" --train "$fast" --data count=200 -q
# The losses that a model keeps differ, its weights do not.
for run in whole first; do
    works "$run" sample $run.safetensors -n 9 -o $run.csv -q --sampler "ancestral steps=20"
done
same whole.csv first.csv "a run with samples held out, and without them"
works "out of a pipe" train - -o pipe.safetensors --model "$small" --train "$fast" --data hold_out=100 -q <roll.csv
same whole.safetensors pipe.safetensors "a run with samples held out of a file, and of a pipe"

# Ctrl-C: status 130, a checkpoint, the command that resumes; done, the model has the bits of one that was never stopped.
long="batch=16 steps=500"
works whole train roll.csv -o whole.safetensors --model "$small" --train "$long" -q
checks=$((checks + 1))
env --default-signal=INT "$tool" train roll.csv -o stopped.safetensors --model "$small" --train "$long" --checkpoint-every 1 -q 2>err.txt &
run=$!
tries=0
while [ ! -e stopped.checkpoint.safetensors ] && [ "$tries" -lt 600 ]; do
    tries=$((tries + 1))
    sleep 0.05
done
kill -INT "$run"
wait "$run"
status=$?
[ "$status" -eq 130 ] || note "interrupted: status $status, expected 130: $(cat err.txt)"
[ -e stopped.safetensors ] && note "interrupted: a model was written"
resume=$(sed -n 's/^  diffusion //p' err.txt)
[ -n "$resume" ] || note "interrupted: no command that resumes in: $(cat err.txt)"
cp stopped.checkpoint.safetensors left.checkpoint.safetensors
refuses 2 "left.checkpoint.safetensors: would be written over, but a run is there that has come to step" train roll.csv \
    -o left.safetensors --steps 9
refuses 2 "--resume left.checkpoint.safetensors goes on with it" train roll.csv -o left.safetensors \
    --resume stopped.checkpoint.safetensors
LC_ALL=C sed 's/"trainer":"objective=/"trainer":"0bjective=/' stopped.checkpoint.safetensors >later.checkpoint.safetensors
refuses 2 "later.checkpoint.safetensors: would be written over, but a run may be there that cannot be read here" train roll.csv \
    -o later.safetensors --model "$small" --train "$fast"
works "a finished run" train roll.csv -o unsaved.safetensors --model "$small" --train "$fast" --checkpoint-every 40 -q
works "once more" train roll.csv -o unsaved.safetensors --model "$small" --train "$fast" --checkpoint-every 40 -q
rm unsaved.safetensors
refuses 2 "has come to step 40 of 40; --resume" train roll.csv -o unsaved.safetensors --model "$small"
works "given up" train roll.csv -o left.safetensors --model "$small" --train "$fast" --force -q
resume=$(printf '%s' "$resume" | sed 's/ --checkpoint-every 1//')
eval "\"\$tool\" $resume" 2>err.txt || note "resume: $(cat err.txt)"
[ -e stopped.checkpoint.safetensors ] && note "a finished run left its checkpoint"
same whole.safetensors stopped.safetensors "an interrupted and resumed run"

# A run that has come to its end leaves no checkpoint, however the one that it resumed was spelt.
works "interrupted again" train roll.csv -o ended.safetensors --model "$small" --train "$fast" --steps 15 --checkpoint-every 15 -q
works "resumed by a longer name" train roll.csv -o ended.safetensors --resume "$PWD/ended.checkpoint.safetensors" --steps 40 -q
checks=$((checks + 1))
[ -e ended.checkpoint.safetensors ] && note "a finished run left the checkpoint that it had resumed by a longer name"

# Labels, integers, bits.
works digits train "$data/digits.csv.gz" -o digits.safetensors --data "labels=last shape=8,8,1 hold_out=297" \
    --model "mlp width=16 depth=2 classes=10 variance=learned_range predict=v" --train "$fast" -q
works info info digits.safetensors
prints "shape=8,8,1"
prints "data.levels                  17"
prints "data.samples                 1500"
prints "data.labels                  last"
works beats data heartbeat -n 200 -o beats.csv
works binomial train beats.csv -o beats.safetensors --schedule "constant_rate steps=20 kernel=binomial rate=0.2" \
    --train "$fast" -q
works info info beats.safetensors
prints "data.dequantize              0"
prints "data.scale                   1"

refuses 1 "missing.csv: cannot open" train missing.csv -o x.safetensors
refuses 1 "cannot write: No such file" train roll.csv -o nowhere/x.safetensors
refuses 2 "--plot loss.pdf: expected a name that ends in .png" train roll.csv -o x.safetensors --plot loss.pdf
refuses 2 "model: unknown kind 'mlq', did you mean 'mlp'?" train roll.csv -o x.safetensors --model mlq
refuses 2 "did you mean 'width'?" train roll.csv -o x.safetensors --model "mlp widht=3"
refuses 2 "schedule: unknown kind" train roll.csv -o x.safetensors --schedule quadratic
refuses 2 "trainer: unknown key 'step'" train roll.csv -o x.safetensors --train "step=3"
refuses 2 "objective=" train roll.csv -o x.safetensors --train "objective=best"
refuses 2 "seed=x" train roll.csv -o x.safetensors --train "seed=x"
refuses 2 "--steps -1" train roll.csv -o x.safetensors --steps -1
refuses 2 "--steps 0, expected a whole number 1.." train roll.csv -o x.safetensors --steps 0
refuses 2 "--train steps=0, expected a whole number of at least 1" train roll.csv -o x.safetensors --train "steps=0"
refuses 2 "--threads 2000" train roll.csv -o x.safetensors --threads 2000
refuses 1 "shape holds 3 values, but a sample of the data has 2" train roll.csv -o x.safetensors --model "mlp shape=3"
refuses 2 "takes vectors (condition=2)" train roll.csv -o x.safetensors --model "mlp condition=2"
refuses 1 "has no labels" train roll.csv -o x.safetensors --model "mlp classes=3"
refuses 1 "but the model has classes=3" train "$data/digits.csv.gz" -o x.safetensors --data labels=last \
    --model "mlp classes=3"
refuses 1 "expected 0 or 1 for the binomial kernel" train roll.csv -o x.safetensors \
    --schedule "constant_rate steps=20 kernel=binomial rate=0.2"
{ cat beats.csv; tail -1 beats.csv | tr 01 23; } >held.csv
refuses 1 "of sample 0 (from 0) is" train held.csv -o x.safetensors --data hold_out=1 \
    --schedule "constant_rate steps=20 kernel=binomial rate=0.2"
refuses 2 "--data: the shape is to have 2 values, but the samples of the model have 20" train roll.csv -o x.safetensors \
    --init beats.safetensors --data "shape=2 scale=unit"
refuses 2 "--data: the shape is to have 20 values, but the samples of the model have 2" bound roll.safetensors beats.csv \
    --data shape=4,5
printf '1.5,1.5\n1.5,1.5\n' >constant.csv
refuses 1 "no variance" train constant.csv -o x.safetensors
refuses 2 "--resume goes on with" train roll.csv -o x.safetensors --resume part.checkpoint.safetensors --model mlp
refuses 2 "--resume goes on with" train roll.csv -o x.safetensors --resume part.checkpoint.safetensors --init roll.safetensors
refuses 2 "seed=2, but the run was begun with seed=1" train roll.csv -o x.safetensors \
    --resume part.checkpoint.safetensors --train "rate=1e-4 seed=2"
refuses 2 "unknown key 'rat'" train roll.csv -o x.safetensors --resume part.checkpoint.safetensors --train rat=1
refuses 2 "has taken 40 steps already" train roll.csv -o x.safetensors --resume part.checkpoint.safetensors --steps 39
refuses 2 "has taken 40 steps already" train roll.csv -o x.safetensors --resume part.checkpoint.safetensors --train steps=39
refuses 1 "but the run began with 300" train roll.csv -o x.safetensors --resume part.checkpoint.safetensors \
    --data count=100
works "other data" data swiss-roll -n 300 --seed 2 -o other.csv
refuses 1 "other.csv: other values, or another order" train other.csv -o x.safetensors \
    --resume part.checkpoint.safetensors --steps 50
refuses 1 "other values, or another order" train roll.csv -o x.safetensors --resume part.checkpoint.safetensors \
    --data shuffle=yes --steps 50
for other in scale=unit scale=none dequantize=yes; do
    refuses 2 "scale and dequantize are not what the run began with" train roll.csv -o x.safetensors --data $other \
        --resume part.checkpoint.safetensors --steps 50
done
works "the same scale" train roll.csv -o again.safetensors --resume part.checkpoint.safetensors -q \
    --data "scale=columns dequantize=no"

# A rate that has fallen to 0 rises again where the end moves, and another may be given; nothing else changes.
works decayed train roll.csv -o decayed.safetensors --model "$small" --train "$fast decay=cosine" --checkpoint-every 40 -q
works "a longer decay" train roll.csv -o longer.safetensors --resume decayed.checkpoint.safetensors --steps 80 \
    --train "seed=1"
checks=$((checks + 1))
grep -q "note: the learning rate goes on at 0.0005, no longer at 0" err.txt || note "a longer decay: $(cat err.txt)"
checks=$((checks + 1))
cmp -s longer.safetensors decayed.safetensors && note "steps beyond the end of a decay changed nothing"
works "another rate" train roll.csv -o other.safetensors --resume decayed.checkpoint.safetensors \
    --train "rate=1e-4 decay=none steps=41" --checkpoint-every 41 -q
checks=$((checks + 1))
grep -aq 'steps=41 batch=16 optimizer=adam rate=0.0001 warmup=0 decay=none' other.checkpoint.safetensors ||
    note "another rate: not in the checkpoint"
works "to the end of the decay" train roll.csv -o decayed.safetensors --resume decayed.checkpoint.safetensors -q

# A program's own checkpoint need not say how long the run is to be.
LC_ALL=C sed 's/ steps=40 batch/ steps=00 batch/' part.checkpoint.safetensors >endless.checkpoint.safetensors
refuses 2 "endless.checkpoint.safetensors: would be written over, but a run is there that has come to step 40; --resume" \
    train roll.csv -o endless.safetensors
refuses 2 "did not say how long it is to be, which takes --steps N" train roll.csv -o x.safetensors \
    --resume endless.checkpoint.safetensors
works "an end" train roll.csv -o endless.safetensors --resume endless.checkpoint.safetensors --steps 42 -q

refuses 1 "safetensors" train roll.csv -o x.safetensors --resume missing.safetensors
refuses 1 "roll.safetensors" train roll.csv -o x.safetensors --resume roll.safetensors
refuses 1 "a sample has 20 values" train beats.csv -o x.safetensors --resume part.checkpoint.safetensors

# A run that blows up: one sentence, and the last good state beside the output.
checks=$((checks + 1))
"$tool" train roll.csv -o wild.safetensors --model "mlp width=16 depth=2" \
    --train "optimizer=sgd rate=1e30 batch=16 steps=50" -q 2>err.txt
status=$?
[ "$status" -eq 1 ] || note "a run that blows up: status $status, expected 1"
grep -q "last good state, step .* is in wild.checkpoint.safetensors" err.txt || note "a run that blows up: $(cat err.txt)"
[ -e wild.safetensors ] && note "a run that blew up left a model"
works "the last good state" info wild.checkpoint.safetensors

# Where that is the state before the first step, no work is in it, and the next try may write over it.
checks=$((checks + 1))
"$tool" train roll.csv -o wilder.safetensors --model "$small" --train "optimizer=adamw rate=1e20 weight_decay=1e30 batch=16 steps=50" -q 2>err.txt
grep -q "last good state, step 0, is in wilder.checkpoint.safetensors" err.txt || note "no step at all: $(cat err.txt)"
works "the next try" train roll.csv -o wilder.safetensors --model "$small" --train "$fast" -q

# Fine-tuning: of a model and of a folder; what they know of their data stays.
works "other data" data swiss-roll -n 300 --seed 3 --noise 0.1 -o narrow.csv
works tuned train narrow.csv -o tuned.safetensors --init roll.safetensors --train "$fast" --data hold_out=100
checks=$((checks + 1))
grep -q "200 x 2, 100 held out; mlp width=16 depth=2, 900 parameters; cosine steps=1000; hybrid, 40 steps of 16" err.txt ||
    note "tuned: said $(cat err.txt)"
works info info roll.safetensors
grep -E "^model|^schedule|data.shift|data.scale" out.txt >old.txt
works info info tuned.safetensors
prints "data.samples                 200"
grep -E "^model|^schedule|data.shift|data.scale" out.txt >new.txt
same old.txt new.txt "what is known of a model, before and after fine-tuning"
works "no step at all" train narrow.csv -o still.safetensors --init roll.safetensors --train "$fast rate=0 ema=0" -q
works samples sample roll.safetensors -n 3 -o a.csv -q --sampler "ancestral steps=10"
works samples sample still.safetensors -n 3 -o b.csv -q --sampler "ancestral steps=10"
same a.csv b.csv "a model, and the same trained at rate 0"
works "a schedule and a scale of its own" train narrow.csv -o tuned.safetensors --init roll.safetensors --train "$fast" -q \
    --schedule "linear steps=1000" --data scale=unit
works info info tuned.safetensors
prints "linear steps=1000"
refuses 2 "--model is out of place" train roll.csv -o x.safetensors --init roll.safetensors --model mlp
refuses 2 "is read, so the output roll.safetensors may not go there" train roll.csv -o roll.safetensors --init roll.safetensors
refuses 1 "a sample has 20 values" train beats.csv -o x.safetensors --init roll.safetensors
gzip -dc "$data/digits.csv.gz" | cut -d, -f1-64 >pixels.csv
refuses 1 "has no labels, but the model has classes=10" train pixels.csv -o x.safetensors --init digits.safetensors \
    --data labels=none
refuses 1 "missing.safetensors: cannot open" train roll.csv -o x.safetensors --init missing.safetensors
printf 'a,b\n1,2\n3,5\n2,2\n' >ab.csv
printf 'b,a\n2,1\n5,3\n2,2\n' >ba.csv
works "named columns" train ab.csv -o ab.safetensors --model "$small" --train "batch=4 steps=2" -q
refuses 1 "the columns are those of the model in another order" train ba.csv -o x.safetensors --init ab.safetensors
