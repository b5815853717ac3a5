# Inpainting and denoising with the models that train.sh has made.

digits="$data/digits.csv.gz"
works inpaint inpaint digits.safetensors "$digits" --data hold_out=297 -n 3 --draws 2 -o in.png -q \
    --sampler "ancestral steps=10 particles=2"
is_png in.png
prints "of 192 values missing, 2 draws of each"
prints "the mean of all data"
prints "mean of the draws"
for mask in half:left half:right half:top half:bottom half:center random:0.5; do
    works "mask $mask" inpaint digits.safetensors "$digits" -n 3 -o in.npy -q --mask "$mask" --sampler "ancestral steps=5"
done
printf '1,2,3,4,5\n2,4,6,8,9\n3,5,5,7,1\n' >five.csv
for columns in 2 3 5; do # half of each side, of an odd one the smaller part: the columns that are known
    cut -d, -f1-$columns five.csv >few.csv
    works "a model of $columns" train few.csv -o few.safetensors -q --steps 1 --model "mlp width=2 depth=1" --schedule "linear steps=2"
    works "the middle of $columns" inpaint few.safetensors few.csv -o known.csv -q
    prints "$((columns / 2 * 3)) of $((columns * 3)) values missing"
done
cut -d, -f1,4,5 known.csv >ends.csv
cut -d, -f1,4,5 five.csv >truth.csv
same ends.csv truth.csv "the ends of a row"
cut -d, -f1 five.csv >few.csv
works "a model of 1" train few.csv -o few.safetensors -q --steps 1 --model "mlp width=2 depth=1" --schedule "linear steps=2"
refuses 2 "half:center leaves all of a sample of 1x1 missing" inpaint few.safetensors few.csv -o x.csv
refuses 2 "half:left leaves nothing of a sample of 1x1 missing" inpaint few.safetensors few.csv -o x.csv --mask half:left
works "nothing missing" inpaint digits.safetensors "$digits" -n 30 -o whole.csv -q --mask random:0 \
    --sampler "ancestral steps=5 particles=1"
prints "0 of 1920 values missing"
# The first 30 digits come out as they went in, and their labels with them.
gzip -dc "$digits" | head -31 | tail -30 | tr -d '\r' >truth.csv
case $(gzip -dc "$digits" | head -1) in
[0-9]*) gzip -dc "$digits" | head -30 | tr -d '\r' >truth.csv ;;
esac
same whole.csv truth.csv "known pixels, in and out"
works "half missing" inpaint digits.safetensors "$digits" -n 30 -o half.csv -q --mask half:right \
    --sampler "ancestral steps=5 particles=3"
cut -d, -f1-4,9-12,57-60 half.csv >known.csv
cut -d, -f1-4,9-12,57-60 truth.csv >expected.csv
same known.csv expected.csv "the known half"
cmp -s half.csv truth.csv && note "inpaint: the missing half was copied"
works "same seed" inpaint digits.safetensors "$digits" -n 30 -o again.csv -q --mask half:right --threads 1 \
    --sampler "ancestral steps=5 particles=3"
same half.csv again.csv "one seed, 1 thread and all"
works rows inpaint roll.safetensors roll.csv -n 5 -o r.png -q --mask half:left --sampler "ancestral steps=10"
is_png r.png
works bits inpaint beats.safetensors beats.csv -n 5 -o b.csv -q --mask half:right
prints "of the bits are wrong"
works "bits denoised" denoise beats.safetensors beats.csv -n 50 --noise 0.1 -o b.csv -q
prints "of the bits are wrong"
works info info b.csv
prints "whole numbers, 0..1"

works denoise denoise digits.safetensors "$digits" --data hold_out=297 -n 3 --draws 2 --noise 4 -o de.png -q
is_png de.png
prints "noisy"
prints "peak signal to noise"
works "noisy already" denoise digits.safetensors "$digits" -n 3 --noise 4 --noisy -o de.png -q \
    --sampler "ancestral posterior=annealed seed=4 steps=10"
checks=$((checks + 1))
grep -q squared out.txt && note "denoise --noisy: an error without an original"

# Any solver: known values on a path, an observation beside the state.
for solver in "dpmsolver++ spacing=karras" "euler_ancestral" "heun" "unipc" "dpm_adaptive rtol=0.5 atol=0.5"; do
    steps="steps=6 "
    case $solver in dpm_adaptive*) steps= ;; esac
    works "denoise by $solver" denoise digits.safetensors "$digits" -n 3 --noise 4 -o de.npy -q --sampler "$solver $steps"
    [ -n "$steps" ] || continue
    works "inpaint by $solver" inpaint digits.safetensors "$digits" -n 3 -o in.npy -q --sampler "$solver $steps"
done
refuses 1 "dpm_adaptive goes the whole way in one step" inpaint digits.safetensors "$digits" -n 3 -o x.npy -q \
    --sampler dpm_adaptive
refuses 1 "ddim has no p(x_{t-1} | x_t) to multiply by r, expected posterior=exact" denoise digits.safetensors "$digits" \
    -n 3 --noise 4 -o x.npy -q --sampler "ddim steps=4 posterior=constant"
refuses 2 "particles=4 with heun, which has no p(x_{t-1} | x_t) to weigh them by" inpaint digits.safetensors "$digits" \
    -n 3 -o x.npy -q --sampler "heun steps=4 particles=4"

refuses 2 "-o FILE is missing" inpaint digits.safetensors "$digits"
refuses 2 "argument is missing" denoise digits.safetensors --noise 1 -o x.csv
refuses 2 "--noise SIGMA is missing" denoise digits.safetensors "$digits" -o x.csv
refuses 2 "--noise 1e-200, which is a variance of 0 in the model's units" denoise digits.safetensors "$digits" -o x.csv --noise 1e-200
refuses 2 "--noise -1, expected a standard deviation" denoise digits.safetensors "$digits" -o x.csv --noise -1
refuses 2 "--noise 2, expected a probability above 0 and below 1" denoise beats.safetensors beats.csv -o x.csv --noise 2
refuses 2 "--mask half:up, expected half:left" inpaint digits.safetensors "$digits" -o x.csv --mask half:up
refuses 2 "--mask left, expected half:left" inpaint digits.safetensors "$digits" -o x.csv --mask left
refuses 2 "--mask random:2, expected a share" inpaint digits.safetensors "$digits" -o x.csv --mask random:2
refuses 2 "samples are rows" inpaint roll.safetensors roll.csv -o x.csv --mask half:top
printf %s "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAF0lEQVR42mNgQAL/kQADYYn/JOugnQQAqwlgoDUdqJcAAAAASUVORK5CYII=" |
    base64 -d >red.png
refuses 1 "row 2, column 3 (from 0) is a colour" inpaint digits.safetensors "$digits" -o x.csv --mask red.png
refuses 1 "no pixel is white" inpaint digits.safetensors "$digits" -o x.csv --mask black.png
refuses 1 "pixels, but samples have 8x8" inpaint digits.safetensors "$digits" -o x.csv --mask in.png
refuses 1 "a sample has 20 values" inpaint roll.safetensors beats.csv -o x.csv
refuses 2 "posterior=best" denoise digits.safetensors "$digits" -o x.csv --noise 1 --sampler "ancestral posterior=best"
refuses 2 "expected a name that ends in" inpaint digits.safetensors "$digits" -o x.jpg
refuses 2 "--draws 0" inpaint digits.safetensors "$digits" -o x.csv --draws 0
