"""check_calls.py ROOT: fails if files of ROOT/src or ROOT/tool call each other in a circle, and prints it.

Calls are found in the text: a name of a function with external linkage, followed by a bracket. Calls through a table of
classes are no calls of the file that stands in it.
"""
import pathlib
import re
import sys

COMMENTS = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"', re.S)
DEFINITION = re.compile(r'^(?!static|typedef|#)[A-Za-z_][\w *]*?\b(\w+)\([^;{}]*?\)\s*\n\{', re.M)
CALL = re.compile(r'\b(\w+)\s*\(')


def read(root, tree):
    files = sorted((root / tree).rglob('*.c'))
    return {file.relative_to(root).as_posix(): COMMENTS.sub(' ', file.read_text()) for file in files}


def calls_between(code):
    home = {name: file for file, text in code.items() for name in DEFINITION.findall(text) if name != 'main'}
    return {file: {home[name] for name in CALL.findall(text) if home.get(name, file) != file}
            for file, text in code.items()}


def circles(calls):
    """Strongly connected sets of more than one file (Tarjan)."""
    index, low, stack, found = {}, {}, [], []

    def visit(file):
        index[file] = low[file] = len(index)
        stack.append(file)
        for other in calls[file]:
            if other not in index:
                visit(other)
            if other in stack:
                low[file] = min(low[file], low[other])
        if low[file] == index[file]:
            members = [stack.pop()]
            while members[-1] != file:
                members.append(stack.pop())
            if len(members) > 1:
                found.append(sorted(members))

    for file in calls:
        if file not in index:
            visit(file)
    return found


def main():
    root = pathlib.Path(sys.argv[1])
    found = []
    for tree in ('src', 'tool'):
        code = read(root, tree)
        if not code:
            sys.exit(f'{root}/{tree} has no sources: nothing was checked')
        found += circles(calls_between(code))
    for circle in found:
        print('call one another in a circle: ' + ', '.join(circle))
    sys.exit(1 if found else 0)


main()
