"""The raw layer of LuaJIT: all declarations for ffi.cdef()."""

TARGET = 'lua/diffusion/raw.lua'

HEAD = '''\
-- Declarations of libdiffusion {version}. Written from abi.json by generate.py; do not edit.
local ffi = require("ffi")

local raw = {{ version = "{version}", status = {{}} }}
'''


def declared(kind, name):
    """`char *` and `name` as C writes them together."""
    return f'{kind}{name}' if kind.endswith('*') else f'{kind} {name}'


def prototype(entry):
    parameters = ', '.join(declared(p['type'], p['name']) for p in entry['parameters'])
    return declared(entry['returns']['type'], f'{entry["name"]}({parameters or "void"});')


def wrapped(line):
    """Broken after a comma where it is longer than a line."""
    lines = []
    while len(line) > 120:
        cut = line.rindex(', ', 0, 120) + 1
        lines.append(line[:cut])
        line = '    ' + line[cut + 1:]
    return lines + [line]


def generate(abi):
    lines = [HEAD.format(version=abi['version'])]
    for constant in abi['constants']:
        if 'VERSION' not in constant['name']:
            lines.append(f'raw.status.{constant["name"].removeprefix("DIFFUSION_")} = {constant["value"]}')
    lines += ['', 'ffi.cdef[[']
    lines += [f'typedef {kind} {name};' for name, kind in abi['types'].items()]
    lines += [f'typedef struct {handle["name"]} {handle["name"]};' for handle in abi['handles']]
    for callback in abi['callbacks']:
        lines += wrapped('typedef ' + prototype(callback))
    for function in abi['functions']:
        lines += wrapped(prototype(function))
    return '\n'.join(lines + [']]', '', 'return raw', ''])
