"""The raw layer of Python: constants, types of callbacks, and a table of prototypes for ctypes."""

TARGET = 'python/libdiffusion/_raw.py'

HEAD = '''\
"""Constants and prototypes of libdiffusion {version}. Written from abi.json by generate.py; do not edit.

PROTOTYPES has (result, *arguments) by the names of functions without "diffusion_". STATUS as a result is checked by
whoever declares the functions; read() and write() take numpy arrays of one dtype, contiguous, and nothing else.
"""
from ctypes import (CFUNCTYPE, POINTER, c_char_p, c_double, c_float, c_int32, c_int64, c_size_t, c_uint8, c_uint64,
                    c_void_p)

from ._arrays import read, read_or_none, write, write_or_none

VERSION = '{version}'
STATUS = object()
'''
DTYPES = {'float': 'float32', 'double': 'float64', 'int32_t': 'int32', 'int64_t': 'int64', 'uint8_t': 'uint8'}
NUMBERS = {'float': 'c_float', 'double': 'c_double', 'diffusion_status': 'c_int32', 'int32_t': 'c_int32',
           'int64_t': 'c_int64', 'uint64_t': 'c_uint64', 'uint8_t': 'c_uint8', 'size_t': 'c_size_t'}


def short(name):
    return name.removeprefix('diffusion_')


def argument(parameter):
    kind = parameter['kind']
    if kind == 'number':
        return NUMBERS[parameter['type']]
    if kind == 'result':
        return f'POINTER({NUMBERS[parameter["element"]]})'
    if kind == 'array' and parameter['element'] in DTYPES:
        role = 'write' if parameter['direction'] == 'out' else 'read'
        return f"{role}{'_or_none' if parameter['nullable'] else ''}('{DTYPES[parameter['element']]}')"
    return {'handle_out': 'POINTER(c_void_p)', 'text': 'c_char_p', 'texts': 'POINTER(c_char_p)',
            'callback': f'{short(parameter.get("callback", ""))}'}.get(kind, 'c_void_p')


def result(returns):
    if returns['kind'] == 'array':
        return f'POINTER({NUMBERS[returns["element"]]})'
    return {'status': 'STATUS', 'nothing': 'None', 'text': 'c_char_p', 'handle': 'c_void_p', 'opaque': 'c_void_p',
            'number': NUMBERS.get(returns['type'])}[returns['kind']]


def in_callback(parameter):
    """A callback is handed plain pointers: what they point to is the caller's."""
    if parameter['kind'] == 'array':
        return f'POINTER({NUMBERS[parameter["element"]]})'
    return argument(parameter)


def wrapped(start, items, end):
    """One line if it fits, else one that goes on under the bracket."""
    lines = [start]
    for i, item in enumerate(items):
        item += end if i == len(items) - 1 else ', '
        if len(lines[-1] + item.rstrip()) > 120:
            lines[-1] = lines[-1].rstrip()
            lines.append(' ' * (start.index('(') + 1))
        lines[-1] += item
    return '\n'.join(lines)


def generate(abi):
    lines = [HEAD.format(version=abi['version'])]
    for constant in abi['constants']:
        if not constant['name'].startswith('DIFFUSION_VERSION'):
            lines.append(f'{constant["name"].removeprefix("DIFFUSION_")} = {constant["value"]}')
    lines.append('')
    for callback in abi['callbacks']:
        types = [result(callback['returns']), *map(in_callback, callback['parameters'])]
        lines.append(wrapped(f'{short(callback["name"])} = CFUNCTYPE(', types, ')'))
    lines += ['', 'PROTOTYPES = {']
    for function in abi['functions']:
        types = [result(function['returns']), *map(argument, function['parameters'])]
        lines.append(wrapped(f"    '{short(function['name'])}': (", types, '),' if len(types) > 1 else ',),'))
    lines.append('}')
    return '\n'.join(lines) + '\n'
