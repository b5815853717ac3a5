#!/bin/sh
# Completion of command lines, by the shells themselves: completion.sh DIFFUSION PYTHON. Shells that are not installed are
# named and left out.
set -u
tool=$1
python=$2
tab="$(cd "$(dirname "$0")" && pwd)/tab.py"
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 1
mkdir bin
ln -s "$tool" bin/diffusion
PATH="$here/bin:$PATH"
HOME=$here
export PATH HOME
: >digits.csv
[ -x "$python" ] || { echo "no $python, which types into shells"; exit 77; }
failures=0
note() {
    failures=$((failures + 1))
    printf 'FAILED: %s\n' "$1"
}

# offers LINE WORD...: these are what may take the place of the last word.
offers() {
    line=$1
    shift
    said=$(diffusion completion --line "$line" | tail -n +2)
    expected=$(printf '%s\n' "$@")
    [ "$said" = "$expected" ] || note "$line: offers '$said', expected '$expected'"
}

offers "diffusion tra" train
offers "diffusion help sche" schedule
offers "diffusion data " swiss-roll heartbeat dead-leaves
offers "diffusion train " :files
offers "diffusion train digits.csv --sa"
offers "diffusion sample m.safetensors --sam" --sampler
offers "diffusion sample m.safetensors -o " :files
offers "diffusion sample m.safetensors -n "
offers "diffusion parzen a b --scale " 0..1 none
offers 'diffusion sample m --sampler ddim_' ddim_inverse
offers 'diffusion sample m --sampler "ddim stri' "ddim stride="
offers 'diffusion sample m --sampler "ddim stride=' "ddim stride=next" "ddim stride=even"
offers "diffusion sample m --sampler 'ddim stride=next stri"
offers 'diffusion sample m --sampler "dpmsolver++ met' "dpmsolver++ method="
offers 'diffusion bound m d --bound dra' draws=
offers 'diffusion train d --train "objective=simple opti' "objective=simple optimizer="
offers 'diffusion train d --data scale=g' scale=grid
offers 'diffusion train d --schedule cosi' cosine
offers 'diffusion nosuch --x'
diffusion completion tcsh >/dev/null 2>said.txt && note "a shell that is none was taken"
grep -q "expected bash, zsh or fish" said.txt || note "tcsh: $(cat said.txt)"

# types SHELL COMMAND KEYS TEXT: after the command, the line of these keys reads so.
types() {
    said=$("$python" "$tab" "$1" "$2" "$3")
    case $said in
    *"$4"*) ;;
    *) note "$1: $3 made '$said', expected '$4'" ;;
    esac
}

if command -v bash >/dev/null; then
    diffusion completion bash >diffusion.bash
    begin='. ./diffusion.bash'
    types "bash --norc -i" "$begin" "diffusion trai\\t" "diffusion train "
    types "bash --norc -i" "$begin" "diffusion sample m --sampler \"ddim stri\\t" 'diffusion sample m --sampler "ddim stride='
    types "bash --norc -i" "$begin" "diffusion train d --data scale=colu\\t" "diffusion train d --data scale=columns "
    types "bash --norc -i" "$begin" "diffusion info dig\\t" "diffusion info digits.csv "
else
    echo "no bash, left out"
fi
if command -v zsh >/dev/null; then
    mkdir functions
    diffusion completion zsh >functions/_diffusion
    begin='fpath=($PWD/functions $fpath); autoload -U compinit; compinit -u -D; PS1=.'
    types "zsh -f -i" "$begin" "diffusion trai\\t" "train "
    types "zsh -f -i" "$begin" "diffusion sample m --samp\\t" "sampler "
    types "zsh -f -i" "$begin" "diffusion sample m --sampler \"ddim stri\\t" "stride="
    types "zsh -f -i" "$begin" "diffusion info dig\\t" "digits.csv"
else
    echo "no zsh, left out"
fi
if command -v fish >/dev/null; then
    diffusion completion fish >diffusion.fish
    fish -c 'source diffusion.fish; complete -C "diffusion tra"; complete -C "diffusion sample m --sampler \"ddim stri"
        complete -C "diffusion info dig"' >said.txt 2>&1
    printf 'train\nddim stride=\ndigits.csv\n' | cmp -s - said.txt || note "fish completes to: $(cat said.txt)"
else
    echo "no fish, left out"
fi
[ "$failures" -eq 0 ]
