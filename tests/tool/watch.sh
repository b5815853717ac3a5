# What shows a training while it runs, the log and the previews: they change no bit of it, and go on with it.

works watched train roll.csv -o watched.safetensors --model "$small" --train "$fast" --data hold_out=100 -q --log watched.jsonl \
    --preview 15 --preview-file "seen-{step}.png"
works unwatched train roll.csv -o plain.safetensors --model "$small" --train "$fast" --data hold_out=100 -q
same watched.safetensors plain.safetensors "a run with a log and previews, and without"
for step in 15 30 40; do
    is_png seen-0000$step.png
done
checks=$((checks + 1))
[ "$(ls seen-* | wc -l)" -eq 3 ] || note "previews: $(ls seen-*)"
cmp -s seen-000015.png seen-000040.png && note "the previews of steps 15 and 40 are the same"
works "beside the model" train roll.csv -o watched.safetensors --model "$small" --train "$fast" -q --preview 40
is_png watched-preview.png
works "of what no raised signal is read by" train roll.csv -o paper.safetensors -q --steps 20 --preview 20 \
    --model "mlp width=16 depth=2 predict=perturbation" --schedule "constant_rate steps=60" --train "objective=bound batch=16"
is_png paper-preview.png

# The line on the terminal and the log tell one rate: of the step that was taken, not of the next.
works "rates" train roll.csv -o rates.safetensors --model "$small" --train "$fast decay=cosine" --log rates.jsonl
checks=$((checks + 1))
logged=$(tail -n 1 rates.jsonl | sed 's/.*"rate": \([^,]*\),.*/\1/')
grep -q "rate $(awk -v r="$logged" 'BEGIN { printf "%.2g", r }') " err.txt || note "the log's last rate is $logged: $(cat err.txt)"

# without_times FILE: what must be the same in two logs.
without_times() {
    sed 's/, "seconds".*//' "$1"
}

# Steps 1, 2, ... in whole lines.
checks=$((checks + 1))
awk -F'[:,}]' '{ if ($2 != NR || $NF != "" || $0 !~ /^{"step": [0-9]+, "loss": [-+0-9.e]+, ("held_out": [-+0-9.e]+, )?"rate": [-+0-9.e]+, "seconds": [0-9.]+, "samples_per_second": [0-9.]+}$/) exit 1 }
    END { exit NR != 40 }' watched.jsonl || note "a log of 40 steps: $(cat watched.jsonl)"
checks=$((checks + 1))
[ "$(grep -c held_out watched.jsonl)" -eq 4 ] || note "held out: measured $(grep -c held_out watched.jsonl) times, expected 4"

# Killed at any time and resumed: the log of a run that was never stopped. What lies beyond the checkpoint goes.
without_times watched.jsonl >whole.txt
works "20 steps" train roll.csv -o cut.safetensors --model "$small" --train "$fast" --data hold_out=100 -q --steps 20 \
    --checkpoint-every 20 --log cut.jsonl
sed -n 21,23p watched.jsonl >>cut.jsonl
printf '{"step": 24, "lo' >>cut.jsonl
works "and the rest" train roll.csv -o cut.safetensors --resume cut.checkpoint.safetensors --steps 40 -q \
    --data hold_out=100 --checkpoint-every 40 --log cut.jsonl
without_times cut.jsonl >cut.txt
same whole.txt cut.txt "the logs of a run and of one in two parts"
checks=$((checks + 1))
awk -F'"seconds": ' '{ if ($2 + 0 < last) exit 1; last = $2 + 0 }' cut.jsonl || note "seconds fall at the resume"
long="batch=16 steps=3000"
"$tool" train roll.csv -o killed.safetensors --model "$small" --train "$long" -q --log killed.jsonl \
    --checkpoint-every 50 2>err.txt &
run=$!
until_written killed.checkpoint.safetensors "$run"
kill -KILL "$run"
wait "$run" 2>/dev/null
checks=$((checks + 1))
[ "$(tail -c 1 killed.jsonl | od -An -c | tr -d ' ')" = '\n' ] || note "a killed run left a part of a line: $(tail -n 1 killed.jsonl)"
works "on from there" train roll.csv -o killed.safetensors --resume killed.checkpoint.safetensors --steps 600 \
    --train steps=600 -q --log killed.jsonl
