# Tables as people have them: what is no number is refused with a way out, and what may not be one is said.

printf 'name,age,"home town",n\nAnn,31,Ely,1\nBob,42,Rye,2\n' >people.csv
refuses 1 "line 2, column 1 (name): 'Ann' is not a finite number; --data drop=name,3 leaves out the columns of this line" \
    info people.csv
works "text left out" info people.csv --data drop=name,3
prints "shape          2"
prints "2                36.5            5.5             31             42  whole  age"
works "a range left out" info people.csv --data "drop=1-3"
prints "shape          1"
works "a name with a blank left out" info people.csv --data "drop=home town,name header=yes"
prints "shape          2"
refuses 1 "drop=town: there is no column of that name, nor of that number in 1..4" info people.csv --data drop=town
refuses 1 "drop=5: there is no column" info people.csv --data drop=5
refuses 1 "drop=3-2: there is no column" info people.csv --data drop=3-2
refuses 1 "all of its 4 columns" info people.csv --data drop=1-4
refuses 1 "leaves out columns of a text file" info roll.npy --data drop=1
refuses 2 "drop=, expected a name" info people.csv --data drop=
refuses 2 "--data: key 'drop' is given twice" info people.csv --data "drop=name drop=3"
printf 'M,1,2\nF,3,4\n' >sex.csv
refuses 1 "--data drop=1 leaves out the column" info sex.csv
works "text left out without a header" info sex.csv --data drop=1
prints "mean           2.5"

for missing in '' NA nan '?' null N/A -; do
    printf 'a,b\n1,2\n3,%s\n5,6\n' "$missing" >gaps.csv
    refuses 1 "line 3, column 2 (b): '$missing' is not a finite number; --data missing=skip" info gaps.csv
    works "missing '$missing'" info gaps.csv --data missing=skip
    prints "samples        2"
    prints "mean           3.5"
    grep -q "1 of 3 rows have missing values, and are left out" err.txt || note "a row was left out without a word"
done
printf 'a,b\n1,red\n' >text.csv
refuses 1 "'red' is not a finite number" info text.csv --data missing=skip
refuses 2 "missing=drop, expected refuse or skip" info text.csv --data missing=drop

for cell in '1,5' '1,234,567' '"1,234"'; do
    printf 'a;b\n1;%s\n' "$cell" >comma.csv
    refuses 1 "line 2, column 2 (b): '$(echo "$cell" | tr -d '"')' is not a finite number; expected numbers with a decimal point" \
        info comma.csv
done
for cell in 0x10 1e400 1.2.3 12abc --1 1_000 '1 000' '$5' 5% TRUE 2016-07-01 12:30 '<=50K' inf; do
    printf 'a,b\n1,2\n1,%s\n' "$cell" >cell.csv
    refuses 1 "line 3, column 2 (b): '$cell' is not a finite number" info cell.csv
done

# Numbers that may be none.
printf 'zip,y\n01234,0.5\n98178,1\n' >zip.csv
works "numbers of places" info zip.csv
grep -q "column 1 (zip): leading zeros as in 01234" err.txt || note "leading zeros went without a word: $(cat err.txt)"
works "fractions have a zero" info numbered.csv
grep -q "leading zeros" err.txt && note "0.5 was taken for a code"
{ echo 'id,x'; for i in $(seq 20); do echo "$((1000 + 3 * i)),$((i * i % 7))"; done; } >id.csv
works "numbers of rows" info id.csv
grep -q "column 1 (id): whole numbers that rise with every row" err.txt || note "an index went without a word"
works "left out" info id.csv --data drop=id
grep -q "rise with" err.txt && note "a column that was left out was spoken of"
printf '1e-400,2\n3,4\n' >small.csv
works "too near 0" info small.csv
grep -q "1 numbers too near 0" err.txt || note "1e-400 became 0 without a word"
printf 'x,y\n1.7e308,1\n1.7e308,2\n-1.7e308,4\n' >far.csv
works "a sum beyond double" info far.csv
prints "variance       nan"
refuses 1 "values of up to 1.7e+308 are too far apart to be scaled" train far.csv -o far.safetensors
printf '12345678901234567.5,1\n1,2\n' >wide.csv
works "many digits" info wide.csv
grep -q "beyond 2^53" err.txt || note "digits went without a word"

