# Pipes: what is read is found from its bytes, once; results go to standard output alone, what is said of them elsewhere.

# through FILE ARGUMENT...: the file on standard input, by a pipe, by a FIFO and by its name say the same.
through() {
    file=$1
    shift
    checks=$((checks + 1))
    "$tool" info "$file" "$@" >named.txt 2>err.txt || note "$file: $(cat err.txt)"
    "$tool" info - "$@" <"$file" >out.txt 2>err.txt || note "$file on standard input: $(cat err.txt)"
    same named.txt out.txt "$file on standard input"
    cat "$file" | "$tool" info - "$@" >out.txt 2>err.txt || note "$file by a pipe: $(cat err.txt)"
    same named.txt out.txt "$file by a pipe"
    rm -f fifo
    mkfifo fifo
    cat "$file" >fifo &
    timeout 20 "$tool" info fifo "$@" >out.txt 2>err.txt || note "$file by a FIFO: $(cat err.txt)"
    wait $!
    same named.txt out.txt "$file by a FIFO"
}
through roll.csv
through roll.csv.gz --data "first=10 count=20"
through roll.npy
through header.csv
through tiny-idx3-ubyte
through float.idx
through images/a.png
through colour/a.jpg
through ramp.pgm
through thousand.pgm
seq 100000 | tr '\n' ' ' | sed 's/ $/\n/' >wide.txt # more than a pipe holds
through wide.txt
npy classes.npy "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }"
printf '\004\001' >>classes.npy
python3 - <<'END'
import zipfile
arrays = {name: open(name, "rb").read() for name in ("roll.npy", "bytes.npy", "classes.npy")}
for archive, names, packing in (("one.npz", ["roll.npy"], zipfile.ZIP_DEFLATED), ("stored.npz", ["roll.npy"], zipfile.ZIP_STORED),
                                ("two.npz", list(arrays), zipfile.ZIP_DEFLATED), ("none.npz", [], zipfile.ZIP_STORED)):
    with zipfile.ZipFile(archive, "w", packing) as out:
        for name in names:
            out.writestr(name, arrays[name])
        out.writestr("README", "no array")
END
through one.npz
works "an array" info roll.npy
mv out.txt named.txt
for archive in one.npz stored.npz; do
    works $archive info $archive
    same named.txt out.txt "an array and its archive"
done
works "an array by its name" info two.npz --data array=roll
same named.txt out.txt "an array of several"
refuses 1 "two.npz: holds 3 arrays, roll, bytes, classes: say which" info two.npz
refuses 1 "holds no array 'x', but roll, bytes, classes" info two.npz --data array=x
refuses 1 "holds no .npy arrays" info none.npz
refuses 1 "chooses from a .npz archive" info roll.npy --data array=x
works "labels of the same archive" info two.npz --data "array=bytes labels=array:classes"
prints "labels         0..4"
head -c 200 one.npz >cut.npz
refuses 1 "cut.npz: damaged .npz archive" info cut.npz
cp one.npz roll.zip.npy
refuses 1 "not a .npy file but a zip archive" info roll.zip.npy

printf '' >void
checks=$((checks + 1))
"$tool" info - <void >/dev/null 2>err.txt && note "nothing was taken for data"
grep -q "holds no numbers" err.txt || note "an empty standard input: $(cat err.txt)"
"$tool" info - --data labels=- <plain.csv >/dev/null 2>err.txt && note "standard input was read twice"
grep -q "can be read once only" err.txt || note "standard input for two: $(cat err.txt)"

tiny="mlp width=4 depth=1"
few="linear steps=4"
checks=$((checks + 1))
cat roll.csv | "$tool" train - -o piped.safetensors --model "$tiny" --schedule "$few" --steps 3 -q 2>err.txt ||
    note "training by a pipe: $(cat err.txt)"
works "training by a name" train roll.csv -o named.safetensors --model "$tiny" --schedule "$few" --steps 3 -q
same piped.safetensors named.safetensors "trained by a pipe and by a name"
works "standard output" sample named.safetensors -n 5 -o -
grep -q step err.txt || note "no progress on standard error"
mv out.txt stdout.csv
works "a file" sample named.safetensors -n 5 -q -o file.csv
same stdout.csv file.csv "samples to standard output and to a file"
works "an array on standard output" sample named.safetensors -n 5 -q -o -.npy
mv out.txt stdout.npy
works "an array" sample named.safetensors -n 5 -q -o file.npy
same stdout.npy file.npy "an array to standard output and to a file"
works "a picture on standard output" sample named.safetensors -n 5 -q -o -.png
is_png out.txt
rm -f fifo.npy
mkfifo fifo.npy
cat fifo.npy >read.npy &
works "an array to a FIFO" sample named.safetensors -n 5 -q -o fifo.npy
wait $!
same read.npy file.npy "an array to a FIFO and to a file"
rm -f fifo.npy
works "results alone" inpaint named.safetensors roll.csv -n 4 -o - -q --mask random:0
mv out.txt known.csv
head -4 roll.csv >truth.csv
same known.csv truth.csv "what is said of results is among them"
works "results alone" denoise named.safetensors roll.csv -n 4 --noise 1 -o - -q
checks=$((checks + 1))
[ "$(wc -l <out.txt)" -eq 4 ] || note "denoised to standard output: $(cat out.txt)"
works "toy data" data swiss-roll -n 200 --seed 3 -o -
same out.txt roll.csv "toy data to standard output and to a file"
if [ -c /dev/full ]; then
    checks=$((checks + 1))
    "$tool" sample named.safetensors -n 5 -q -o - >/dev/full 2>err.txt && note "a full disk went unseen"
    grep -q "cannot write: No space left" err.txt || note "a full disk: $(cat err.txt)"
    for words in "train --help" "data --help" "help train" "help trainer" version "info named.safetensors"; do
        checks=$((checks + 1))
        "$tool" $words >/dev/full 2>err.txt && note "$words: a full disk went unseen"
        grep -q "^diffusion: cannot write to standard output" err.txt || note "$words: a full disk: $(cat err.txt)"
    done
fi

# Pictures that cannot be drawn are refused before the work: this would take days.
works "rows" train beats.csv -o rows.safetensors --model "$tiny" --schedule "linear steps=1000" --steps 1 -q
refuses 1 "too large, expected at most 32767" sample rows.safetensors -n 90000000 -o x.png
refuses 1 "too large" inpaint rows.safetensors beats.csv -n 50 --draws 10000 -o x.png
refuses 1 "too large" denoise rows.safetensors beats.csv -n 50 --draws 10000 --noise 1 -o x.png
refuses 1 "too large" data heartbeat -n 90000000 -o x.png
refuses 1 "too large" data dead-leaves -n 9000000 -o x.png
{ seq 20000; seq 20000; } | paste -sd ',' | sed 's/,20000,1,/,20000\n1,/' >long.csv
works "long rows" train long.csv -o long.safetensors --model "mlp width=1 depth=1" --schedule "$few" --steps 1 -q --data scale=unit
refuses 1 "too large" sample long.safetensors -n 2 --trajectory x.png -q
for command in "data heartbeat" "data dead-leaves" "sample rows.safetensors" "inpaint rows.safetensors beats.csv" \
    "denoise rows.safetensors beats.csv --noise 1" "train beats.csv" "export rows.safetensors"; do
    checks=$((checks + 1))
    [ "$command" = "export rows.safetensors" ] && set -- "" || set -- -o ""
    "$tool" $command "$@" >/dev/null 2>err.txt && note "$command: an empty name"
    [ "$(wc -l <err.txt)" -eq 1 ] || note "$command: an empty name: $(cat err.txt)"
done