works whole train roll.csv -o killed-not.safetensors --model "$small" --train "batch=16 steps=600" -q --log killed-not.jsonl
without_times killed.jsonl | head -n 600 >killed.txt
without_times killed-not.jsonl >killed-not.txt
same killed.txt killed-not.txt "the log of a killed and resumed run"

# Two runs do not share a log: their lines would mix.
checks=$((checks + 1))
"$tool" train roll.csv -o owner.safetensors --model "$small" --train "batch=16 steps=200000" -q --log owned.jsonl 2>err.txt &
run=$!
until_written owned.jsonl "$run"
refuses 1 "owned.jsonl: another training writes it" train roll.csv -o guest.safetensors --model "$small" --train "$fast" --log owned.jsonl -q
kill -TERM "$run"
wait "$run"
awk -F'[:,]' '$2 != NR { exit 1 }' owned.jsonl || note "a log that another run wanted: $(head -n 3 owned.jsonl)"

# Ctrl-C: the command that resumes has them too.
checks=$((checks + 1))
env --default-signal=INT "$tool" train roll.csv -o "it's.safetensors" --model "$small" --train "batch=16 steps=200000" -q \
    --log "it's.jsonl" --preview 7 --preview-file "it's {step}.png" 2>err.txt &
run=$!
until_written "it's.jsonl" "$run"
kill -INT "$run"
wait "$run"
grep -qF -- "--log 'it'\\''s.jsonl' --preview 7 --preview-file 'it'\\''s {step}.png'" err.txt || note "resume: $(cat err.txt)"
rm -f it*

# A signal while the last preview is drawn: the model is there, and that its preview is not is said.
checks=$((checks + 1))
env --default-signal=INT "$tool" train beats.csv -o late.safetensors --model "mlp width=256 depth=4 predict=perturbation" \
    --schedule "constant_rate steps=20000 kernel=binomial rate=0.2" --train "batch=4 steps=1" --preview 1 --log late.jsonl 2>err.txt &
run=$!
until_written late.jsonl "$run"
kill -INT "$run"
wait "$run" && [ -s late.safetensors ] && [ ! -e late-preview.png ] && grep -q "note: no preview at step 1: interrupted" err.txt ||
    note "a signal at the last preview: $(cat err.txt)"

works "to standard output" train roll.csv -o piped.safetensors --model "$small" --train "$fast" -q --log -
checks=$((checks + 1))
[ "$(wc -l <out.txt)" -eq 40 ] || note "--log -: $(cat out.txt)"
printf '1,2\n3,4\n5,7\n' >lines.csv
cp lines.csv lines.jsonl
refuses 1 "lines.jsonl: not the log of a training: 1,2" train roll.csv -o x.safetensors --resume part.checkpoint.safetensors \
    --steps 41 -q --log lines.jsonl
same lines.csv lines.jsonl "no log, which was refused"
works "a new log" train roll.csv -o fresh.safetensors --resume cut.checkpoint.safetensors --steps 41 --log fresh.jsonl \
    --data hold_out=100
checks=$((checks + 1))
grep -q "note: fresh.jsonl: ends at step 0, and the run goes on from 40" err.txt || note "a gap: $(cat err.txt)"
[ "$(wc -l <fresh.jsonl)" -eq 1 ] || note "a new log: $(cat fresh.jsonl)"

# No room for the log: the run can go on when there is some.
checks=$((checks + 1))
(ulimit -f 32 && "$tool" train roll.csv -o full.safetensors --model "mlp width=4 depth=1" --train "batch=4 steps=300" -q \
    --log full.jsonl --plot full.png) 2>err.txt
status=$?
[ "$status" -eq 1 ] && grep -q '^diffusion: full.jsonl: cannot write: File too large; full.png: cannot write: File too large; the last good state, step .* is in full.checkpoint' err.txt ||
    note "no room for the log: status $status, said $(cat err.txt)"
