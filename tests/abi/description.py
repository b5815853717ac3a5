"""description.py ROOT: bindings/abi.json is what the headers say now, and says all that a binding needs to know.

That it is complete is seen from two other lists: every exported name is in it, and every pointer that it does not
say may be NULL is refused by a line of tests/api/refusals.c.
"""
import json
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(ROOT / 'scripts'))
sys.dont_write_bytecode = True
import abi  # noqa: E402

FAULTS = {
    'no shape': ('DIFFUSION_API void diffusion_f(float *x);', 'no shape'),
    'no such parameter': ('/** @param y [n]. */ DIFFUSION_API void diffusion_f(size_t n);', 'no parameter: y'),
    'what is no declaration': ('static int x;', 'cannot be read: static int x;'),
    'a handle that nobody frees': ('typedef struct diffusion_a diffusion_a;', 'no function that frees it'),
}


def check_names(functions):
    exported = set(re.findall(r'^ +(diffusion_\w+);', (ROOT / 'src/libdiffusion.map').read_text(), re.M))
    assert exported == set(functions), f'abi.json and libdiffusion.map differ in {sorted(exported ^ set(functions))}'


def check_nulls(functions):
    rows = (ROOT / 'tests/api/refusals.c').read_text()
    refused = set(re.findall(r'"(\w+) is NULL",\s*(diffusion_\w+)\(', rows))
    for name, function in functions.items():
        if function['returns']['kind'] != 'status':
            continue
        for parameter in function['parameters']:
            if parameter['kind'] == 'number' or parameter['kind'] == 'opaque':
                continue
            found = (parameter['name'], name) in refused
            assert found or parameter['nullable'], f'{name}: the header does not say that {parameter["name"]} may be ' \
                'NULL, and tests/api/refusals.c has no line that refuses it'
            assert not found or not parameter['nullable'] or re.search(' if | for |likewise|then', parameter['doc']), \
                f'{name}: {parameter["name"]} may always be NULL, the header says, and tests/api/refusals.c refuses it'


def check_faults():
    for title, (text, sentence) in FAULTS.items():
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / 'planted.h').write_text(text + '\n')
            try:
                abi.describe(pathlib.Path(folder))
            except abi.AbiError as error:
                assert sentence in str(error), f'{title}: {error}'
            else:
                raise AssertionError(f'{title}: not noticed')


abi.main(['--check'])
functions = {function['name']: function for function in json.loads(abi.TARGET.read_text())['functions']}
check_names(functions)
check_nulls(functions)
check_faults()
