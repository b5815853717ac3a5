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
resume=$(printf '%s' "$resume" | sed 's/ --checkpoint-every 1//')
eval "\"\$tool\" $resume" 2>err.txt || note "resume: $(cat err.txt)"
[ -e stopped.checkpoint.safetensors ] && note "a finished run left its checkpoint"
same whole.safetensors stopped.safetensors "an interrupted and resumed run"

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
refuses 2 "--threads 2000" train roll.csv -o x.safetensors --threads 2000
refuses 1 "shape holds 3 values, but a sample of the data has 2" train roll.csv -o x.safetensors --model "mlp shape=3"
refuses 2 "takes vectors (condition=2)" train roll.csv -o x.safetensors --model "mlp condition=2"
refuses 1 "has no labels" train roll.csv -o x.safetensors --model "mlp classes=3"
refuses 1 "but the model has classes=3" train "$data/digits.csv.gz" -o x.safetensors --data labels=last \
    --model "mlp classes=3"
refuses 1 "expected 0 or 1 for the binomial kernel" train roll.csv -o x.safetensors \
    --schedule "constant_rate steps=20 kernel=binomial rate=0.2"
printf '1.5,1.5\n1.5,1.5\n' >constant.csv
refuses 1 "no variance" train constant.csv -o x.safetensors
refuses 2 "--resume goes on with" train roll.csv -o x.safetensors --resume part.checkpoint.safetensors --model mlp
refuses 1 "but the run began with 300" train roll.csv -o x.safetensors --resume part.checkpoint.safetensors \
    --data count=100
works "other data" data swiss-roll -n 300 --seed 2 -o other.csv
refuses 1 "other.csv: other values, or another order" train other.csv -o x.safetensors \
    --resume part.checkpoint.safetensors --steps 50
refuses 1 "other values, or another order" train roll.csv -o x.safetensors --resume part.checkpoint.safetensors \
    --data shuffle=yes --steps 50
works decayed train roll.csv -o decayed.safetensors --model "$small" --train "$fast decay=cosine" --checkpoint-every 40 -q
refuses 2 "begun with decay=cosine steps=40" train roll.csv -o x.safetensors --resume decayed.checkpoint.safetensors \
    --steps 41
works "to the end of the decay" train roll.csv -o decayed.safetensors --resume decayed.checkpoint.safetensors -q
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
