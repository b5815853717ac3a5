# cmake -D CC=<cc> -D INCLUDE=<folder> -D MAP=<libdiffusion.map> -D SONAME=<soname> -D BASELINE=<baseline.abi>
#       -D WORK=<folder> [-D UPDATE=ON] -P diff.cmake
# Compares the interface with the recorded one, types included, by abidiff; UPDATE records it anew. What is compared is a
# library made of the headers' declarations under the map's names: that the real one agrees with both is known from its
# compilation and from abi-symbols, and so no build with debug information is needed and no private type is seen.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/declared.cmake)

find_program(ABIDIFF abidiff)
find_program(ABIDW abidw)
if(NOT ABIDIFF OR NOT ABIDW)
    message("no abidiff here (Debian: abigail-tools): left out")
    return()
endif()

declared_functions(names ${INCLUDE} declarations)
if(NOT names)
    message(FATAL_ERROR "no DIFFUSION_API function found under ${INCLUDE}")
endif()
string(REPLACE "@" "\n{\n    __builtin_trap();\n}\n" definitions "${declarations}")
file(MAKE_DIRECTORY ${WORK})
file(WRITE ${WORK}/interface.c "#include <diffusion.h>\n${definitions}")
set(library ${WORK}/interface.so)
# From within the folder: the path of the source is part of what is recorded.
execute_process(COMMAND ${CC} -std=c11 -g -O0 -fPIC -shared -fvisibility=hidden -I${INCLUDE} interface.c -o ${library}
                        -Wl,--version-script=${MAP} -Wl,-soname,${SONAME}
                WORKING_DIRECTORY ${WORK} COMMAND_ERROR_IS_FATAL ANY)

if(UPDATE)
    execute_process(COMMAND ${ABIDW} --exported-interfaces-only --no-architecture --no-corpus-path --no-show-locs
                            --no-comp-dir-path --no-elf-needed --type-id-style hash --out-file ${BASELINE} ${library}
                    COMMAND_ERROR_IS_FATAL ANY)
    return()
endif()
execute_process(COMMAND ${ABIDIFF} --no-architecture ${BASELINE} ${library} RESULT_VARIABLE code OUTPUT_VARIABLE text
                ERROR_VARIABLE text)
if(NOT code EQUAL 0)
    message("${text}") # by itself: an error's text is wrapped
    message(FATAL_ERROR "the interface is not the recorded one (abidiff: ${code}). Where docs/abi.md allows the change: "
                        "cmake --build <build> --target abi-update")
endif()
