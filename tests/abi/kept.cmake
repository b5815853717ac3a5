# cmake -D CC=<cc> -D FLAGS=<flags> -D INCLUDE=<folder> -D LIBRARY=<libdiffusion.so> -D SONAME=<soname>
#       -D BASELINE=<baseline.abi> -D CONSUMER=<consumer.c> -D WORK=<folder> -P kept.cmake
# Programs that were linked with the recorded library run with the one just built: one that refers to every recorded
# function, bound at its start, and a consumer that trains and samples. The recorded library is stood in for by one with
# the same soname, names and versions, and empty functions.
cmake_minimum_required(VERSION 3.25)
separate_arguments(flags UNIX_COMMAND "${FLAGS}")

# recorded_library(<out names> <folder> <baseline>): folder/libdiffusion.so, and the names in it.
function(recorded_library out folder baseline)
    file(STRINGS ${baseline} symbols REGEX "<elf-symbol name='diffusion_")
    set(nodes "")
    set(names "")
    set(source "")
    foreach(symbol IN LISTS symbols)
        string(REGEX MATCH "name='([a-z0-9_]+)' version='([A-Z0-9_.]+)'" found "${symbol}")
        list(APPEND names ${CMAKE_MATCH_1})
        list(APPEND nodes ${CMAKE_MATCH_2})
        string(APPEND source "void ${CMAKE_MATCH_1}(void)\n{\n}\n")
        string(APPEND in_${CMAKE_MATCH_2} " ${CMAKE_MATCH_1}\;")
    endforeach()
    list(REMOVE_DUPLICATES nodes)
    set(map "")
    foreach(node IN LISTS nodes)
        string(APPEND map "${node} { global:${in_${node}} };\n")
    endforeach()
    file(MAKE_DIRECTORY ${folder})
    file(WRITE ${folder}/recorded.c "${source}")
    file(WRITE ${folder}/recorded.map "${map}")
    execute_process(COMMAND ${CC} ${flags} -fPIC -shared ${folder}/recorded.c -o ${folder}/libdiffusion.so
                            -Wl,--version-script=${folder}/recorded.map -Wl,-soname,${SONAME}
                    COMMAND_ERROR_IS_FATAL ANY)
    set(${out} "${names}" PARENT_SCOPE)
endfunction()

# run_with_new(<out code> <out text> <program>): with the folder of the library just built in place of the recorded one.
function(run_with_new out_code out_text program)
    cmake_path(GET LIBRARY PARENT_PATH folder)
    execute_process(COMMAND ${CMAKE_COMMAND} -E env LD_LIBRARY_PATH=${folder} LD_BIND_NOW=1 ${program}
                    RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
    set(${out_code} "${code}" PARENT_SCOPE)
    set(${out_text} "${text}" PARENT_SCOPE)
endfunction()

# link(<program> <source> <folder>): against the recorded library there.
function(link program source folder)
    execute_process(COMMAND ${CC} ${flags} -I${INCLUDE} ${source} -o ${program} -L${folder} -ldiffusion
                    COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# all_names_program(<folder> <name>...): folder/all, which refers to every one.
function(all_names_program folder)
    list(TRANSFORM ARGN PREPEND "void " OUTPUT_VARIABLE declared)
    list(TRANSFORM declared APPEND "(void)\;")
    list(JOIN declared "\n" declared)
    list(JOIN ARGN ", " table)
    file(WRITE ${folder}/all.c "${declared}\nstatic void (*volatile all[])(void) = {${table}};\n"
                               "int main(void)\n{\n    return all[0] == 0;\n}\n")
    link(${folder}/all ${folder}/all.c ${folder})
endfunction()

file(REMOVE_RECURSE ${WORK})
recorded_library(names ${WORK} ${BASELINE})
all_names_program(${WORK} ${names})
run_with_new(code text ${WORK}/all)
if(NOT code EQUAL 0)
    message(SEND_ERROR "a program that refers to all recorded functions ends with ${code}: ${text}")
endif()
link(${WORK}/consumer ${CONSUMER} ${WORK})
run_with_new(code text ${WORK}/consumer)
if(NOT code EQUAL 0 OR NOT text MATCHES "^headers .* library ")
    message(SEND_ERROR "the consumer linked with the recorded library ends with ${code}: ${text}")
endif()

# And the test itself: a function more in the record is a function that has gone.
file(READ ${BASELINE} text)
string(REPLACE "<elf-symbol name='diffusion_version'" "<elf-symbol name='diffusion_gone'" text "${text}")
file(WRITE ${WORK}/gone.abi "${text}")
recorded_library(names ${WORK}/gone ${WORK}/gone.abi)
all_names_program(${WORK}/gone ${names})
run_with_new(code text ${WORK}/gone/all)
if(code EQUAL 0 OR NOT text MATCHES "diffusion_gone")
    message(SEND_ERROR "a function that has gone was not missed: ${code}: ${text}")
endif()
