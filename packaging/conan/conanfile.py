"""The library for Conan 2, of the source tree that this recipe lies in."""
import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rm, rmdir
from conan.tools.gnu import PkgConfigDeps
from conan.tools.system.package_manager import Apt, Dnf

required_conan_version = '>=2.0'


class LibdiffusionConan(ConanFile):
    name = 'libdiffusion'
    description = 'Trains, samples and measures diffusion probabilistic models on an ordinary CPU'
    license = 'MIT'
    topics = ('diffusion', 'generative-model', 'machine-learning')
    package_type = 'library'
    settings = 'os', 'arch', 'compiler', 'build_type'
    options = {'shared': [True, False]}
    default_options = {'shared': True}
    languages = 'C'

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, '../../include/diffusion/version.h'))
        self.version = '.'.join(re.findall(r'^#define DIFFUSION_VERSION_[A-Z]+ (\d+)$', header, re.M))

    def export_sources(self):
        root = os.path.join(self.recipe_folder, '../..')
        for pattern in 'CMakeLists.txt', 'LICENSE', 'cmake/*', 'include/*', 'pkgconfig/*', 'src/*':
            copy(self, pattern, root, self.export_sources_folder)

    def validate(self):
        if self.settings.os != 'Linux':
            raise ConanInvalidConfiguration('libdiffusion builds on Linux')

    def requirements(self):
        self.requires('openblas/[>=0.3.21 <1]')

    def system_requirements(self):  # headers alone, which ConanCenter has no recipe of
        Apt(self).install(['librandom123-dev'])
        Dnf(self).install(['Random123-devel'])

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        for part in 'TOOL', 'EXAMPLES', 'TESTS', 'BENCH':
            toolchain.cache_variables['DIFFUSION_' + part] = False
        toolchain.generate()
        CMakeDeps(self).generate()
        PkgConfigDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, 'LICENSE', self.source_folder, os.path.join(self.package_folder, 'licenses'))
        lib = os.path.join(self.package_folder, 'lib')
        rmdir(self, os.path.join(lib, 'cmake'))
        rmdir(self, os.path.join(lib, 'pkgconfig'))
        rm(self, '*.a' if self.options.shared else '*.so*', lib)

    def package_info(self):
        target = 'diffusion::diffusion' if self.options.shared else 'diffusion::diffusion_static'
        self.cpp_info.set_property('cmake_file_name', 'diffusion')
        self.cpp_info.set_property('cmake_target_name', target)
        self.cpp_info.set_property('pkg_config_name', 'libdiffusion')
        self.cpp_info.libs = ['diffusion']
        if not self.options.shared:
            self.cpp_info.system_libs = ['pthread', 'dl', 'm']
