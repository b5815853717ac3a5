# cmake -D "CC=<cc>;..." -D "CXX=<c++>;..." -D INCLUDE=<folder> -D WORK=<folder> -P headers.cmake
# Every public header compiles alone, and twice, as pedantic C and C++ of every standard, by each of the compilers that
# were found; the headers of C++ (*.hpp) want C++17.
cmake_minimum_required(VERSION 3.25)
set(warnings -pedantic -Wall -Wextra -Werror -fsyntax-only -I${INCLUDE})

# sources_of(<out> <glob> <extension>): a program for each header.
function(sources_of out pattern extension)
    set(sources "")
    file(GLOB_RECURSE headers RELATIVE ${INCLUDE} ${INCLUDE}/${pattern})
    foreach(header IN LISTS headers)
        string(MAKE_C_IDENTIFIER ${header} name)
        set(source ${WORK}/${name}.${extension})
        file(WRITE ${source} "#include <${header}>\n#include <${header}>\nextern int nothing;\n")
        list(APPEND sources ${source})
    endforeach()
    set(${out} "${sources}" PARENT_SCOPE)
endfunction()

# require_compiles(<compilers> <standards> <sources> [<option>...])
function(require_compiles compilers standards sources)
    set(done "")
    foreach(compiler IN LISTS compilers)
        file(REAL_PATH "${compiler}" real) # cc is often one of the others
        if(NOT compiler OR NOT sources OR real IN_LIST done)
            continue()
        endif()
        list(APPEND done ${real})
        foreach(standard IN LISTS standards)
            execute_process(COMMAND ${compiler} -std=${standard} ${ARGN} ${warnings} ${sources}
                            RESULT_VARIABLE code ERROR_VARIABLE text)
            if(NOT code EQUAL 0)
                message(SEND_ERROR "a header alone as ${standard} by ${compiler}:\n${text}")
            endif()
        endforeach()
    endforeach()
endfunction()

file(REMOVE_RECURSE ${WORK})
sources_of(c *.h c)
sources_of(cxx *.h cpp)
sources_of(hpp *.hpp hpp.cpp)
if(NOT c)
    message(FATAL_ERROR "no headers under ${INCLUDE}")
endif()
require_compiles("${CC}" "c99;c11" "${c}" -Wstrict-prototypes)
require_compiles("${CXX}" "c++98;c++11;c++20" "${cxx}")
require_compiles("${CXX}" "c++17;c++20" "${hpp}")
