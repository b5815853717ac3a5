#!/bin/sh
# Trainings killed at random moments and resumed, and two at once that save to the same names:
#   kill.sh DIFFUSION KILLS PAIRS
# At the end there are the same bits as of an undisturbed run, and no other file.
set -u
tool=$1
kills=$2
pairs=$3
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 1
export OPENBLAS_CORETYPE= # else the tool begins anew, as another program

fail() {
    echo "kill.sh: $1"
    ls
    exit 1
}

seed=1
# below N: a whole number 0..N-1, the same in every run of this script.
below() {
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    drawn=$((seed / 65536 % $1))
}

steps=400
# train NAME, in a subshell, which it takes over: a run of so many steps, from the last checkpoint if there is one.
train() {
    name=$1
    if [ -e "$name.checkpoint.safetensors" ]; then
        exec "$tool" train d.csv -o "$name.safetensors" --resume "$name.checkpoint.safetensors" --steps $steps \
            --checkpoint-every 1 -q
    else
        exec "$tool" train d.csv -o "$name.safetensors" --model "mlp width=64 depth=2" --train "batch=16 ema=0.9 seed=3" \
            --steps $steps --checkpoint-every 1 -q
    fi
}

"$tool" data swiss-roll -n 64 -o d.csv >/dev/null && (train truth) || fail "the undisturbed run failed"
mv truth.safetensors truth
mv truth.checkpoint.safetensors truth.checkpoint

done_kills=0
runs=0
early=0
while [ "$done_kills" -lt "$kills" ]; do
    runs=$((runs + 1))
    rm -f m.safetensors m.checkpoint.safetensors
    until [ -e m.safetensors ] && cmp -s m.safetensors truth; do
        if [ "$done_kills" -lt "$kills" ]; then
            below 300
            (train m) >out.txt 2>&1 &
            process=$!
            sleep "0.$(printf %03d "$drawn")"
            kill -KILL "$process" 2>/dev/null && done_kills=$((done_kills + 1)) || early=$((early + 1))
            wait "$process" 2>/dev/null
            [ "$(find . -name '*.part' | wc -l)" -le 2 ] || fail "kills left more than a file for each output"
        else
            (train m) >out.txt 2>&1 || fail "a resumed run failed: $(cat out.txt)"
            cmp -s m.safetensors truth || fail "the model has other bits than that of the undisturbed run"
        fi
    done
done
cmp -s m.checkpoint.safetensors truth.checkpoint || fail "the checkpoint has other bits"
rm -f out.txt
[ "$(echo *)" = "d.csv m.checkpoint.safetensors m.safetensors truth truth.checkpoint" ] || fail "a file was left"
echo "$done_kills kills in $runs trainings of $steps steps: the same bits, no file left ($early came too late)"

# Two writers of one name: both succeed, and what is there is of one of them.
"$tool" data swiss-roll -n 64 --seed 2 -o e.csv >/dev/null
i=0
while [ "$i" -lt "$pairs" ]; do
    i=$((i + 1))
    rm -f m.safetensors m.checkpoint.safetensors
    "$tool" train d.csv -o m.safetensors --model "mlp width=64 depth=2" --train "batch=16 seed=4" --steps 20 \
        --checkpoint-every 1 --force -q >out.txt 2>&1 &
    first=$!
    "$tool" train d.csv -o m.safetensors --model "mlp width=64 depth=2" --train "batch=16 seed=5" --steps 20 \
        --checkpoint-every 1 --force -q >out2.txt 2>&1
    status=$?
    wait "$first" && [ "$status" -eq 0 ] || fail "one of two writers failed: $(cat out.txt out2.txt)"
    "$tool" info m.safetensors >/dev/null && "$tool" info m.checkpoint.safetensors >/dev/null ||
        fail "two writers left a file that is not whole"
    [ "$(find . -name '*.part' | wc -l)" -eq 0 ] || fail "two writers left a .part"
done
echo "$pairs pairs that saved to one name: whole files, no other"
