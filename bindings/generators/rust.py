"""The raw layer of Rust: constants, opaque types, callbacks and functions, as rustfmt lays them out."""
import re

TARGET = 'rust/libdiffusion-sys/src/raw.rs'

HEAD = '''\
// Constants, types and functions of libdiffusion {version}. Written from abi.json by generate.py; do not edit.

use std::marker::{{PhantomData, PhantomPinned}};
use std::os::raw::{{c_char, c_void}};

'''
OPAQUE = '''\
#[repr(C)]
pub struct {name} {{
    _data: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}}

'''
PRIMITIVES = {'float': 'f32', 'double': 'f64', 'size_t': 'usize', 'int32_t': 'i32', 'int64_t': 'i64', 'uint8_t': 'u8',
              'uint64_t': 'u64', 'void': 'c_void', 'char': 'c_char'}
WIDTH = 120


def rust_type(c_type):
    """The words and stars of a C type, read from its end: every star points to what stands before it."""
    tokens = re.findall(r'\w+|\*', c_type)
    base = [token for token in tokens[:2] if token not in ('const', '*')][0]
    if base.endswith('_fn'):
        return base
    text, constant = PRIMITIVES.get(base, base), tokens[0] == 'const'
    rest = tokens[tokens.index(base) + 1:]
    while rest:
        rest.pop(0)
        text = f'*{"const" if constant else "mut"} {text}'
        constant = rest[:1] == ['const']
        rest = rest[1:] if constant else rest
    return text


def doc(item, indent=''):
    """The first sentence, without what rustdoc would read as markup; the header has it all."""
    sentence = re.split(r'(?<=\.)\s|:?\n\n', item['doc'].strip() + '\n\n')[0]
    sentence = re.sub(r'([\[\]<>*_`])', r'\\\1', ' '.join(sentence.split()))
    lines, line = [], f'{indent}///'
    for word in sentence.split():
        if len(line) + len(word) >= WIDTH:
            lines.append(line)
            line = f'{indent}///'
        line += f' {word}'
    return ''.join(f'{text}\n' for text in [*lines, line] if sentence)


def signature(item, start, end, indent):
    """One line if it fits, else a line a parameter."""
    parameters = [f'{parameter["name"]}: {rust_type(parameter["type"])}' for parameter in item['parameters']]
    result = '' if item['returns']['kind'] == 'nothing' else f' -> {rust_type(item["returns"]["type"])}'
    line = f'{indent}{start}({", ".join(parameters)}){result}{end}'
    if len(line) <= WIDTH:
        return f'{line}\n'
    inner = ''.join(f'{indent}    {parameter},\n' for parameter in parameters)
    return f'{indent}{start}(\n{inner}{indent}){result}{end}\n'


def callback_type(callback):
    start, name = 'unsafe extern "C" fn', f'pub type {callback["name"]} ='
    for before, indent, end in ((f'{name} ', '', '>;'), (f'{name}\n', '    ', '>;')):
        lines = (before + signature(callback, f'Option<{start}', end, indent)).splitlines()
        if len(lines) <= 2 and max(map(len, lines)) <= WIDTH:
            return '\n'.join(lines) + '\n'
    return f'{name} Option<\n{signature(callback, start, ",", "    ")}>;\n'


def generate(abi):
    text = HEAD.format(version=abi['version'])
    for name, target in abi['types'].items():
        text += f'pub type {name} = {PRIMITIVES[target]};\n'
    for constant in abi['constants']:
        kind = 'i32' if constant['name'].startswith('DIFFUSION_VERSION') else 'diffusion_status'
        text += f'{doc(constant)}pub const {constant["name"]}: {kind} = {constant["value"]};\n'
    text += '\n'
    for handle in abi['handles']:
        text += doc(handle) + OPAQUE.format(name=handle['name'])
    for callback in abi['callbacks']:
        text += f'{doc(callback)}{callback_type(callback)}\n'
    text += 'extern "C" {\n'
    for function in abi['functions']:
        text += doc(function, '    ') + signature(function, f'pub fn {function["name"]}', ';', '    ')
    return text + '}\n'
