#!/usr/bin/env python3
"""Describes the library's binary interface, read from its public headers, for the generators of bindings.

    abi.py            writes bindings/abi.json
    abi.py --check    says whether it is as the headers are

What a declaration does not say is read from its comment, and what that does not say is an error:

    [n, dim]      in a parameter's or a returned pointer's text: an array of that shape; the names are those of
                  parameters, or dim, outputs, width and T of the handles that the call is given
    Receives …    without a shape: one number that the call writes
    NULL          in a parameter's text, or "for NULL" in a function's: the pointer may be NULL
    static string what is returned is never freed and lives for ever; other returned pointers are borrowed

A parameter's "kind" is one of: number, handle, handle_out (the caller frees what it receives), text, texts (an array of
them), array, result (one number that is written), callback, opaque (void * that the library only passes on).
"""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / 'bindings' / 'abi.json'

DOC = r'/\*\*(?P<doc>(?:[^*]|\*(?!/))*)\*/\s*'
ITEMS = re.compile('|'.join((
    r'(?P<noise>\s+|/\*(?!\*).*?\*/|#(?:ifndef|endif|include)[^\n]*|#define \w+_H\n|DIFFUSION_(?:BEGIN|END)\n)',
    r'#define\s+(?P<constant>DIFFUSION_\w+)[\s\\]+\(?(?P<value>-?\d+)\)?[ \t]*(?:/\*\*<(?P<after>.*?)\*/)?',
    r'typedef struct (?P<handle>\w+) (?P=handle);',
    r'typedef (?P<alias_of>\w+) (?P<alias>\w+);',
    r'typedef (?P<callback_returns>[\w *]+?)(?P<callback>\w+_fn)\((?P<callback_parameters>[^()]*)\);',
    r'DIFFUSION_API\s+(?P<returns>[\w *]+?)(?P<function>\w+)\((?P<parameters>[^()]*)\);')), re.S)
SHAPE = re.compile(r'\[([A-Za-z_]\w*(?:, ?[A-Za-z_]\w*)*)\]')
ELEMENTS = {'int32_t', 'int64_t', 'uint64_t', 'uint8_t', 'size_t', 'float', 'double', 'char', 'void'}


class AbiError(Exception):
    """A header that cannot be read in full."""


def tidy(comment):
    """A comment's text without its frame of asterisks."""
    lines = [re.sub(r'^\s*\* ?', '', line).rstrip() for line in comment.strip().splitlines()]
    return '\n'.join(lines).strip()


def join(text):
    return ' '.join(text.split())


def split_doc(comment):
    """The text before the tags, {parameter: text}, and the text of @return with all that follows."""
    head, *tags = re.split(r'^@', tidy(comment), flags=re.M)
    parameters, returns = {}, ''
    for tag in tags:
        word, _, rest = tag.partition(' ')
        if word == 'return':
            returns = join(rest)
            continue
        names = re.match(r'(\w+(?:, \w+)*)\s+(.*)', rest, re.S)
        if word != 'param' or not names:
            raise AbiError(f'neither @param nor @return: @{tag}')
        parameters.update(dict.fromkeys(names[1].split(', '), join(names[2])))
    return head.strip(), parameters, returns


def split_type(text):
    """'const float *' of 'const float *x', and 'x'."""
    match = re.fullmatch(r'\s*(.*?)(\w+)\s*', text, re.S)
    return join(match[1]), match[2]


def shape_of(text):
    found = SHAPE.search(text)
    return re.split(', ?', found[1]) if found else None


def pointer(name, type_, text, known):
    """What a pointer points to: its kind and what goes with that."""
    base = re.sub(r'\bconst\b|\*', '', type_).strip()
    shape = shape_of(text)
    if base in known['handles']:
        if type_.count('*') == 2:
            return {'kind': 'handle_out', 'handle': base, 'free': known['handles'][base]['free']}
        return {'kind': 'handle', 'handle': base}
    if base in known['callbacks']:
        return {'kind': 'callback', 'callback': base}
    if type_ == 'const char *':
        return {'kind': 'text'}
    if type_ == 'const char *const *' and shape:
        return {'kind': 'texts', 'shape': shape}
    if base in ELEMENTS and type_.count('*') == 1:
        if shape:
            return {'kind': 'array', 'element': base, 'shape': shape}
        if text.startswith('Receives'):
            return {'kind': 'result', 'element': base}
        if base == 'void':
            return {'kind': 'opaque'}
    raise AbiError(f'{name} is {type_}, whose comment has no shape such as [n, dim], nor begins with "Receives"')


