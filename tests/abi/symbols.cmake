# cmake -D NM=<nm> -D SHARED=<libdiffusion.so> -D STATIC=<libdiffusion.a> -D INCLUDE=<folder> -D LIST=<symbols.txt>
#       [-D UPDATE=ON] -P symbols.cmake
# What the libraries export = what the headers declare = what symbols.txt recorded. A name that leaves the list breaks
# programs; UPDATE rewrites the list from the headers, knowingly.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/declared.cmake)

# Defined global names of a library. The version node of the linker script is no name of ours.
function(exported_names out)
    execute_process(COMMAND ${NM} ${ARGN} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL "[0-9a-f]+ [A-Za-z] [^\n]+" lines "${text}")
    list(FILTER lines EXCLUDE REGEX " LIBDIFFUSION_[0-9.]+(@.*)?$")
    list(TRANSFORM lines REPLACE "^[0-9a-f]+ [A-Za-z] ([^@]+).*$" "\\1")
    list(SORT lines)
    set(${out} "${lines}" PARENT_SCOPE)
endfunction()

declared_functions(declared ${INCLUDE})
if(NOT declared)
    message(FATAL_ERROR "no DIFFUSION_API function found under ${INCLUDE}")
endif()
if(UPDATE)
    list(JOIN declared "\n" text)
    file(WRITE ${LIST} "${text}\n")
endif()
file(STRINGS ${LIST} recorded)
require_same("the headers and tests/abi/symbols.txt differ (rewrite it: cmake --build <build> --target abi-update)"
             "${declared}" "headers" "${recorded}" "symbols.txt")

exported_names(shared -D --defined-only ${SHARED})
require_same("the shared library exports other names" "${shared}" "libdiffusion.so" "${recorded}" "symbols.txt")
exported_names(static -g --defined-only ${STATIC})
require_same("the static library shows other names" "${static}" "libdiffusion.a" "${recorded}" "symbols.txt")
