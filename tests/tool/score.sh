# Scores of rows, and how well they tell anomalies, of models that train.sh and grid.sh have made.

# mean COLUMN FILE: of a table with a header.
mean() {
    awk -F, -v at="$1" 'NR > 1 { sum += $at; n++ } END { printf "%.6f\n", sum / n }' "$2"
}
# number KEY: of the last command's JSON.
number() {
    awk -F'[:,]' -v key="\"$1\"" '$1 ~ key { print $2 }' out.txt
}
# near A B RELATIVE NAME
near() {
    checks=$((checks + 1))
    awk -v a="$1" -v b="$2" -v r="$3" 'BEGIN { d = a - b; s = b < 0 ? -b : b; exit !((d < 0 ? -d : d) <= r * s) }' ||
        note "$4: $1, expected $2"
}

# unsaid TEXT: the last command did not print it.
unsaid() {
    checks=$((checks + 1))
    grep -qF -- "$1" out.txt && note "unexpected '$1' in: $(cat out.txt)"
}

works score score roll.safetensors roll.csv --data count=40 -o scores.csv
prints "40 rows of 2 values; bits are -log2 p(x) by elbo, of a density"
grep -q "^term 102/102" err.txt || note "score shows no progress: $(cat err.txt)"
checks=$((checks + 1))
[ "$(head -n 1 scores.csv)" = "bits,bits_per_dimension,standard_error_bits" ] || note "scores begin with $(head -n 1 scores.csv)"
checks=$((checks + 1))
[ "$(wc -l <scores.csv)" -eq 41 ] || note "40 rows make $(wc -l <scores.csv) lines"
# The mean over rows is K of `bound`, in the units of the data.
works "every step" score roll.safetensors roll.csv --data count=40 -q -o all.csv --evaluator "terms=all seed=3"
works "the same of bound" bound roll.safetensors roll.csv --data count=40 -q --exact --bound seed=3 --json
near "$(mean 1 all.csv)" "$(awk -v k="$(number k_bits)" -v s="$(number data_scale)" 'BEGIN { printf "%.9f", 2 * log(s) / log(2) - k }')" \
    1e-6 "the mean of scores"
works "the flow" score roll.safetensors roll.csv --data count=4 -q -o flow.csv --evaluator "flow rtol=1e-3"
prints "by flow"
works "trajectories" score roll.safetensors roll.csv --data count=4 -q -o iwae.csv --evaluator "iwae samples=2"
prints "by iwae"
near "$(mean 1 iwae.csv)" "$(mean 1 flow.csv)" 0.5 "the bound of trajectories beside the flow"
# Of one column too, which the library scales like the others, both say bits of the data in its own unit.
seq 200 | awk '{ print 100 + 25 * cos($1 * $1) }' >waves.csv
works "one column" train waves.csv -o waves.safetensors -q --model "mlp width=8 depth=1" --schedule "cosine steps=20" --steps 20
works "scores of one column" score waves.safetensors waves.csv -q -o waves-scores.csv --evaluator "terms=all seed=3"
works "bound of one column" bound waves.safetensors waves.csv -q --exact --bound seed=3 --json
near "$(mean 2 waves-scores.csv)" "$(number bits_per_dimension)" 1e-6 "bits per dimension of one column"
# The noise between whole numbers is in columns before the flow sees them: it does not know what a row's bits owe to it.
seq 60 | awk 'BEGIN { print "a,b" } { print $1 % 3 "," 50 * $1 % 7 }' >levels.csv
works "columns of levels" train levels.csv -o levels.safetensors -q --model "mlp width=8 depth=1" --schedule "cosine steps=20" --steps 20
works "their flow" score levels.safetensors levels.csv -q -o levels-scores.csv --evaluator "flow rtol=1e-3" --data count=3
checks=$((checks + 1))
[ "$(awk -F, 'NR > 1 { print $3 }' levels-scores.csv | sort -u)" = nan ] || note "errors of rows with noise of their own: $(cat levels-scores.csv)"
# Whole numbers: the code length that `bound` prints, with noise between them and in bins; labels are the condition.
for model in digits grid; do
    works "$model" score $model.safetensors "$data/digits.csv.gz" --data "labels=last count=12" -q -o $model.csv \
        --evaluator "elbo steps=3 draws=2 seed=5" --json
    near "$(mean 2 $model.csv)" "$(number bits_per_dimension)" 1e-6 "the report on $model"
    works "bound of $model" bound $model.safetensors "$data/digits.csv.gz" --data "labels=last count=12" -q --json \
        --bound "steps=3 draws=2 seed=5"
    near "$(mean 2 $model.csv)" "$(number bits_per_dimension)" 1e-6 "bits per dimension of $model"