def parameter(declaration, texts, whole, known):
    type_, name = split_type(declaration)
    text = texts.pop(name, '')
    entry = {'name': name, 'type': type_, 'doc': text}
    if '*' not in type_:
        return {**entry, 'kind': 'number', 'direction': 'in', 'nullable': False}
    entry.update(pointer(name, type_, text, known))
    written = entry['kind'] in ('array', 'result', 'handle_out') and not type_.startswith('const')
    changed = entry['kind'] == 'handle' and not type_.startswith('const')
    entry['direction'] = 'out' if written else 'inout' if changed else 'in'
    nullable_handle = entry['kind'] == 'handle' and re.search(r'for NULL|NULL is allowed', whole)
    entry['nullable'] = entry['kind'] == 'opaque' or 'NULL' in text or bool(nullable_handle)
    return entry


def parameters(declarations, texts, whole, known):
    declarations = [] if declarations.strip() == 'void' else declarations.split(',')
    found = [parameter(declaration, texts, whole, known) for declaration in declarations]
    if texts:
        raise AbiError(f'@param of what is no parameter: {", ".join(texts)}')
    return found


def returned(type_, head, text, known):
    """What comes back; a pointer's shape and whether it may be NULL stand in the comment's summary or in @return."""
    entry = {'type': type_, 'doc': text}
    if '*' not in type_:
        return {**entry, 'kind': 'nothing' if type_ == 'void' else 'status' if type_ in known['types'] else 'number'}
    whole = f'{join(head)} {text}'
    entry.update(pointer('what it returns', type_, whole, known))
    entry['ownership'] = 'static' if 'static string' in whole else 'borrowed'
    entry['nullable'] = 'NULL' in whole and 'never NULL' not in whole
    return entry


def read_items(path):
    """Yields (match of ITEMS, comment before it), and refuses any text that is neither."""
    text, at, doc = path.read_text(), 0, None
    while at < len(text):
        comment = re.compile(DOC).match(text, at)
        found = None if comment else ITEMS.match(text, at)
        if not comment and not found:
            raise AbiError('cannot be read: ' + text[at:].splitlines()[0])
        if found and not found['noise']:
            yield found, doc
        doc = comment['doc'] if comment else doc if (found['noise'] or '').isspace() else None
        at = (comment or found).end()


def name_of(item):
    return item['function'] or item['callback'] or item['handle'] or item['alias'] or item['constant']


def read_headers(folder):
    """All items of the headers but export.h, whose macros are the compiler's."""
    return [(path.name, item, doc) for path in sorted(folder.glob('*.h')) if path.name != 'export.h'
            for item, doc in read_items(path)]


def collect_names(items):
    functions = {item['function'] for _, item, _ in items}
    handles = {}
    for header, item, doc in items:
        if item['handle']:
            handles[item['handle']] = {'name': item['handle'], 'header': header, 'free': f'{item["handle"]}_free',
                                       'doc': join(tidy(doc or ''))}
            if handles[item['handle']]['free'] not in functions:
                raise AbiError(f'{header}: {item["handle"]} has no function that frees it')
    return {'handles': handles, 'callbacks': {item['callback'] for _, item, _ in items if item['callback']},
            'types': {item['alias']: item['alias_of'] for _, item, _ in items if item['alias']}}


def describe_call(header, item, doc, known):
    kind = 'function' if item['function'] else 'callback'
    head, texts, returns = split_doc(doc or '')
    whole = f'{join(head)} {returns}'
    return {'name': item[kind], 'header': header, 'doc': head,
            'parameters': parameters(item['parameters'] or item['callback_parameters'], texts, whole, known),
            'returns': returned(join(item['returns'] or item['callback_returns']), head, returns, known)}


def describe(folder):
    items = read_headers(folder)
    known = collect_names(items)
    result = {'version': '', 'types': known['types'], 'constants': [], 'handles': list(known['handles'].values()),
              'callbacks': [], 'functions': []}
    faults = []
    for header, item, doc in items:
        try:
            if item['function'] or item['callback']:
                entry = describe_call(header, item, doc, known)
                result['functions' if item['function'] else 'callbacks'].append(entry)
            elif item['constant']:
                result['constants'].append({'name': item['constant'], 'value': int(item['value']), 'header': header,
                                            'doc': join(item['after'] or '')})
        except AbiError as error:
            faults.append(f'{header}: {name_of(item)}: {error}')
    if faults:
        raise AbiError('\nabi.py: '.join(faults))
    values = {constant['name']: constant['value'] for constant in result['constants']}
    result['version'] = '.'.join(str(values[f'DIFFUSION_VERSION_{part}']) for part in ('MAJOR', 'MINOR', 'PATCH'))
    return result


def main(arguments):
    try:
        text = json.dumps(describe(ROOT / 'include' / 'diffusion'), indent=1, ensure_ascii=False) + '\n'
    except AbiError as error:
        sys.exit(f'abi.py: {error}')
    if arguments == ['--check']:
        if not TARGET.exists() or TARGET.read_text() != text:
            sys.exit('abi.py: bindings/abi.json is not what the headers say; run python3 scripts/abi.py')
    elif arguments:
        sys.exit('usage: abi.py [--check]')
    else:
        TARGET.write_text(text)


if __name__ == '__main__':
    main(sys.argv[1:])