printf '# a b\n1 2\n3 4\n' >numpy.txt
works "names as numpy.savetxt writes them" info numpy.txt
prints "  b"
printf 'sep=;\na;b\n1;2\n' >excel.csv
works "a separator as Excel writes it" info excel.csv
prints "  b"
printf '1990,1991\n1.5,2.5\n2.5,3.5\n' >years.csv
works "years" info years.csv
grep -q "line 1 is taken for a sample" err.txt || note "years as names were taken for a sample without a word"

# What is no table, and what only looks like one.
printf '{"a": [1, 2]}\n' >j.data
refuses 1 "unknown kind of data (a text)" info j.data
printf 'RIFF....WAVEfmt \001' >s.wav
refuses 1 "unknown kind of data (a WAV sound)" info s.wav
cp roll.npy roll.npy.csv
refuses 1 "a NumPy array, not a text" info roll.npy.csv
cp hello.dat hello.webp
printf '1,2\n3,4\n' >plain.data
works "a table of another name" info plain.data
prints "mean           2.5"
printf 'P2 P5\n1 2\n3 4\n' >names.dat
works "a table that begins as a picture" info names.dat
prints "mean           2.5"

# The labels' column comes back, under its name and in its place, in every kind of text.
{ echo 'cls,a,b'; for i in $(seq 0 59); do echo "$((i % 3)),$((i % 7)).5,$((i * i % 11))"; done; } >first.csv
{ echo 'a,b,"my, class"'; for i in $(seq 0 59); do echo "$((i % 7)).5,$((i * i % 11)),$((i % 3))"; done; } >last.csv
for place in first last; do
    works "labels $place" train $place.csv -o $place.safetensors -q --data labels=$place --steps 1 \
        --model "mlp width=8 depth=1 classes=3" --schedule "linear steps=4"
    works "samples with labels" sample $place.safetensors -n 6 -q -o drawn.$place.csv
    works "without" sample $place.safetensors -n 6 -q -o none.csv --labels none
    works "inpainted" inpaint $place.safetensors $place.csv -n 3 -q -o known.csv --mask random:0
    [ $place = first ] && head -4 first.csv >truth.csv || { echo 'a,b,"my, class"'; sed -n 2,4p last.csv; } >truth.csv
    same known.csv truth.csv "values and labels, in and out"
    checks=$((checks + 1))
    column=$([ $place = first ] && echo 1 || echo 3)
    [ "$(tail -n +2 drawn.$place.csv | cut -d, -f$column | tr -d '\n')" = 012012 ] || note "labels $place: $(cat drawn.$place.csv)"
    [ "$(head -1 none.csv)" = a,b ] || note "labels that are none: $(head -1 none.csv)"
    works "read again" parzen drawn.$place.csv $place.csv --data labels=$place --bandwidth 1
done
for file in x.CSV x.tsv x.TXT x.csv.gz x.tsv.gz; do
    works "as $file" sample last.safetensors -n 6 -q -o $file
    works "and read" info $file --data labels=last
    prints "samples        6"
    prints "shape          2"
    prints "labels         0..2"
    prints "whole  b"
done
checks=$((checks + 1))
printf 'a\tb\t"my, class"\n' >truth.csv
head -1 x.tsv >names.csv
same names.csv truth.csv "names between tabs"

# What is known comes back with all of its digits, more than float32 has.
printf 'a,b\n123456789012.25,0.1234567890123\n-987654321098.5,2e-07\n1234567890123456,-0.75\n' >digits.csv
works "many digits" train digits.csv -o digits17.safetensors -q --steps 1 --model "mlp width=8 depth=1" --schedule "linear steps=4"
works "inpainted" inpaint digits17.safetensors digits.csv -n 3 -q -o known.csv --mask random:0
same known.csv digits.csv "digits of what is known"
works "as an array" inpaint digits17.safetensors digits.csv -n 3 -q -o known.npy --mask half:left --draws 2
works "and read" info known.npy --json
prints '"minimum": -0.75, "maximum": 0.1234567890123'

# Pictures of other sizes than the model's are not taken for its own.
works "a model of 4 x 2" train colour -o p.safetensors -q --steps 1 --model "mlp width=8 depth=1" --schedule "linear steps=4"
printf 'P6 1 8 255 ' >tall.ppm
head -c 24 roll.npy >>tall.ppm
refuses 1 "samples have shape 8,1,3, those of the model 2,4,3" bound p.safetensors tall.ppm

