# The Parzen window, of files and of the models that train.sh has made.

printf '0,0\n' >origin.csv
printf '1,0\n' >one.csv
# log2 of N((1,0); (0,0), 1): - log2(2 pi) - log2(e) / 2.
works closed parzen origin.csv one.csv --bandwidth 1
prints "-3.3728"
prints "1 sample, 1 point of 2 values"
printf '0,0\n0,2\n' >two.csv
printf '2,0\n2,2\n' >apart.csv
# In 0..1 both points are 1 from a sample and sqrt(2) from the other: log2((e^-.5 + e^-1) / 2 / (2 pi)).
works scaled parzen two.csv apart.csv --bandwidth 1 --scale 0..1
prints "-3.6889  +- 0.0000"
prints "scaled by 1/2"
works json parzen two.csv apart.csv --bandwidth 2 --json
prints '"points": 2'
prints '"standard_error_bits": 0'
works validation parzen roll.csv other.csv --validation fewer.csv --data count=150
prints "150 points of 2 values"
prints "chosen on 100 points of validation"
# A model's samples are those of the command sample.
works sample sample roll.safetensors -n 40 -o p.npy -q --sampler "ancestral steps=10 seed=5"
works file parzen p.npy roll.csv --bandwidth 1
mv out.txt file.txt
works model parzen roll.safetensors roll.csv --samples 40 -q --sampler "ancestral steps=10 seed=5" --bandwidth 1
same file.txt out.txt "a model and its samples"
works "classes in turn" parzen digits.safetensors "$data/digits.csv.gz" --data "labels=last first=1500" --samples 20 \
    --validation "$data/digits.csv.gz" --validation-data "labels=last first=1400 count=100" --scale 0..1 -q \
    --sampler "ancestral steps=5"
prints "20 samples, 297 points of 64 values, scaled by 1/16"
works first parzen roll.csv other.csv --samples 7 --bandwidth 1
prints "7 samples"

refuses 2 "either --bandwidth S or --validation" parzen roll.csv other.csv
refuses 2 "either --bandwidth S or --validation" parzen roll.csv other.csv --bandwidth 1 --validation fewer.csv
refuses 2 "--bandwidth -1" parzen roll.csv other.csv --bandwidth -1
refuses 2 "--bandwidth nan" parzen roll.csv other.csv --bandwidth nan
refuses 2 "--validation-data" parzen roll.csv other.csv --bandwidth 1 --validation-data first=1
refuses 2 "--scale 1, expected 0..1 or none" parzen roll.csv other.csv --bandwidth 1 --scale 1
refuses 2 "--samples 0" parzen roll.csv other.csv --bandwidth 1 --samples 0
refuses 2 "is a file of samples" parzen roll.csv other.csv --bandwidth 1 --sampler ancestral
refuses 1 "a sample has 20 values, those to be compared with it have 2" parzen beats.csv roll.csv --bandwidth 1
refuses 1 "the model makes samples of 20 values" parzen beats.safetensors roll.csv --bandwidth 1 -q
refuses 1 "so there is no range" parzen roll.csv origin.csv --bandwidth 1 --scale 0..1
refuses 1 "missing.csv" parzen roll.csv missing.csv --bandwidth 1
refuses 2 "argument is missing" parzen roll.csv --bandwidth 1
