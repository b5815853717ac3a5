# cmake -D NM=<nm> -D SHARED=<libdiffusion.so> -D STATIC=<libdiffusion.a> -D INCLUDE=<folder> -D MAP=<libdiffusion.map>
#       -P symbols.cmake
# What the headers declare = what the map names = what the shared library exports, under the map's versions = what the
# static library shows.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/declared.cmake)

# Defined global names of a library, name@version where it has versions. The version nodes are no names of ours.
function(exported_names out)
    execute_process(COMMAND ${NM} ${ARGN} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL "[0-9a-f]+ [A-Za-z] [^\n]+" lines "${text}")
    list(FILTER lines EXCLUDE REGEX " A DIFFUSION_[0-9.]+(@.*)?$")
    list(TRANSFORM lines REPLACE "^[0-9a-f]+ [A-Za-z] " "")
    list(TRANSFORM lines REPLACE "@@" "@")
    list(SORT lines)
    set(${out} "${lines}" PARENT_SCOPE)
endfunction()

declared_functions(declared ${INCLUDE})
if(NOT declared)
    message(FATAL_ERROR "no DIFFUSION_API function found under ${INCLUDE}")
endif()
mapped_functions(versioned ${MAP})
list(TRANSFORM versioned REPLACE "@.*$" "" OUTPUT_VARIABLE mapped)
require_same("the headers and the map differ" "${declared}" "headers" "${mapped}" "libdiffusion.map")

exported_names(shared -D --defined-only ${SHARED})
require_same("the shared library exports other names" "${shared}" "libdiffusion.so" "${versioned}" "libdiffusion.map")
exported_names(static -g --defined-only ${STATIC})
require_same("the static library shows other names" "${static}" "libdiffusion.a" "${mapped}" "libdiffusion.map")
