"""The tag of a wheel: one that carries the library (libdiffusion/lib, see scripts/wheel.sh) is for one platform."""
import pathlib

from setuptools import Distribution, setup
from wheel.bdist_wheel import bdist_wheel

CARRIES = (pathlib.Path(__file__).resolve().parent / 'libdiffusion' / 'lib').is_dir()


class Package(Distribution):
    def has_ext_modules(self):
        return CARRIES


class Wheel(bdist_wheel):
    def get_tag(self):
        return ('py3', 'none', super().get_tag()[2])


setup(distclass=Package, cmdclass={'bdist_wheel': Wheel})
