# Signals while training: a checkpoint and how to go on, for every signal that asks to stop; two at once are one.

works roll data swiss-roll -n 300 -o sig.csv
mkdir sig
slow="mlp width=512 depth=4"

# A shell starts what runs in the background with SIGINT and SIGQUIT ignored.
# train_and SIGNALS: starts a long run, sends the signals once it trains, sets status.
train_and() {
    rm -f sig/* steps.jsonl
    env --default-signal=INT,QUIT "$tool" train sig.csv -o sig/m.safetensors --model "$slow" --train "batch=64 steps=100000" \
        --log steps.jsonl 2>err.txt &
    run=$!
    until_written steps.jsonl "$run"
    for signal in $1; do
        kill "-$signal" "$run"
    done
    wait "$run"
    status=$?
}

for pair in HUP:129 QUIT:131 USR1:138 ALRM:142 TERM:143 XCPU:152; do
    checks=$((checks + 1))
    signal=${pair%:*}
    train_and "$signal"
    [ "$status" -eq "${pair#*:}" ] || note "$signal: status $status, expected ${pair#*:}"
    [ "$(ls sig)" = m.checkpoint.safetensors ] || note "$signal: left '$(ls sig)'"
    grep -q 'go on with' err.txt || note "$signal: said '$(cat err.txt)'"
done
for both in "INT INT" "TERM INT" "HUP TERM INT INT"; do
    checks=$((checks + 1))
    train_and "$both"
    [ "$(ls sig)" = m.checkpoint.safetensors ] || note "$both: left '$(ls sig)'"
    grep -q 'go on with' err.txt || note "$both: said '$(cat err.txt)'"
done

# How to go on, whatever the data is called and however results are told.
checks=$((checks + 1))
cp sig.csv ./-sig.csv
rm -f steps.jsonl
env --default-signal=INT "$tool" train -o sig/dash.safetensors --model "$slow" --train "batch=64 steps=100000" --json --force \
    --log steps.jsonl -- -sig.csv >out.txt 2>err.txt &
run=$!
until_written steps.jsonl "$run"
kill -INT "$run"
wait "$run"
grep -q '^  diffusion train ./-sig.csv --resume sig/dash.checkpoint.safetensors .* --force --json' err.txt ||
    note "a name that begins with a dash: said '$(cat err.txt)'"
rm ./-sig.csv sig/dash.checkpoint.safetensors

# What was ignored stays so.
checks=$((checks + 1))
(trap '' INT HUP && exec "$tool" train sig.csv -o sig/n.safetensors --model "$slow" --train "batch=64 steps=60" 2>err.txt) &
run=$!
sleep 0.3
kill -INT "$run"
kill -HUP "$run"
wait "$run" || note "ignored signals: status $?: $(cat err.txt)"
[ -s sig/n.safetensors ] || note "ignored signals ended the run"

# A file larger than allowed: one sentence, nothing half-written.
checks=$((checks + 1))
(ulimit -f 8 && "$tool" train sig.csv -o sig/big.safetensors --model "$slow" --train "batch=8 steps=2" -q) 2>err.txt
status=$?
[ "$status" -eq 1 ] && grep -q 'File too large' err.txt && [ "$(wc -l <err.txt)" -eq 1 ] ||
    note "a limit of file size: status $status, said '$(cat err.txt)'"
ls sig | grep -q big && note "a limit of file size: left '$(ls sig)'"
