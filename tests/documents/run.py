"""Types what a page of the documentation says: run.py PAGE [--show] [--write], with BUILD, CC, CXX and FLAGS in the environment.

Blocks of code are taken in their order, in one empty folder, with the tool and the library of the build in reach. `sh` is
run and must succeed; a `text` block behind it is what it prints, but for numbers and blanks (a line `...` stands for any
lines). A comment above a block says otherwise:

    <!-- file: roll.c -->         the block is the file of that name
    <!-- within: parameters -->   C for the body of a function of these parameters: it is compiled
    <!-- not run: the reason -->  the block is left alone
    <!-- exactly: the reason -->  what is printed is just that; --write puts it into the page if it is not
    <!-- needs: numpy -->         the page is skipped where Python has no such module

A block of C, C++ or Python that is none of these must say why it is not run. --show prints what the commands print.
"""
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^(?:<!-- (\w[\w ]*): ([^\n]*?) -->\n+)?```(\w*)\n(.*?)^```$", re.M | re.S)
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")
WARNINGS = "-Wall -Wextra -Wpedantic -Werror"


def environment(folder):
    """That of a reader who has installed the library."""
    build = Path(os.environ["BUILD"])
    tools = folder.parent / "bin"
    tools.mkdir()
    (tools / "diffusion").symlink_to(build / "tool" / "diffusion")
    for name, compiler in ("cc", os.environ["CC"]), ("c++", os.environ["CXX"] or "c++"):
        (tools / name).symlink_to(shutil.which(compiler) or compiler)
    (tools / "python3").symlink_to(sys.executable)
    version = re.findall(r"VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", (ROOT / "include/diffusion/version.h").read_text())
    (tools / "libdiffusion.pc").write_text(
        f"Name: libdiffusion\nDescription: as built\nVersion: {'.'.join(version)}\n"
        f"Cflags: {WARNINGS} {os.environ['FLAGS']} -I{ROOT}/include\n"
        f"Libs: {os.environ['FLAGS']} -L{build} -Wl,-rpath,{build} -ldiffusion\n")
    return dict(os.environ, PATH=f"{tools}:{os.environ['PATH']}", PKG_CONFIG_PATH=str(tools), LC_ALL="C.UTF-8",
                PYTHONPATH=str(ROOT / "bindings" / "python"), PYTHONDONTWRITEBYTECODE="1",
                DIFFUSION_LIBRARY=str(build / "libdiffusion.so"))


def pattern(expected):
    """What is printed on the page, as a regular expression: numbers may be others, a line `...` is any lines."""
    lines = []
    for line in expected.strip().split("\n"):
        if line.strip() == "...":
            lines.append(r"(?:.*\n)*?")
            continue
        words = NUMBER.sub("0", line).split()
        lines.append(r"\s*" + r"\s+".join(re.escape(word).replace("0", r"\d+(?:\.\d+)?(?:e[+-]?\d+)?") for word in words) +
                     r"\s*\n")
    return re.compile("".join(lines) + r"\s*\Z")


def run(script, folder, env):
    done = subprocess.run(["sh", "-e"], input=script, cwd=folder, env=env, text=True, timeout=240,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        sys.exit(f"returned {done.returncode}:\n{script}\n{done.stdout}")
    return done.stdout


def compile_within(parameters, body, folder, env):
    """Compiles lines that belong into a function, whatever they leave unused."""
    (folder / "within.c").write_text(f"#include <diffusion.h>\nvoid within({parameters});\nvoid within({parameters})\n{{\n"
                                     f"{body}}}\n", encoding="utf-8")
    run("cc -c within.c $(pkg-config --cflags libdiffusion) -Wno-unused\n", folder, env)


def check_exactly(page, expected, said):
    """Compares what a command prints with the page, or brings the page up to date."""
    if expected.strip() == said.strip():
        return
    if "--write" not in sys.argv:
        sys.exit(f"{page} is not what is printed; bring it up to date: BUILD={os.environ['BUILD']} CC=cc CXX=c++ FLAGS= "
                 f"python3 tests/documents/run.py {page} --write")
    page.write_text(page.read_text(encoding="utf-8").replace(expected, said.strip() + "\n", 1), encoding="utf-8")


def follow(page, text, folder, env):
    """Does what the page says; returns a line about it."""
    count, left, said = 0, [], None
    for what, value, language, body in BLOCK.findall(text):
        if what == "not run":
            left.append(value)
            said = None
        elif what == "file":
            (folder / value).write_text(body, encoding="utf-8")
            count += 1
        elif what == "within":
            compile_within(value, body, folder, env)
            count += 1
        elif language == "sh":
            said = run(body, folder, env)
            count += 1
            if "--show" in sys.argv:
                print(f"---\n{body}---\n{said}")
        elif what == "exactly":
            check_exactly(page, body, said)
        elif language == "text" and said is not None:
            if not pattern(body).match(said + "\n"):
                sys.exit(f"the page has it print\n{body}\nbut it prints\n{said}")
            said = None
        elif language in ("c", "cpp", "python"):
            sys.exit(f"a block of {language} has no comment that says what it is:\n{body}")
    return f"{count} blocks followed" + "".join(f"\nnot run: {reason}" for reason in left)


def main():
    page = Path(sys.argv[1])
    text = page.read_text(encoding="utf-8")
    for module in re.findall(r"<!-- needs: (\w+) -->", text):
        if importlib.util.find_spec(module) is None:
            print(f"python3 has no {module}")
            sys.exit(77)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "work"
        folder.mkdir()
        (folder / "data").symlink_to(ROOT / "data")
        print(follow(page, text, folder, environment(folder)))


main()
