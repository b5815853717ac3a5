# Names that pictures show: long ones of several bytes a character, and bytes that are no UTF-8, which stand as U+FFFD.

long=x
for i in 0 1 2 3 4 5 6 7 8 9; do long="${long}éééééééééé"; done
bad=$(printf '\344 \355\240\200 \360\237\222')     # Latin-1, a surrogate, a character cut short
shown=$(printf '�%.0s' 1; printf ' '; printf '�%.0s' 1 2 3; printf ' '; printf '�%.0s' 1 2 3)
never=$(printf '\357\277\277\357\267\220') # U+FFFF and U+FDD0 are UTF-8, and no characters
tiny="mlp width=4 depth=1"

# named FILE X Y: points under these names.
named() {
    awk -v x="$2" -v y="$3" 'BEGIN { srand(1); print x "," y; for (i = 0; i < 60; i++) print rand() "," rand() }' >"$1"
}

named long.csv "$long" "$never"
named bad.csv a "$bad"
named good.csv a "$shown"
for of in long bad good; do
    works "train on $of names" train $of.csv -o $of.safetensors --model "$tiny" --schedule "cosine steps=20" --steps 4 \
        --preview 4 --plot $of-loss.png -q
    is_png $of-preview.png
    is_png $of-loss.png
    works "report of $of names" report $of.safetensors $of.csv -o $of.html -n 40 -q
    works "trajectory of $of names" sample $of.safetensors $of.csv -n 20 --trajectory $of-way.png -q
done
same bad-preview.png good-preview.png "bytes that are no UTF-8, and U+FFFD"
checks=$((checks + 1))
cmp -s long-preview.png good-preview.png && note "a long name is not in the picture"

# The classes of pictures are named by their folders.
works "pictures for classes" data dead-leaves -n 8 --size 8 --radius 1,4 -o flat
mkdir -p "classes/$long" "classes/$never" "classes/plain"
i=0
for picture in flat/*; do
    i=$((i + 1))
    case $((i % 3)) in 0) cp "$picture" classes/plain ;; 1) cp "$picture" "classes/$long" ;; 2) cp "$picture" "classes/$never" ;; esac
done
works "train on classes" train classes -o classes.safetensors --model "$tiny" --schedule "cosine steps=20" --steps 4 -q
works "columns of classes" sample classes.safetensors --n-per-class 2 -o columns.png -q
is_png columns.png
works "report of classes" report classes.safetensors classes -o classes.html -n 8 -q