[ "$(tail -c 1 full.jsonl | od -An -c | tr -d ' ')" = '\n' ] || note "no room for the log: left a part of a line"
works "with room" train roll.csv -o full.safetensors --resume full.checkpoint.safetensors --log full.jsonl
checks=$((checks + 1))
grep -q "note: full.jsonl: ends at step" err.txt && [ "$(wc -l <full.jsonl)" -eq 299 ] || # all but the one without room
    note "with room: $(wc -l <full.jsonl) lines, expected 299: $(cat err.txt)"

# No room for the plot: what is said names the model all the same.
checks=$((checks + 1))
(ulimit -f 32 && "$tool" train roll.csv -o small.safetensors --model "mlp width=4 depth=1" --train "batch=4 steps=30" -q \
    --plot small.png) 2>err.txt
status=$?
[ "$status" -eq 1 ] && [ "$(cat err.txt)" = "diffusion: small.png: cannot write: File too large; the model is in small.safetensors" ] &&
    [ -s small.safetensors ] || note "no room for the plot: status $status, said $(cat err.txt)"

# Nor does it hide how an interrupted run goes on.
checks=$((checks + 1))
mkdir plots
env --default-signal=INT "$tool" train roll.csv -o unplotted.safetensors --model "$small" --train "batch=16 steps=200000" -q \
    --log unplotted.jsonl --plot plots/loss.png 2>err.txt &
run=$!
until_written unplotted.jsonl "$run"
rm -r plots
kill -INT "$run"
wait "$run"
grep -q 'go on with' err.txt && [ -s unplotted.checkpoint.safetensors ] &&
    [ "$(tail -n 1 err.txt)" = "diffusion: plots/loss.png: cannot write: No such file or directory" ] || note "no folder for the plot: said $(cat err.txt)"

# A column for each class; rows of bits; one column of numbers; classes of points; few steps.
works "pictures" train "$data/digits.csv.gz" -o seen.safetensors --data "labels=last shape=8,8,1" --model "mlp width=16 depth=2" \
    --train "$fast" --preview 40 -q
is_png seen-preview.png
works "bits" train beats.csv -o bits.safetensors --schedule "constant_rate steps=20 kernel=binomial rate=0.2" --train "$fast" \
    --preview 40 -q
is_png bits-preview.png
cut -d, -f1 roll.csv >one.csv
works "one column, T = 5, edge=forward" train one.csv -o one.safetensors --schedule "linear steps=5 beta_end=0.9" \
    --model "mlp width=8 depth=1" --train "$fast edge=forward" --preview 40 -q
is_png one-preview.png
works "classes of points, edge=forward" train "$data/digits.csv.gz" -o points.safetensors --data labels=last \
    --model "mlp width=16 depth=2 predict=perturbation variance=learned" --train "$fast edge=forward objective=bound" --preview 40 -q
is_png points-preview.png
for schedule in "edm steps=50" "flow steps=3" "flow steps=21" "linear steps=1 beta_end=0.5 beta_start=0.5"; do
    works "$schedule" train roll.csv -o any.safetensors --schedule "$schedule" --model "mlp width=8 depth=1 predict=x0" \
        --train "$fast" --preview 40
    checks=$((checks + 1))
    grep -q "no preview" err.txt && note "$schedule: $(cat err.txt)"
done

refuses 2 "--log x.csv: expected a name that ends in .jsonl" train roll.csv -o x.safetensors --log x.csv
refuses 2 "--preview -1, expected a whole number" train roll.csv -o x.safetensors --preview -1
refuses 2 "--preview-file x.png: expected --preview N" train roll.csv -o x.safetensors --preview-file x.png
refuses 2 "--preview-file x.jpg: expected a name that ends in .png" train roll.csv -o x.safetensors --preview 3 --preview-file x.jpg
refuses 1 "nowhere/x.png: cannot write: No such file" train roll.csv -o x.safetensors --preview 3 --preview-file nowhere/x.png
mkdir shown
works shown data dead-leaves -n 4 --size 8 -o shown
refuses 2 "would be a picture in the folder shown, which is read" train shown -o x.safetensors --preview 3 --preview-file "shown/{step}.png"
refuses 2 "would be a picture in the folder shown, which is read" train shown -o shown/x.safetensors --preview 3
