# Outputs: never over what is read, never over another kind unawares, refused before the work, behind links, one .part.

tiny="mlp width=4 depth=1"
few="linear steps=4"
works roll data swiss-roll -n 40 -o in.csv
works roll data swiss-roll -n 40 -o in.npy
works model train in.csv -o f.safetensors --model "$tiny" --schedule "$few" --steps 2 --checkpoint-every 2 -q
works picture sample f.safetensors -n 4 -o in.png -q
cp in.csv kept.csv
cp in.npy kept.npy
cp f.safetensors kept.safetensors

refuses 2 "-o in.csv: expected a name that ends in .safetensors" train in.csv -o in.csv --steps 1
refuses 2 "-o in.npy: expected a name that ends in .safetensors" train in.csv -o in.npy --steps 1
refuses 2 "in.npy: is read" inpaint f.safetensors in.npy -o in.npy
refuses 2 "in.csv: is read" denoise f.safetensors in.csv --noise 1 -o ./in.csv
refuses 2 "in.csv: is read" inpaint f.safetensors in.csv -o in.csv --force
refuses 2 "in.csv: is read" sample f.safetensors in.csv --trajectory t.png -o in.csv
refuses 2 "is read" train in.csv -o f.checkpoint.safetensors --resume f.checkpoint.safetensors
ln -s in.csv link.csv
refuses 2 "in.csv: is read" inpaint f.safetensors in.csv -o link.csv
refuses 2 "link.csv: is read" inpaint f.safetensors link.csv -o in.csv
rm link.csv
mkdir pictures
cp in.png pictures
refuses 2 "pictures: is read" train pictures -o x.safetensors --plot pictures/in.png
cp in.npy x.checkpoint.safetensors
refuses 2 "x.checkpoint.safetensors: there is a file already, and it is a NumPy array" train in.csv -o x.safetensors
rm x.checkpoint.safetensors
refuses 2 "two outputs of one name" sample f.safetensors -n 4 -o two.png --trajectory ./two.png
cp in.csv is_text.safetensors
refuses 2 "it is a text; --force writes over it" train in.csv -o is_text.safetensors --steps 1
cp in.csv is_text.png
refuses 2 "it is a text" bound f.safetensors in.csv --plot is_text.png
refuses 2 "it is a text" sample f.safetensors -o is_text.png
cp f.safetensors is_model.npy
refuses 2 "it is a safetensors file" data swiss-roll -o is_model.npy
same in.csv kept.csv "a refused output"
same in.npy kept.npy "a refused output"
same f.safetensors kept.safetensors "a refused output"
works force train in.csv -o is_text.safetensors --model "$tiny" --schedule "$few" --steps 1 --force -q
works force sample f.safetensors -n 4 -o is_text.png --force -q
is_png is_text.png
works "one of its kind" sample f.safetensors -n 4 -o is_text.png -q
works net train "$data/digits.csv.gz" -o net.safetensors --data "labels=last shape=8,8,1" --model "unet channels=8,16 blocks=1 groups=4" \
    --steps 1 -q
works export export net.safetensors exported
refuses 2 "exported: is read" export exported exported
works "export over an export" export net.safetensors exported
refuses 2 "pictures: the folder holds files but no model_index.json" export net.safetensors pictures
refuses 1 "in.csv: not a folder" export net.safetensors in.csv

# Before the work, as is all of it above.
n=nnnnnnnnnnnnnnnnnnnnnnnnn
n=$n$n$n$n$n$n$n$n$n$n
refuses 2 "expected a name that ends in .png" sample f.safetensors --trajectory t.png -o ""
refuses 2 "expected a name that ends in .safetensors" train in.csv -o ""
refuses 1 "cannot write: File name too long" data swiss-roll -o "${n}nn.csv"
refuses 1 "cannot write: File name too long" train in.csv -o "$n.safetensors"
refuses 1 "cannot write: No such file" train in.csv -o x.safetensors --plot nowhere/x.png
n=${n%nnnnnnn}
works "a name of 255 bytes" train in.csv -o "$n.safetensors" --model "$tiny" --schedule "$few" --steps 1 \
    --checkpoint-every 1 -q
rm "$n.safetensors" nnn*.checkpoint.safetensors
if [ "$(id -u)" -ne 0 ]; then
    chmod 444 is_text.png
    refuses 1 "is_text.png: cannot write: Permission denied" sample f.safetensors -o is_text.png
fi

# A link is followed, there or not; modes stay.
mkdir far
ln -s far/m.safetensors m.safetensors
ln -s far/s.csv s1.csv
echo OLD >far/s.csv
chmod 600 far/s.csv
works "a model behind a link" train in.csv -o m.safetensors --model "$tiny" --schedule "$few" --steps 1 -q
works "a table behind a link" sample m.safetensors -n 2 -o s1.csv -q
checks=$((checks + 1))
[ -L m.safetensors ] && [ -L s1.csv ] && [ -f far/m.safetensors ] || note "a link was replaced"
[ "$(wc -l <far/s.csv)" -eq 2 ] || note "the file behind a link was not written"
[ "$(stat -c %a far/s.csv)" = 600 ] || note "a file of mode 600 has mode $(stat -c %a far/s.csv)"

# Killed while it saves, again and again: one .part at most, and the next save takes it over.
mkdir kills
i=0
while [ "$i" -lt 8 ]; do
    i=$((i + 1))
    timeout -s KILL "0.$i" "$tool" train in.csv -o kills/m.safetensors --model "mlp width=256 depth=3" \
        --schedule "$few" --steps 100000 --checkpoint-every 1 --force -q 2>/dev/null
done 2>/dev/null
checks=$((checks + 1))
[ "$(find kills -name '*.part' | wc -l)" -le 1 ] || note "kills left $(find kills -name '*.part' | wc -l) .part files"
: >kills/m.checkpoint.safetensors.diffusion.part
works "over a stale one" train in.csv -o kills/m.safetensors --model "$tiny" --schedule "$few" --steps 1 \
    --checkpoint-every 1 --force -q
checks=$((checks + 1))
[ "$(find kills -name '*.part' | wc -l)" -eq 0 ] || note "a stale .part file stayed"
