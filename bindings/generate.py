#!/usr/bin/env python3
"""Writes the raw layer of a language's binding from abi.json.

    generate.py LANGUAGE            writes its file
    generate.py LANGUAGE --check    says whether the file is what it would write

generators/LANGUAGE.py has TARGET, the file's path from this folder, and generate(abi), its text; README.md says what
is in abi.json. Standard library only.
"""
import importlib
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent


def main(arguments):
    languages = sorted(path.stem for path in (ROOT / 'generators').glob('*.py'))
    if not arguments or arguments[0] not in languages or arguments[1:] not in ([], ['--check']):
        sys.exit(f'usage: generate.py {"|".join(languages)} [--check]')
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(ROOT / 'generators'))
    generator = importlib.import_module(arguments[0])
    text = generator.generate(json.loads((ROOT / 'abi.json').read_text(encoding='utf-8')))
    target = ROOT / generator.TARGET
    if arguments[1:]:
        if not target.exists() or target.read_text(encoding='utf-8') != text:
            sys.exit(f'bindings/{generator.TARGET} is stale: run python3 bindings/generate.py {arguments[0]}')
    else:
        target.write_text(text, encoding='utf-8')


main(sys.argv[1:])
