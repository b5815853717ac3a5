"""How the library is found, and what is said where it is not, or is of another version."""
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

import libdiffusion as ld

FOLDER = pathlib.Path(ld.__file__).resolve().parent


def run(folder, script, **environment):
    environment = {**os.environ, 'PYTHONPATH': str(folder), 'PYTHONDONTWRITEBYTECODE': '1', **environment}
    return subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, env=environment,
                          cwd=folder)


def test_a_thread_in_a_call_does_not_stop_the_end():
    script = '''
import threading, time, libdiffusion as ld
schedule, model = ld.Schedule('cosine steps=1000'), ld.Model('mlp shape=2 width=256')
sampler, begun = ld.Sampler(model, schedule, 'ddim'), threading.Event()
threading.Thread(target=sampler.run, args=(10000,), kwargs={'progress': lambda *_: begun.set()}, daemon=True).start()
begun.wait()
'''
    done = run(FOLDER.parent, script)
    assert (done.returncode, done.stderr) == (0, '')


def test_versions_are_the_library_s():
    project = (FOLDER.parent / 'pyproject.toml').read_text()
    assert f'version = "{ld.version()}"' in project and ld.__version__ == ld.version()


def test_a_library_that_is_missing_is_told():
    done = run(FOLDER.parent, 'import libdiffusion', DIFFUSION_LIBRARY='/no/such.so')
    assert done.returncode == 1
    assert 'ImportError: libdiffusion cannot be loaded (/no/such.so: ' in done.stderr
    assert 'DIFFUSION_LIBRARY' in done.stderr.splitlines()[-1]


def built(folder, source):
    if shutil.which('cc') is None:
        pytest.skip('no C compiler here')
    (folder / 'other.c').write_text(source)
    subprocess.run(['cc', '-shared', '-fPIC', '-o', folder / 'other.so', folder / 'other.c'], check=True)
    return str(folder / 'other.so')


def test_a_library_of_another_version_is_refused(tmp_path):
    other = built(tmp_path, 'const char *diffusion_version(void) { return "0.99.3"; }')
    last = run(FOLDER.parent, 'import libdiffusion', DIFFUSION_LIBRARY=other).stderr.splitlines()[-1]
    assert last == (f'ImportError: {other} is libdiffusion 0.99.3, but this package is for version '
                    f'{".".join(ld.__version__.split(".")[:2])}: install the package and the library of one version')


def test_a_library_without_a_function_is_refused(tmp_path):
    other = built(tmp_path, f'const char *diffusion_version(void) {{ return "{ld.__version__}"; }}')
    last = run(FOLDER.parent, 'import libdiffusion', DIFFUSION_LIBRARY=other).stderr.splitlines()[-1]
    assert last.startswith('ImportError') and 'lacks diffusion_' in last


def test_a_library_that_a_wheel_carries_is_taken(tmp_path):
    from libdiffusion import _library
    if not os.path.isfile(_library.path):
        pytest.skip('the library was found by its name alone')
    shutil.copytree(FOLDER, tmp_path / 'libdiffusion', ignore=shutil.ignore_patterns('lib', '__pycache__'))
    beside = tmp_path / 'libdiffusion' / 'lib' / 'libdiffusion.so.0.1'
    beside.parent.mkdir()
    beside.symlink_to(pathlib.Path(_library.path).resolve())
    script = 'import libdiffusion._library as found; print(found.path)'
    done = run(tmp_path, script, DIFFUSION_LIBRARY='')
    assert done.stdout.strip() == str(beside), done.stderr
