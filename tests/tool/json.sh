# --json: one object on standard output and nothing else there; --quiet: no progress, no remark. Of models that other parts
# have made.

# is_json KEY...: the last command's output is one object of JSON that has these keys.
is_json() {
    checks=$((checks + 1))
    [ "$(head -n 1 out.txt)" = "{" ] && [ "$(tail -n 1 out.txt)" = "}" ] || note "no object: $(cat out.txt)"
    for key in "$@"; do
        grep -q "^  \"$key\": " out.txt || note "no $key in: $(cat out.txt)"
    done
    if command -v python3 >/dev/null; then
        python3 -c 'import json, sys; json.load(open(sys.argv[1], encoding="utf-8"))' out.txt 2>json.txt ||
            note "not JSON: $(tail -n 1 json.txt): $(cat out.txt)"
    fi
}

# quiet_json NAME KEY... -- ARGUMENT...: works, with these keys, and says nothing else at all.
quiet_json() {
    name=$1
    shift
    keys=
    while [ "$1" != -- ]; do
        keys="$keys $1"
        shift
    done
    shift
    works "$name --json" "$@" --json
    is_json $keys
    mv out.txt loud.txt
    works "$name --json --quiet" "$@" --json --quiet --force
    is_json $keys
    [ -s err.txt ] && note "$name --quiet said $(cat err.txt)"
    same loud.txt out.txt "$name with and without --quiet"
}

steps="ancestral steps=5"
works "version --json" version --json
is_json version
mkdir named
for tree in elm oak; do
    works "$tree" data dead-leaves -n 2 --size 8 -o named/$tree
done
works "folders of classes" info named --json -q
is_json classes samples_of_classes class_names
prints '"class_names": ["elm", "oak"]'
seq 0 150 | awk '{ print $1 / 7 "," $1 }' >many.csv
works "many classes" info many.csv --data labels=last --json -q
is_json classes samples_of_classes
prints '"samples_of_classes": [1, 1, '
works "installation" info --json
is_json version blas_core blas_threading threads
works "info of a model" info roll.safetensors --json -q
is_json model schedule parameters tensors metadata
grep -q '"data.shape": "2"' out.txt || note "no metadata: $(cat out.txt)"
works "info of data" info roll.csv --json -q
is_json samples shape minimum maximum mean variance columns
works "info of names" info hostile.csv --json
grep -qF '"name": "it'"'"'s \"quoted\""' out.txt || note "names: $(cat out.txt)"
is_json columns
quiet_json train output steps parameters loss held_out_loss -- train roll.csv -o json.safetensors --model "mlp width=4 depth=1" \
    --schedule "cosine steps=20" --steps 4 --train "batch=8" --data hold_out=20
quiet_json sample output sampler samples dimensions evaluations_least evaluations_most -- sample roll.safetensors -n 3 -o json.csv \
    --sampler "$steps"
quiet_json encode samples dimensions t mean -- encode roll.safetensors roll.csv -n 3 -o json.npy --sampler "ddim steps=4"
quiet_json interpolate samples points relative_error -- interpolate roll.safetensors roll.csv --between 0,1 -o json.csv \
    --sampler "ddim steps=4"
quiet_json variance output steps rows data_variance -- variance roll.safetensors roll.csv -o moments.safetensors --moments rows=4
quiet_json average output average_width steps snapshots -- average kept --width 0.08 -o wide.safetensors
quiet_json inpaint samples missing draws results -- inpaint roll.safetensors roll.csv -n 2 -o json.csv --mask half:left --sampler "$steps"
quiet_json denoise samples draws noisy results -- denoise roll.safetensors roll.csv -n 2 -o json.csv --noise 1 --sampler "$steps"
quiet_json "denoise bits" noisy results -- denoise beats.safetensors beats.csv -n 2 -o json.csv --noise 0.1 --sampler "ancestral"
quiet_json bound samples k_bits standard_error_bits bits_per_dimension -- bound roll.safetensors roll.csv --data count=10
quiet_json score rows bits bits_per_dimension -- score roll.safetensors roll.csv -o json.csv --data count=4
quiet_json compare samples sliced_wasserstein memorised -- compare roll.safetensors roll.csv --samples 20 --sampler "$steps"
works "parzen --json" parzen roll.csv roll.csv --bandwidth 1 --samples 20 --json -q
is_json samples bandwidth bits
quiet_json compress output samples bytes code_bits k_bits -- compress beats.safetensors beats.csv -o json.diffcode --data count=5
quiet_json decompress output samples dimensions -- decompress beats.safetensors json.diffcode -o json.csv
works "bench --json" bench --seconds 0.01 --json -q
is_json blas_core threads products_gflops unet_forward_seconds unet_training_step_seconds sampling_step_seconds advice
awk -F '[:,]' '/_gflops|_second/ { if (!($2 > 0)) bad = 1 } END { exit bad }' out.txt || note "no speed: $(cat out.txt)"
refuses 2 "--seconds 0, expected more than 0" bench --seconds 0
# What goes to standard output has it alone.
works "samples there" sample roll.safetensors -n 3 -o - --json --sampler "$steps"
[ "$(wc -l <out.txt)" -eq 3 ] && grep -q '"samples": 3' err.txt || note "samples and JSON: $(cat out.txt err.txt)"
refuses 2 "--log - and --json" train roll.csv -o x.safetensors --log - --json
# Remarks are left out, errors are not.
printf '1,5\n1,6\n1,7\n' >constant.csv
works "a remark" train constant.csv -o constant.safetensors --steps 1 --model "mlp width=2 depth=1"
grep -q "note: constant.csv: column 1: constant" err.txt || note "no remark: $(cat err.txt)"
works "no remark" train constant.csv -o constant.safetensors --steps 1 --model "mlp width=2 depth=1" -q
[ -s err.txt ] && note "train -q said $(cat err.txt)"
refuses 1 "missing.csv: cannot open" info missing.csv -q
