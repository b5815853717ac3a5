# Samples and bounds of the models that train.sh has made.

works png sample roll.safetensors -n 50 -o s.png -q --sampler "ancestral steps=10"
is_png s.png
works csv sample roll.safetensors -n 20 -o s.csv -q --sampler "ancestral steps=10 seed=5"
works csv.gz sample roll.safetensors -n 20 -o s.csv.gz -q --sampler "ancestral steps=10 seed=5" --threads 1
gzip -dc s.csv.gz >t.csv
same s.csv t.csv "samples as CSV and compressed, by 1 thread and all"
works csv.gz sample roll.safetensors -n 10 -o t.csv -q --sampler "ancestral steps=10 seed=5 first=10"
tail -10 s.csv >u.csv
same t.csv u.csv "samples 10..19, alone and with 0..9"
works npy sample roll.safetensors -n 20 -o s.npy -q --sampler "ancestral steps=10 seed=5"
works info info s.npy
prints "samples        20"
works trajectory sample roll.safetensors -n 30 --trajectory t.png -o v.csv -q --sampler "ancestral steps=10 seed=5"
is_png t.png
head -20 v.csv >w.csv
same s.csv w.csv "samples with a trajectory and without"
works "trajectory of data" sample roll.safetensors roll.csv -n 30 --trajectory t.png -q --sampler "ancestral steps=10"
# Every solver shows its way: of many steps, of one, on a schedule that keeps no variance.
works edm train roll.csv -o edm.safetensors --schedule "edm steps=30" --train "$fast" -q --model "mlp width=8 depth=1 predict=edm"
for kind in ancestral ddim dpmsolver++ dpmsolver sde-dpmsolver++ sde-dpmsolver unipc deis euler heun kdpm2 lms pndm ipndm sa_solver \
    euler_ancestral kdpm2_ancestral dpmpp_2s dpmpp_sde; do
    for steps in 4 1; do
        for model in roll edm; do
            works "trajectory: $kind steps=$steps" sample $model.safetensors -n 5 --trajectory t.png -q --sampler "$kind steps=$steps"
        done
    done
done
works "trajectory: dpm_fast" sample roll.safetensors -n 5 --trajectory t.png -q --sampler dpm_fast
refuses 2 "dpm_adaptive takes all its steps within one" sample roll.safetensors -n 5 --trajectory u.png --sampler dpm_adaptive
works digits sample digits.safetensors -n 12 -o d.png --columns 4 -q --sampler "ancestral steps=10" --labels 3,1 \
    --trajectory t.png
is_png d.png
is_png t.png
works "digits beside data" sample digits.safetensors "$data/digits.csv.gz" -n 12 -o d.png -q --sampler "ancestral steps=10"
is_png d.png
works digits sample digits.safetensors -n 12 -o d.npy -q --sampler "ancestral steps=10"
works info info d.npy
prints "shape          8,8,1"
works "digits as CSV" sample digits.safetensors -n 12 -o d.csv -q --sampler "ancestral steps=10" --labels none
works info info d.csv
prints "whole numbers"
# So many of each class: a column each, and labels that say which.
works "of each class" sample digits.safetensors --n-per-class 3 -o d.png -q --sampler "ancestral steps=10"
is_png d.png
works "of some classes" sample digits.safetensors --n-per-class 2 --labels 3,1 -o d.csv -q --sampler "ancestral steps=10 seed=4"
checks=$((checks + 1))
[ "$(awk -F, '{ printf "%s/%d ", $NF, NF }' d.csv)" = "3/65 1/65 3/65 1/65 " ] || note "labels: $(cut -d, -f60- d.csv)"
works "the same" sample digits.safetensors -n 4 --labels 3,1 -o e.csv -q --sampler "ancestral steps=10 seed=4"
same d.csv e.csv "samples of each of two classes, and as many of these in turn"
works "as an array" sample digits.safetensors --n-per-class 2 -o d.npy -q --sampler "ancestral steps=10"
works info info d-labels.npy
prints "samples        20"
prints "whole numbers, 0..9"
works "a bound of them" bound digits.safetensors d.npy -q --data "labels=d-labels.npy" --bound draws=1
refuses 2 "sample: --data says how to read DATA, which is missing" sample roll.safetensors -o x.csv --data roll.csv
refuses 2 "this model has no classes" sample roll.safetensors -o x.csv --n-per-class 2
refuses 2 "--n-per-class 0, expected a whole number" sample digits.safetensors -o x.csv --n-per-class 0
refuses 2 "so -n and --columns are out of place" sample digits.safetensors -o x.csv --n-per-class 2 -n 20
refuses 2 "--n-per-class -1, expected a whole number" sample digits.safetensors -o x.csv --n-per-class -1
refuses 2 "with --labels none, expected classes" sample digits.safetensors -o x.csv --n-per-class 1 --labels none
refuses 2 "labels into a file beside" sample digits.safetensors -o -.npy --n-per-class 1
refuses 2 "not shown beside the classes" sample digits.safetensors "$data/digits.csv.gz" -o x.png --n-per-class 1
refuses 2 "would be 1000000000 samples" sample digits.safetensors -o x.csv --n-per-class 100000000
refuses 2 "-n 0, expected a whole number" sample digits.safetensors -o x.csv -n 0
works beats sample beats.safetensors -n 12 -o b.csv -q
works info info b.csv
prints "whole numbers"
works "beats beside data" sample beats.safetensors beats.csv -n 12 -o b.png -q
is_png b.png
works "beats as pictures" sample beats.safetensors -n 12 -o b.png --trajectory t.png -q
is_png b.png
is_png t.png

