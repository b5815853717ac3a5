# cmake -D README= -D WORK= -D CC= -D FLAGS= -D INCLUDE= -D LIBRARY= -P readme.cmake
# The C program of the README compiles without a warning, runs, and prints a sample.
cmake_minimum_required(VERSION 3.25)
file(READ ${README} text)
string(FIND "${text}" "```c\n" begin)
if(begin EQUAL -1)
    message(FATAL_ERROR "${README} has no block of C")
endif()
math(EXPR begin "${begin} + 5")
string(SUBSTRING "${text}" ${begin} -1 text)
string(FIND "${text}" "```" end)
string(SUBSTRING "${text}" 0 ${end} program)
file(WRITE ${WORK}/readme.c "${program}")

cmake_path(GET LIBRARY PARENT_PATH folder)
separate_arguments(flags UNIX_COMMAND "${FLAGS}")
execute_process(COMMAND ${CC} -std=c11 -Wall -Wextra -Wpedantic -Werror ${flags} -I${INCLUDE} -o ${WORK}/readme
                        ${WORK}/readme.c ${LIBRARY} -Wl,-rpath,${folder}
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${WORK}/readme OUTPUT_VARIABLE said COMMAND_ERROR_IS_FATAL ANY)
if(NOT said MATCHES "a sample: (-?[0-9.]+) (-?[0-9.]+); log2 p\\(data\\) >= (-?[0-9.]+) bits")
    message(FATAL_ERROR "the README's program says '${said}'")
endif()
message(STATUS "${said}")