done
# Noise of another width than the gaps between whole numbers fills them not, or twice: no code length, in data's unit still.
for width in 0 0.5; do
    keys="elbo steps=3 draws=2 seed=5 dequantize=$width"
    works "noise of $width" score digits.safetensors "$data/digits.csv.gz" --data "labels=last count=12" -q -o noisy.csv --evaluator "$keys"
    prints "of a density"
    works "its bound" bound digits.safetensors "$data/digits.csv.gz" --data "labels=last count=12" -q --json --bound "$keys"
    near "$(mean 2 noisy.csv)" "$(number bits_per_dimension)" 1e-6 "bits per dimension by noise of $width"
    prints "\"dequantized\": $([ $width = 0 ] && echo false || echo true)"
    works "its table" bound digits.safetensors "$data/digits.csv.gz" --data "labels=last count=12" -q --bound "$keys"
    unsaid "code length"
done
# Where the model knows of no whole numbers, the width of the noise is the unit.
works "told of steps" score waves.safetensors waves.csv -q -o steps.csv --evaluator "terms=all seed=3 dequantize=0.25"
prints "code lengths"
works "bound told of steps" bound waves.safetensors waves.csv -q --exact --bound "seed=3 dequantize=0.25" --json
near "$(mean 2 steps.csv)" "$(number bits_per_dimension)" 1e-6 "bits per dimension in steps that are told"
prints '"dequantized": true'
# Of narrow data the density is higher than that of the scaled; a KL of next to nothing has no sign.
seq 200 | awk '{ print 0.01 * cos($1 * $1) }' >narrow.csv
works "narrow data" train narrow.csv -o narrow.safetensors -q --model "mlp width=8 depth=1" --schedule "cosine steps=20" --steps 20
works "its bound" bound narrow.safetensors narrow.csv -q
prints "bits/sample higher."
unsaid "lower"
unsaid "-0.0000"
works "one row" bound narrow.safetensors narrow.csv -q --data count=1
prints "1 sample of 1 value"
works "one thread" score roll.safetensors roll.csv --data count=40 -q --threads 1 -o one.csv
same scores.csv one.csv "scores by one thread"
works "standard output" score roll.safetensors roll.csv --data count=40 -q -o -
same scores.csv out.txt "scores on standard output"
grep -q "40 rows of 2 values" err.txt || note "no report beside scores on standard output"

# The area is the share of pairs in which the anomaly has more bits, its error that of DeLong; both by all pairs.
awk 'BEGIN { for (i = 0; i < 30; i++) print 6 * cos(i) "," 6 * sin(i) }' >ring.csv
works against score roll.safetensors roll.csv --data count=40 -q -o told.csv --against ring.csv --plot roc.png --json
is_png roc.png
prints '"rows": 40'
prints '"anomalies": 30'
awk -F, 'NR > 1 { if ($4) a[++m] = $1; else b[++n] = $1 }
    END { for (i = 1; i <= m; i++) for (j = 1; j <= n; j++) { v = a[i] > b[j] ? 1 : a[i] == b[j] ? 0.5 : 0; x[i] += v / n; y[j] += v / m }
        for (i = 1; i <= m; i++) { p += x[i] / m; pp += x[i] * x[i] }
        for (j = 1; j <= n; j++) qq += y[j] * y[j]
        printf "%.9f %.9f\n", p, sqrt((pp - m * p * p) / (m - 1) / m + (qq - n * p * p) / (n - 1) / n) }' told.csv >pairs.txt
read -r area error <pairs.txt
near "$(number auc)" "$area" 1e-6 "the area under the curve"
near "$(number auc_standard_error)" "$error" 1e-3 "its standard error"
head -n 41 told.csv | cut -d, -f1-3 >rest.csv
same scores.csv rest.csv "scores beside those of anomalies"
# The same rows in one file, by their labels.
(head -n 40 roll.csv | sed 's/$/,3/' && sed 's/$/,7/' ring.csv) >both.csv
works labels score roll.safetensors both.csv --data labels=last -q -o marked.csv --anomalies 5,7
prints "anomalies            30"
prints "area under the ROC curve"
cut -d, -f4 told.csv >a.txt
cut -d, -f4 marked.csv >b.txt
same a.txt b.txt "marks by a file and by labels"
# The first two rows of the data as anomalies, and one alone.
works few score roll.safetensors roll.csv --data count=9 -q -o few.csv --against roll.csv --against-data count=1
prints "area under the ROC curve"

