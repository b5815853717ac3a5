#!/bin/sh
# digits.sh FOLDER COMMAND...: the command prints of FOLDER/digits.csv what examples/digits.c does, which FOLDER/digits.txt
# holds, to the last digit. A command that is 77 says what it lacks.
set -u
folder=$1
shift
code=0
got=$("$@" "$folder/digits.csv") || code=$?
if [ $code -ne 0 ]; then
    printf '%s\n' "$got"
    exit $code
fi
printf '%s\n' "$got" | diff "$folder/digits.txt" - || exit 1
printf '%s\n' "$got" | tail -n 1
