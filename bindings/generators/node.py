"""The raw layer of Node: constants and prototypes as koffi reads them."""
import json

TARGET = 'node/lib/raw.js'

HEAD = '''\
// Constants and prototypes of libdiffusion {version}. Written from abi.json by generate.py; do not edit.
'use strict';

'''
TYPES = {'diffusion_status': 'int32_t'}


def argument(parameter):
    kind = parameter['kind']
    if kind == 'number':
        return TYPES.get(parameter['type'], parameter['type'])
    if kind == 'result':
        return f'_Out_ {parameter["element"]} *'
    if kind == 'array':
        return 'void *' if parameter['element'] in ('void', 'char') else f'{parameter["element"]} *'
    return {'handle_out': '_Out_ void **', 'text': 'str', 'texts': 'str *'}.get(kind, 'void *')


def in_callback(parameter):
    """A callback is handed addresses: what they point to is decoded there."""
    if parameter['kind'] == 'text':
        return 'str'
    return TYPES.get(parameter['type'], parameter['type']) if parameter['kind'] == 'number' else 'void *'


def result(returns):
    if returns['kind'] == 'number':
        return returns['type']
    return {'status': 'int32_t', 'nothing': 'void', 'text': 'str'}.get(returns['kind'], 'void *')


def quoted(values):
    return '[' + ', '.join(f"'{value}'" for value in values) + ']'


def wrapped(name, result_type, types):
    line = f"  {name}: ['{result_type}', {quoted(types)}],"
    if len(line) <= 120:
        return line
    return f"  {name}: ['{result_type}',\n    {quoted(types)}],"


def table(name, entries, convert):
    lines = [f'const {name} = {{']
    for entry in entries:
        lines.append(wrapped(entry['name'].removeprefix('diffusion_'), result(entry['returns']),
                             [convert(parameter) for parameter in entry['parameters']]))
    return lines + ['};', '']


def generate(abi):
    statuses = [f'  {constant["name"].removeprefix("DIFFUSION_")}: {constant["value"]},'
                for constant in abi['constants'] if 'VERSION' not in constant['name']]
    lines = ['const status = {', *statuses, '};', '',
             '// (result, arguments) by the names without "diffusion_".']
    callbacks = [c for c in abi['callbacks'] if 'allocate' not in c['name'] and 'release' not in c['name']]
    lines += table('callbacks', callbacks, in_callback)
    lines += table('functions', abi['functions'], argument)
    lines.append(f"module.exports = {{ version: {json.dumps(abi['version'])}, status, callbacks, functions }};"
                 .replace('"', "'"))
    return HEAD.format(version=abi['version']) + '\n'.join(lines) + '\n'