works bound bound roll.safetensors roll.csv -q --plot kl.png
is_png kl.png
prints "K - L_null"
prints "bits/sample"
# Steps drawn at random, or all of them: the output says which.
works "some steps" bound roll.safetensors roll.csv -q --bound "steps=3" --plot kl.png
is_png kl.png
prints "3 of the 999 KLs of steps 2..T for each draw"
works "all steps" bound roll.safetensors roll.csv -q --exact
checks=$((checks + 1))
grep -q "of the 999 KLs" out.txt && note "--exact says that it draws steps: $(cat out.txt)"
mv out.txt all.txt
works "as many steps as there are" bound roll.safetensors roll.csv -q --bound "steps=999"
same all.txt out.txt "all steps by --exact and by their number"
refuses 2 "--exact measures every step" bound roll.safetensors roll.csv -q --exact --bound "steps=3"
refuses 2 "terms=sampled" bound roll.safetensors roll.csv -q --exact --bound "terms=sampled"
works json bound roll.safetensors roll.csv -q --json --bound "draws=2 seed=3 steps=5"
prints '"samples": 300'
prints '"kls_measured": 5'
prints '"k_minus_null_bits": '
mv out.txt keys.txt
works "the spec itself" bound roll.safetensors roll.csv -q --json --bound "elbo draws=2 seed=3 steps=5"
same keys.txt out.txt "the keys of a bound and its whole spec"
# K is the sum of its parts, to the digits of a double.
checks=$((checks + 1))
awk -F'[:,]' '/"k_bits"/ { k = $2 } /"edge_bits"/ { e = $2 } /"kl_bits"/ { s = $2 } /"prior_bits"/ { p = $2 }
    END { d = k - (e - s - p); exit !(d < 1e-9 && d > -1e-9) }' out.txt || note "K is not the sum of its parts: $(cat out.txt)"
works "held out" bound digits.safetensors "$data/digits.csv.gz" --data hold_out=297 -q
prints "297 samples of 64 values, dequantised"
prints "code length of the discrete data"
works binomial bound beats.safetensors beats.csv -q
prints "200 samples of 20 values"

refuses 2 "-o FILE or --trajectory FILE is missing" sample roll.safetensors
refuses 2 "expected a name that ends in" sample roll.safetensors -o s.jpg
refuses 2 "only a picture or --trajectory shows" sample roll.safetensors roll.csv -o x.csv
refuses 2 "for points of the plane only --trajectory shows" sample roll.safetensors roll.csv -o s.png
refuses 2 "sampler: unknown kind" sample roll.safetensors -o x.csv --sampler fast
refuses 2 "did you mean 'steps'?" sample roll.safetensors -o x.csv --sampler "ancestral step=3"
refuses 2 "this model has no classes" sample roll.safetensors -o x.csv --labels 1
refuses 2 "expected classes 0..9" sample digits.safetensors -o x.csv --labels 10
refuses 2 "expected classes 0..9" sample digits.safetensors -o x.csv --labels 1,,2
refuses 1 "missing.safetensors" sample missing.safetensors -o x.csv
refuses 1 "cannot write: No such file" sample roll.safetensors -o nowhere/x.csv
refuses 1 "holds 300 samples" sample roll.safetensors roll.csv -n 301 --trajectory x.png -q
refuses 2 "-n 100000000000, expected a whole number" sample roll.safetensors -n 100000000000 -o x.csv
head -c 500 roll.safetensors >cut.safetensors
refuses 1 "cut.safetensors" sample cut.safetensors -o x.csv
refuses 1 "cut.safetensors" info cut.safetensors
refuses 1 "a sample has 20 values" bound roll.safetensors beats.csv
refuses 1 "missing.csv" bound roll.safetensors missing.csv
gzip -dc "$data/digits.csv.gz" | head -10 | cut -d, -f1-64 >unlabelled.csv
refuses 1 "has no labels" bound digits.safetensors unlabelled.csv --data labels=none
refuses 1 "labels=last" bound roll.safetensors labels.csv --data labels=last
refuses 2 "evaluator: unknown key" bound roll.safetensors roll.csv --bound "drows=3" -q
refuses 2 "argument is missing" bound roll.safetensors
refuses 2 "--plot kl.svg" bound roll.safetensors roll.csv --plot kl.svg
