# Data to noise and back, with the models that train.sh has made.

works "encode to npy" encode roll.safetensors roll.csv -n 40 -o l.npy -q --sampler "ddim steps=20"
prints "40 samples of 2 values at t = "
prints "(of noise: 0, 1)"
works "encode to CSV" encode roll.safetensors roll.csv -n 40 -o l.csv -q --sampler "ddim_inverse steps=20" --threads 1
works "decode npy" sample roll.safetensors --latents l.npy -o back.csv -q --sampler "ddim steps=20"
works "decode CSV" sample roll.safetensors --latents l.csv -o back2.csv -q --sampler "ddim steps=20" --threads 1
same back.csv back2.csv "decoded from .npy and from .csv"
checks=$((checks + 1))
[ "$(wc -l <back.csv)" -eq 40 ] || note "--latents: $(wc -l <back.csv) rows of 40"
works "decode some" sample roll.safetensors --latents l.npy -n 7 -o some.csv -q --sampler "ddim steps=20"
head -7 back.csv >t.csv
same some.csv t.csv "the first 7 of 40 latents, alone and with the others"
works "encode to standard output" encode roll.safetensors roll.csv -n 3 -o - -q --sampler "heun steps=5"
checks=$((checks + 1))
[ "$(wc -l <out.txt)" -eq 3 ] && grep -q "3 samples" err.txt || note "latents to standard output: $(cat out.txt err.txt)"
# What comes back is nearer the more steps are taken: the sum of squares of all differences.
lost() {
    works "encode $1" encode roll.safetensors roll.csv -n 40 -o l.csv -q --sampler "$1"
    works "decode $1" sample roll.safetensors --latents l.csv -o back.csv -q --sampler "$1"
    head -40 roll.csv | paste -d, - back.csv | awk -F, '{ s += ($1 - $3)^2 + ($2 - $4)^2 } END { print s }'
}
few=$(lost "ddim steps=5")
many=$(lost "ddim steps=100")
checks=$((checks + 1))
awk "BEGIN { exit !($many < 0.2 * $few) }" || note "100 steps lose $many, 5 steps $few"

works "between points" interpolate roll.safetensors roll.csv --between 0,9,4 --count 5 -o way.csv -q
prints "10 samples between 3 of the data"
checks=$((checks + 1))
[ "$(wc -l <way.csv)" -eq 10 ] || note "$(wc -l <way.csv) rows of 10 on the way"
works "between points, drawn" interpolate roll.safetensors roll.csv --between 0,9 -o way.png -q --sampler "heun steps=9"
is_png way.png
digits=$data/digits.csv.gz
works "between digits" interpolate digits.safetensors "$digits" --between 0,1,2 --count 4 -o way.png -q --sampler "ddim steps=9"
is_png way.png
works "between digits without labels" interpolate digits.safetensors "$digits" --between 0,1 -o way.npy -q --labels none \
    --sampler "ddim steps=9"
works info info way.npy
prints "samples        8"
works "digits with their labels" encode digits.safetensors "$digits" -n 6 -o d.csv -q --sampler "ddim steps=9"
works "labels from the latents" sample digits.safetensors --latents d.csv -o d.png -q --sampler "ddim steps=9"
is_png d.png
works "digits as an array" encode digits.safetensors "$digits" -n 6 -o d.npy -q --sampler "ddim steps=9"
works "labels by hand" sample digits.safetensors --latents d.npy --labels 0,1,2,3,4,5 -o e.csv -q --sampler "ddim steps=9"
works "labels from the latents" sample digits.safetensors --latents d.csv -o f.csv -q --sampler "ddim steps=9"
same e.csv f.csv "labels from the latents' file and by hand"

refuses 2 "holds no labels, which --labels has to give" sample digits.safetensors --latents d.npy -o x.png -q
refuses 2 "expected none, the labels being those of DATA" encode digits.safetensors "$digits" -o x.npy --labels 3
refuses 1 "ddim_inverse needs the Gaussian kernel" encode beats.safetensors beats.csv -o x.npy -q
refuses 2 "no solver goes its way from data to noise, expected ddim or heun" encode roll.safetensors roll.csv -o x.npy \
    --sampler "ancestral steps=10"
refuses 2 "no solver goes its way from data to noise" interpolate roll.safetensors roll.csv --between 0,1 -o x.csv \
    --sampler "dpmsolver++ steps=10"
refuses 2 "unknown key 'eta'" encode roll.safetensors roll.csv -o x.npy -q --sampler "ddim eta=0.5"
refuses 2 "goes from data to noise" sample roll.safetensors -o x.csv --sampler ddim_inverse
refuses 2 "goes from data to noise" interpolate roll.safetensors roll.csv --between 0,1 -o x.csv --sampler heun_inverse
refuses 2 "expected a name that ends in .csv" encode roll.safetensors roll.csv -o x.png
refuses 2 "-o FILE is missing" encode roll.safetensors roll.csv
refuses 2 "--between I,J is missing" interpolate roll.safetensors roll.csv -o x.csv
refuses 2 "expected two or more samples" interpolate roll.safetensors roll.csv --between 3 -o x.csv
refuses 2 "expected two or more samples" interpolate roll.safetensors roll.csv --between 3,-1 -o x.csv
refuses 2 "--count 1" interpolate roll.safetensors roll.csv --between 0,1 --count 1 -o x.csv
refuses 1 "so --between 100000 is none of them" interpolate roll.safetensors roll.csv --between 0,100000 -o x.csv
refuses 1 "fewer than -n 41" sample roll.safetensors --latents l.npy -n 41 -o x.csv -q
refuses 1 "20 values, but" encode roll.safetensors beats.csv -o x.npy
refuses 1 "20 values" sample roll.safetensors --latents beats.csv -o x.csv
refuses 2 "--n-per-class with --latents" sample digits.safetensors --latents d.csv --n-per-class 2 -o x.png
refuses 2 "l.npy: is read" sample roll.safetensors --latents l.npy -o ./l.npy -q
