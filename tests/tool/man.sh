#!/bin/sh
# Manual pages: man.sh DIFFUSION PAGE. That of every command and diffusion(1) are sound by mandoc, and have every option.
set -u
tool=$1
page=$2
command -v mandoc >/dev/null || { echo "no mandoc, which checks manual pages"; exit 77; }
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 1
failures=0
note() {
    failures=$((failures + 1))
    printf 'FAILED: %s\n' "$1"
}

cp "$page" diffusion.1
commands=$("$tool" help | sed -n '/^A first run/q; s/^  \([a-z][a-z]*\)  *[a-z].*/\1/p')
[ "$(echo "$commands" | wc -l)" -gt 15 ] || note "commands: $commands"
for command in $commands; do
    "$tool" help --man "$command" >"diffusion-$command.1" || note "help --man $command: status $?"
    grep -q "^\.Ss $command$" diffusion.1 || note "diffusion.1: nothing of $command"
    mandoc -T ascii "diffusion-$command.1" | sed 's/.\x08//g' >page.txt
    for option in $("$tool" "$command" --help | sed -n 's/^  .*\(--[a-z][a-z-]*\).*/\1/p' | sort -u); do
        grep -q -- "$option" page.txt || note "diffusion-$command.1: no $option"
    done
done
mandoc -T lint -W warning ./*.1 >said.txt 2>&1 || note "mandoc: $(cat said.txt)"
[ "$failures" -eq 0 ]