# Columns are called by their names, and by their numbers in the file.
{ echo 'label,id,x,y'; for i in $(seq 60); do echo "$((i % 2)),n$i,$((i % 3)).5,7"; done; } >called.csv
works "called by name and number" train called.csv -o called.safetensors --data drop=id --steps 1 --model "mlp width=8 depth=1" \
    --schedule "linear steps=4"
for said in "the first column, label, is taken for the labels" "column 4 (y): constant" "column 3 (x): a few values"; do
    grep -qF "$said" err.txt || note "not said: $said, but: $(cat err.txt)"
done

# Data that only has as many values as the model's: columns in another order, fractions of whole numbers, another unit.
{ echo 'x,y'; for i in $(seq 40); do echo "$((i % 7)).5,$((i * i % 11))"; done; } >xy.csv
works "x and y" train xy.csv -o xy.safetensors -q --steps 1 --model "mlp width=8 depth=1" --schedule "linear steps=4"
awk -F, '{ print $2 "," $1 }' xy.csv >yx.csv
refuses 1 "yx.csv: the columns are those of the model in another order: y,x, expected x,y" bound xy.safetensors yx.csv
refuses 1 "in another order" train yx.csv -o x.safetensors --init xy.safetensors --data scale=columns --steps 1
refuses 1 "in another order" inpaint xy.safetensors yx.csv -o x.csv
for command in "compare xy.safetensors yx.csv --samples 9" "parzen xy.safetensors yx.csv --bandwidth 1"; do
    refuses 1 "yx.csv: the columns are those of the model in another order: y,x, expected x,y" $command
done
for command in "compare yx.csv xy.csv" "compare xy.csv xy.csv --held-out yx.csv" "parzen yx.csv xy.csv --bandwidth 1" \
    "parzen xy.csv xy.csv --validation yx.csv"; do
    refuses 1 "yx.csv: the columns are those of what it is compared with in another order: y,x, expected x,y" $command
done
works "noise of it" encode xy.safetensors xy.csv -n 3 -o noise.csv -q --sampler "ddim steps=2"
works "and back" sample xy.safetensors --latents noise.csv -o back.csv --sampler "ddim steps=2" -q
awk -F, '{ print $2 "," $1 }' noise.csv >esion.csv
refuses 1 "esion.csv: the columns are those of the model in another order: y,x, expected x,y" \
    sample xy.safetensors --latents esion.csv -o x.csv
{ echo 'class,x,y'; for i in $(seq 0 59); do echo "$((i % 3)),$((i % 7 % 3)),$((i * i % 3))"; done; } >cxy.csv
awk -F, '{ print $2 "," $3 "," $1 }' cxy.csv >xyc.csv
awk -F, '{ print $2 "," $1 "," $3 }' cxy.csv >xcy.csv
works "a class, x and y" train cxy.csv -o cxy.safetensors -q --steps 1 --model "mlp width=8 depth=1 classes=3" \
    --schedule "linear steps=4"
works "its bound" bound cxy.safetensors cxy.csv -q
mv out.txt first.txt
for file in xyc.csv xcy.csv; do
    refuses 1 "the labels would be the column x, but the model was trained on those of class, which is another column here" \
        bound cxy.safetensors $file
    refuses 1 "trained on those of class" encode cxy.safetensors $file -o x.npy
done
works "labels where they are" bound cxy.safetensors xyc.csv -q --data labels=last
same first.txt out.txt "the labels' column first and last"
sed 's/class/kind/' cxy.csv >kxy.csv
works "labels of another name" bound cxy.safetensors kxy.csv
remarks "the column kind is taken, by its place, for the labels, which were the column class in training"

# Names that are numbers come back as names: in quotes.
{ echo '1990,"19,x"'; for i in $(seq 0 59); do echo "$((i % 3)),$((i * i % 7))"; done; } >years.csv
works "years" train years.csv -o years.safetensors -q --data header=yes --steps 1 --model "mlp width=8 depth=1" \
    --schedule "linear steps=4"
for file in drawn.csv drawn.tsv; do
    works "years as $file" sample years.safetensors -n 6 -o $file -q
    works "and read" info $file
    prints "samples        6"
    prints "whole  1990"
    prints "whole  19,x"
done
works "compared" compare drawn.csv years.csv --data header=yes -q
prints "6 samples"
sed 's/"19,x"/1995/' years.csv >bare.csv
works "bare years" train bare.csv -o bare.safetensors -q --data header=yes --steps 1 --model "mlp width=8 depth=1" \
    --schedule "linear steps=4"
