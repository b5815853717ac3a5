# Pages about models that train.sh has made: whole, with all within, and no markup of anybody's but ours.

# page FILE SECTION...: one page that ends, with these sections, pictures within, nothing from elsewhere and no script.
page() {
    name=$1
    shift
    checks=$((checks + 1))
    head -c 15 "$name" | grep -q '^<!DOCTYPE html>' && tail -n 1 "$name" | grep -q '^</html>$' || note "$name is no whole page"
    [ "$(wc -c <"$name")" -lt 3000000 ] || note "$name has $(wc -c <"$name") bytes"
    grep -q 'src="data:image/png;base64,iVBORw0KGgo' "$name" || note "$name: no picture"
    grep -Eq '<script|<link|<iframe|https?://|src="[^d]|url\(' "$name" && note "$name: something that is not within"
    for section in "$@"; do
        grep -q "<h2>$section</h2>" "$name" || note "$name: no section $section"
    done
}

# says FILE TEXT: the page has it, markup included.
says() {
    checks=$((checks + 1))
    grep -qF -- "$2" "$1" || note "$1: expected '$2'"
}

works "of points" report roll.safetensors roll.csv -o roll.html -n 60 --sampler "ancestral steps=20 seed=5" --data "count=200 hold_out=50"
grep -q "^drawing 60 rows" err.txt && grep -q "^measuring K on 50 rows" err.txt && grep -q "^roll.html: written" err.txt ||
    note "report shows no progress: $(cat err.txt)"
page roll.html Samples "From noise to sample" Columns "How well it knows the data" "Samples against data" Training "The model"
says roll.html "beside the data roll.csv, 200 rows, of which 50 are held out."
says roll.html "60 were drawn by ancestral steps=20 seed=5."
works "K of it" bound roll.safetensors roll.csv -q --exact --data "count=200 hold_out=50"
says roll.html "<td>$(awk '/^K, the bound/ { print $7 }' out.txt)" # the same figure
says roll.html "objective="
works "the same again" report roll.safetensors roll.csv -o again.html -q -n 60 --sampler "ancestral steps=20 seed=5" \
    --data "count=200 hold_out=50" --threads 1
[ -s err.txt ] && note "report -q said $(cat err.txt)"
same roll.html again.html "two reports of one model"
works "of a checkpoint" report every.checkpoint.safetensors -o checkpoint.html -q -n 20 --sampler "ancestral steps=5"
page checkpoint.html Training
says checkpoint.html "The training loss"
works "without data" report digits.safetensors -o alone.html -q -n 20 --sampler "ancestral steps=5"
page alone.html Samples "From noise to sample" "The model"
says alone.html "A column for each class."
says alone.html "Without DATA nothing is measured"
works "of images" report digits.safetensors "$data/digits.csv.gz" -o digits.html -q -n 20 --sampler "ddim steps=5" --data hold_out=40
page digits.html "Samples against data"
says digits.html "nearest to it"
works "of bits" report beats.safetensors beats.csv -o beats.html -q -n 40 --data count=100
page beats.html Columns "How well it knows the data"
says beats.html "Ones of every column"
works "an adaptive solver" report roll.safetensors -o adaptive.html -q -n 8 --sampler "dpm_adaptive rtol=0.5"
grep -q "From noise to sample" adaptive.html && note "a way without states"
works "of a folder" report "$data/../tests/golden/format/0.1/pipeline" -o folder.html -q -n 4 --sampler "ddim steps=3"
page folder.html "The model"
# A table of one column, and one of several, whose names are no markup here.
awk 'BEGIN { print "height"; srand(1); for (i = 0; i < 80; i++) print 170 + 20 * rand() }' >tall.csv
works "one column" train tall.csv -o tall.safetensors --model "mlp width=4 depth=1" --schedule "cosine steps=20" --steps 5 -q
works "report of it" report tall.safetensors tall.csv -o tall.html -q -n 40
page tall.html "From noise to sample" Columns
says tall.html "<td>height</td>"
awk 'BEGIN { print "<script>alert(1)</script>,a&b,<img src=x>,\033[31m,\"it\047s \"\"quoted\"\"\""; srand(2)
    for (i = 0; i < 80; i++) print rand() "," rand() "," 1e6 + rand() "," int(9 * rand()) "," rand() }' >hostile.csv
works "hostile names" train hostile.csv -o hostile.safetensors --model "mlp width=4 depth=1" --schedule "cosine steps=20" \
    --steps 5 -q
works "report of them" report hostile.safetensors hostile.csv -o "hostile<b>.html" -q -n 40
page "hostile<b>.html" Columns
says "hostile<b>.html" "&lt;script&gt;alert(1)&lt;/script&gt;"
says "hostile<b>.html" "a&amp;b"
says "hostile<b>.html" "&lt;img src=x&gt;"
grep -q "$(printf '\033')" "hostile<b>.html" && note "control characters in a page"
says "hostile<b>.html" "it&#39;s &quot;quoted&quot;"

refuses 2 "-o FILE.html is missing" report roll.safetensors
refuses 2 "expected a name that ends in .html" report roll.safetensors -o report.pdf
refuses 2 "-n 1, expected a whole number 2.." report roll.safetensors -o x.html -n 1
refuses 2 "report: --data says how to read DATA, which is missing" report roll.safetensors -o x.html --data roll.csv
refuses 1 "nowhere/x.html: cannot write" report roll.safetensors roll.csv -o nowhere/x.html
refuses 1 "missing.csv: cannot open" report roll.safetensors missing.csv -o x.html
refuses 1 "a sample has 20 values" report roll.safetensors beats.csv -o x.html
refuses 2 "did you mean 'steps'?" report roll.safetensors -o x.html --sampler "ddim step=3"
cp roll.png taken.html
refuses 2 "it is a PNG picture; --force" report roll.safetensors -o taken.html
works "by force" report roll.safetensors -o taken.html --force -q -n 8 --sampler "ancestral steps=3"
page taken.html "The model"
