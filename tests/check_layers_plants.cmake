# cmake -D ROOT=<tree> -D WORK=<folder> -P check_layers_plants.cmake: check_layers.cmake passes on a copy of the tree and
# fails, naming the file and the fault, once a line that breaks a rule has been planted in it. Each rule has its plant.
cmake_minimum_required(VERSION 3.25)

function(copy_tree)
    file(REMOVE_RECURSE ${WORK}) # all of it: a plant may have made a file or changed one
    foreach(part src include tool examples tests/api tests/support)
        if(EXISTS ${ROOT}/${part})
            cmake_path(GET part PARENT_PATH parent)
            file(COPY ${ROOT}/${part} DESTINATION ${WORK}/${parent})
        endif()
    endforeach()
endfunction()

function(check result output)
    execute_process(COMMAND ${CMAKE_COMMAND} -D ROOT=${WORK} -P ${CMAKE_CURRENT_LIST_DIR}/check_layers.cmake
                    RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
    string(REGEX REPLACE "[ \n]+" " " text "${text}")
    set(${result} ${code} PARENT_SCOPE)
    set(${output} "${text}" PARENT_SCOPE)
endfunction()

# Appends a line to a file of the copy (new files are made), and expects the sentence about that file, or about another.
function(plant file line sentence)
    copy_tree()
    file(APPEND ${WORK}/${file} "${line}\n")
    check(code text)
    set(blamed ${file} ${ARGN})
    list(GET blamed -1 blamed)
    string(FIND "${text}" "${blamed}: ${sentence}" found)
    if(code EQUAL 0 OR found EQUAL -1)
        message(SEND_ERROR "planted in ${file}: ${line}\nexpected: ${sentence}\ngot (${code}): ${text}")
    endif()
endfunction()

copy_tree()
check(code text)
if(NOT code EQUAL 0)
    message(FATAL_ERROR "the tree itself breaks the rules: ${text}")
endif()

# Include edges: upwards, between siblings, around the folders, out of an unknown one.
plant(src/base/planted.c "#include \"math/blas.h\"" "base (level 0) includes \"math/blas.h\" (level 1)")
plant(src/math/planted.c "#include \"process/schedule.h\"" "math (level 1) includes \"process/schedule.h\" (level 1)")
plant(src/process/planted.c "  #  include \"format/safetensors.h\"" "process (level 1) includes")
plant(src/network/planted.c "#include \"model/model.h\"" "network (level 2) includes \"model/model.h\" (level 3)")
plant(src/sample/planted.h "#include \"train/trainer.h\"" "sample (level 4) includes \"train/trainer.h\" (level 4)")
plant(src/evaluate/planted.c "#include \"api/bound.h\"" "evaluate (level 4) includes \"api/bound.h\" (level 5)")
plant(src/train/planted.c "#include \"../base/rng.h\"" "include \"../base/rng.h")
plant(src/model/planted.c "#include <math/blas.h>" "include <math/blas.h, expected")
plant(src/model/planted.c "#include \"tool/options.h\"" "include \"tool/options.h\" is of no known folder")
plant(src/extra/planted.c "#include \"base/rng.h\"" "src/ has no such folder as extra")
plant(src/network/planted.c "#include <cblas.h>" "only math/blas.c may include <cblas.h>")

# Words that one file owns, or none may say.
plant(src/model/planted.c "void *p = malloc(3);" "names malloc, which only base/memory.c may")
plant(src/format/planted.c "json_set_alloc_funcs(f, free);" "names free, which only base/memory.c may")
plant(src/train/planted.c "int f = open(path, 0);" "names open, which only base/file.c may")
plant(src/format/planted.c "rename(a, b);" "names rename, which only base/file.c may")
plant(src/format/planted.c "fsync (1);" "names fsync, which only base/file.c may")
plant(src/api/planted.c "/* loss */ printf(\"loss\");" "names printf, which no file of src/ may")
plant(src/api/planted.c "puts(\"done\");" "names puts, which no file of src/ may")
plant(src/base/planted.c "vfprintf(stderr, format, list);" "names vfprintf, which no file of src/ may")
plant(src/base/planted.c "fwrite(text, 1, 2, stderr);" "names stderr, which no file of src/ may")
plant(src/network/planted.c "exit(1);" "names exit, which no file of src/ may")
plant(src/network/planted.c "abort();" "names abort, which no file of src/ may")

# The outside: public headers only.
plant(tool/data/planted.c "#include \"base/spec.h\"" "include \"base/spec.h\" is not a header of its own folder")
plant(examples/planted.c "#include <process/schedule.h>" "include <process/schedule.h reaches inside")
plant(tests/api/planted.c "#include \"../../src/base/rng.h\"" "include \"../../src/base/rng.h\" is not a header")
plant(tests/api/planted.c "#include \"golden.h\"" "include \"golden.h\" is not a header")
# test.h would let inside whoever includes it
plant(tests/support/test.h "#include \"format/safetensors.h\"" "include \"test.h\" is not a header"
      tests/api/determinism.c)
plant(include/diffusion/planted.h "#include <stdio.h>" "a public header may include")

# What only looks like a breach passes: comments, texts, members, other identifiers.
copy_tree()
file(APPEND ${WORK}/src/model/planted.c "/* malloc(1), exit(2) */ // free(p)\nconst char *c = \"abort()\";\n"
     "int d = file->open(1) + reopen(2) + snprintf(b, 1, c) + '\"';\n")
check(code text)
if(NOT code EQUAL 0)
    message(SEND_ERROR "comments, texts and members are no breach, but: ${text}")
endif()
file(REMOVE_RECURSE ${WORK})