refuses 1 "bare.csv: its first sample holds the names of the columns of the model, 1990,1995" bound bare.safetensors bare.csv
refuses 1 "the names of the columns of what it is compared with" compare bare.csv bare.csv --data header=yes
works "years said" bound bare.safetensors bare.csv --data header=yes

# So do names that hold other separators, or begin or end in blanks.
for names in '"a;b;c",y' '" x ",y' '"my column"' '"a;b"'; do
    dim=$(echo "$names" | tr -cd , | wc -c)
    { echo "$names"; for i in $(seq 20); do echo "$((i * i % 7)).5$([ "$dim" -eq 1 ] && echo ",$((i % 5)).25")"; done; } >odd.csv
    works "names $names" train odd.csv -o odd.safetensors -q --steps 1 --model "mlp width=8 depth=1" --schedule "linear steps=4"
    for file in drawn.csv drawn.tsv drawn.txt; do
        works "$names as $file" sample odd.safetensors -n 6 -o $file -q
        works "and compared" compare $file odd.csv -q
        prints "6 samples"
    done
done

# A column that is called as labels are, and was kept as data, stays data in the samples and in all that is measured.
{ echo 'x,target'; for i in $(seq 20); do echo "$((i * i % 7)).5,$((i % 5)).25"; done; } >target.csv
refuses 1 "the header names this column as the labels, --data labels=none keeps it as data" info target.csv
works "a target of fractions" train target.csv -o target.safetensors -q --data labels=none --steps 1 \
    --model "mlp width=8 depth=1" --schedule "linear steps=4"
works "its samples" sample target.safetensors -n 6 -o drawn.csv -q
works "compared" compare drawn.csv target.csv --data labels=none -q
prints "6 samples, 14 rows of data, 6 held out, of 2 values"
works "under a window" parzen drawn.csv target.csv --data labels=none --bandwidth 1 -q
prints "6 samples, 20 points of 2 values"
works "measured" bound target.safetensors target.csv -q
prints "20 samples of 2 values"

# Names that a program gave a model are not written above other columns than they name.
LC_ALL=C sed 's/"data.columns":"x,y"/"data.columns":"xyz"/' xy.safetensors >short.safetensors
works "one name of two" sample short.safetensors -n 3 -o short.csv --sampler "ddim steps=2"
remarks "data.columns are not the names of 2 columns"
checks=$((checks + 1))
awk -F, 'NF != 2 || NR > 3 { bad = 1 } END { exit bad }' short.csv || note "a name of two: $(cat short.csv)"

sed 's/x,y/a,y/' xy.csv >ay.csv
works "another name" bound xy.safetensors ay.csv
grep -qF "columns a,y are taken, by their order, for those of the model, x,y" err.txt || note "another name: $(cat err.txt)"
sed 's/\(.*\),\(.*\)/\1,\2.25/; s/y.25/y/' xy.csv >parts.csv
refuses 1 "value 1 of sample 0 (from 0) is 1.25, but the model's data are whole numbers, 0..9" bound xy.safetensors parts.csv
works "noise makes fractions" denoise xy.safetensors parts.csv -q --noise 1 --noisy -o noisy.csv --sampler "ancestral steps=2"
awk -F, 'NR > 1 { print 1000 * $1 "," $2; next } { print }' xy.csv >unit.csv
works "another unit" bound xy.safetensors unit.csv
grep -qF "column 1 (x): quite another range" err.txt || note "another unit went without a word: $(cat err.txt)"
sed -n '1p;20,22p' unit.csv >few.csv
works "three rows of another unit" bound xy.safetensors few.csv
remarks "column 1 (x): quite another range"
sed -n '1p;20,22p' xy.csv >few.csv
works "three rows of its own" bound xy.safetensors few.csv
grep -q note: err.txt && note "three rows: $(cat err.txt)"
sed '2,$s/,.*/,7/' xy.csv >seven.csv
sed '2,$s/,.*/,8/' xy.csv >eight.csv
works "a constant column" train seven.csv -o seven.safetensors -q --steps 1 --model "mlp width=8 depth=1" --schedule "linear steps=4"
works "measured" bound seven.safetensors seven.csv
grep -q note: err.txt && note "a constant column: $(cat err.txt)"
works "another constant" bound seven.safetensors eight.csv
remarks "column 2 (y): quite another range"
printf '1.5\n2\n' >single.csv
refuses 1 "the model's: give the --data of the training" bound xy.safetensors single.csv