# Why anomalies are likelier than the data: they are simple pictures, or the model knows nothing yet; of tables, and of
# what one row alone says, nothing is said.
awk 'BEGIN { srand(2); for (i = 0; i < 1200; i++) { m = 40 + int(175 * rand()); for (j = 0; j < 16; j++) {
    e = rand() + rand() + rand() + rand() - 2; printf "%s%d", j ? "," : "", int(m + 20 * e + 0.5) } print "" } }' >rough.csv
awk 'BEGIN { srand(3); for (i = 0; i < 60; i++) { m = 40 + int(175 * rand())
    for (j = 0; j < 16; j++) printf "%s%d", j ? "," : "", m; print "" } }' >even.csv
small_images="shape=4,4,1 hold_out=200"
for steps in 400 1; do
    works "rough $steps" train rough.csv --data "$small_images" -o rough$steps.safetensors --steps $steps -q \
        --model "mlp width=64 depth=2 predict=v" --schedule "cosine steps=100"
done
works "rough table" train rough.csv --data hold_out=200 -o table.safetensors --steps 400 -q \
    --model "mlp width=64 depth=2 predict=v" --schedule "cosine steps=100"
works "simple ones" score rough400.safetensors rough.csv --data "$small_images" --against even.csv -q -o even1.csv
prints "Below 0.5: the anomalies are likelier than the data. They are simpler: deflate"
works "one row" score rough400.safetensors rough.csv --data "$small_images" --against even.csv --against-data count=1 -q -o even2.csv
unsaid "Below 0.5"
works "the other way" score rough400.safetensors even.csv --against rough.csv --against-data count=60 -q -o even3.csv
unsaid "Below 0.5"
works "simple rows of a table" score table.safetensors rough.csv --data hold_out=200 --against even.csv -q -o even4.csv
prints "Below 0.5: the anomalies are likelier than the data."
unsaid "impler"
for row in 1 2 3 4 5 6 7 8 9 10 11 12; do echo 128,128,128,128,128,128,128,128,128,128,128,128,128,128,128,128; done >grey.csv
works "an untrained model" score rough1.safetensors rough.csv --data "$small_images" --against grey.csv -q -o even5.csv
prints "Below 0.5: the anomalies are likelier than the data. The model has hardly learnt the data"
unsaid "impler"

# Nothing is too far away to be scored, and no such row spoils the scores of others.
(head -n 40 roll.csv && printf '1e30,1e30\n1e9,-1e9\n') >far.csv
works "far away" score roll.safetensors far.csv -q -o far-scores.csv
checks=$((checks + 1))
awk -F, 'NR > 41 && !($1 == "inf" || $1 > 1e6) { exit 1 }' far-scores.csv || note "rows far away: $(tail -n 2 far-scores.csv)"
head -n 41 far-scores.csv >near-scores.csv
near "$(mean 1 near-scores.csv)" "$(mean 1 scores.csv)" 0.3 "the other rows"

printf '1,2,3\n4,5,6\n' >three.csv
printf '1,nan\n' >nan.csv
refuses 2 "-o FILE is missing" score roll.safetensors roll.csv -q
refuses 2 "expected a name that ends in .csv" score roll.safetensors roll.csv -q -o scores.png
refuses 2 "is read, so the output" score roll.safetensors roll.csv -q -o roll.csv
refuses 2 "expected elbo, iwae or flow" score roll.safetensors roll.csv -q -o x.csv --evaluator parzen
refuses 2 "did you mean 'draws'" score roll.safetensors roll.csv -q -o x.csv --evaluator drawn=2
refuses 2 "not both" score roll.safetensors both.csv -q -o x.csv --anomalies 7 --against ring.csv
refuses 2 "which is missing" score roll.safetensors roll.csv -q -o x.csv --against-data count=1
refuses 2 "say which they are" score roll.safetensors roll.csv -q -o x.csv --plot r.png
refuses 2 "--anomalies bad" score roll.safetensors both.csv -q -o x.csv --data labels=last --anomalies bad
refuses 1 "has no labels, which --anomalies needs" score roll.safetensors roll.csv -q -o x.csv --anomalies 1
refuses 1 "no row has a label of --anomalies 1" score roll.safetensors both.csv -q -o x.csv --data labels=last --anomalies 1
refuses 1 "every row has a label" score roll.safetensors both.csv -q -o x.csv --data labels=last --anomalies 3,7
refuses 1 "a sample has 3 values, but its shape is to have 2" score roll.safetensors three.csv -q -o x.csv
refuses 1 "three.csv: a sample has 3 values" score roll.safetensors roll.csv -q -o x.csv --against three.csv
refuses 1 "'nan' is not a finite number" score roll.safetensors nan.csv -q -o x.csv
refuses 1 "missing.csv" score roll.safetensors roll.csv -q -o x.csv --against missing.csv
