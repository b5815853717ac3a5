# Averages of any width from a run's snapshots: whole, stopped and resumed, and what is refused.

works "snapshots" train roll.csv -o kept.safetensors --model "$small" --train "$fast" -q --snapshots kept --snapshot-every 5
works "without" train roll.csv -o plain.safetensors --model "$small" --train "$fast" -q
works "its samples" sample kept.safetensors -n 5 -o k1.csv -q
works "samples without" sample plain.safetensors -n 5 -o k2.csv -q
same k1.csv k2.csv "a run with snapshots, and without"
checks=$((checks + 1))
[ "$(ls kept | tr '\n' ' ')" = "$(for i in 05 10 15 20 25 30 35 40; do printf 'snapshot-00000000%s.safetensors ' $i; done)" ] ||
    note "snapshots: $(ls kept)"
works average average kept --width 0.08 -o wide.safetensors
checks=$((checks + 1))
grep -q "^wide.safetensors: width 0.08 at step 40, of 8 snapshots, within 0.01" err.txt || note "average: said '$(cat err.txt)'"
works "its samples" sample wide.safetensors -n 5 -o w.csv -q
works "what it is" info wide.safetensors
prints "average_width                0.08"
works "on from an average" train roll.csv -o on.safetensors --init wide.safetensors --steps 1 -q
works "what it is" info on.safetensors
! grep -q average_width out.txt || note "weights trained on from an average are told as one"

# Stopped after a snapshot that lies beyond the checkpoint, which goes, and resumed: the same snapshots.
works "20 steps" train roll.csv -o cut.safetensors --model "$small" --train "$fast" -q --steps 20 --checkpoint-every 20 \
    --snapshots cuts --snapshot-every 5
cp kept/snapshot-0000000040.safetensors cuts/snapshot-0000000039.safetensors

# Those of another run do not go: a run that differs in its seed alone.
works "another run" train roll.csv -o sown.safetensors --model "$small" --train "$fast seed=2" -q --snapshots sown --snapshot-every 20
refuses 2 "sown/snapshot-0000000040.safetensors: would be removed, but is not known to be of the run that is resumed" train roll.csv -o x.safetensors --steps 40 \
    --resume cut.checkpoint.safetensors --snapshots sown -q
checks=$((checks + 1))
[ -e sown/snapshot-0000000040.safetensors ] || note "a snapshot of another run is gone"
works "the rest" train roll.csv -o cut.safetensors -q --steps 40 --resume cut.checkpoint.safetensors --snapshots cuts --snapshot-every 5
checks=$((checks + 1))
[ "$(ls kept)" = "$(ls cuts)" ] || note "snapshots of a resumed run: $(ls cuts)"
works "average of it" average cuts --width 0.08 -o wide2.safetensors -q
works "its samples" sample wide2.safetensors -n 5 -o w2.csv -q
same w.csv w2.csv "samples of an average, of a run that was stopped and one that was not"

refuses 2 "kept/snapshot-0000000005.safetensors: of another run" train roll.csv -o x.safetensors -q --snapshots kept
refuses 2 "expected --snapshots FOLDER" train roll.csv -o x.safetensors -q --snapshot-every 5
refuses 2 "needs post_hoc_ema=yes" train roll.csv -o x.safetensors --model "$small" -q --steps 3 --snapshots s --train post_hoc_ema=no
refuses 1 "cannot make the folder" train roll.csv -o x.safetensors --model "$small" -q --steps 3 --snapshots no/such
refuses 1 "roll.csv: cannot read the folder" average roll.csv --width 0.1 -o x.safetensors
refuses 1 "nosuch: holds no snapshots" average nosuch --width 0.1 -o x.safetensors
refuses 2 "--width x: expected a number" average kept --width x -o x.safetensors
refuses 2 "--width is missing" average kept -o x.safetensors
refuses 2 "-o is missing" average kept --width 0.1
refuses 2 "--width 0.3: expected more than 0" average kept --width 0.3 -o x.safetensors
refuses 2 "8 snapshots miss the width 0.01" average kept --width 0.01 -o x.safetensors
refuses 2 "is read" average kept --width 0.1 -o kept/snapshot-0000000040.safetensors
cp plain.safetensors kept/snapshot-0000000050.safetensors
refuses 1 "kept/snapshot-0000000050.safetensors: not a snapshot" average kept --width 0.1 -o x.safetensors
rm -r kept
mv cuts kept # for json.sh
