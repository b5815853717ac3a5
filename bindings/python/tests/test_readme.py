"""README.md's own lines."""
import pathlib
import re


def test_the_readme_s_programs_run(capsys):
    text = (pathlib.Path(__file__).resolve().parent.parent / 'README.md').read_text()
    names = {}
    for block in re.findall('```python\n(.*?)```', text, re.S):
        exec(block, names)
    radius, bits = map(float, re.findall(r'-?\d+\.\d\d', capsys.readouterr().out))
    assert abs(radius - 2 ** 0.5) < 0.15 and -3.5 < bits < 0.5
    assert abs(names['new'].mean() - 100) < 1 and names['scores'].shape == (10,)
