# cmake -D ROOT=<tree> -D WORK=<folder> -P check_layers_plants.cmake: check_layers.cmake passes on the tree and fails, naming
# the file and the fault, once a line that breaks a rule has been planted in it. Each rule has its plant. Planted files lie
# in a folder that is laid over the tree.
cmake_minimum_required(VERSION 3.25)

# Runs the rules with these settings.
function(check result output)
    execute_process(COMMAND ${CMAKE_COMMAND} -D ROOT=${ROOT} ${ARGN} -P ${CMAKE_CURRENT_LIST_DIR}/check_layers.cmake
                    RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
    string(REGEX REPLACE "[ \n]+" " " text "${text}")
    set(${result} ${code} PARENT_SCOPE)
    set(${output} "${text}" PARENT_SCOPE)
endfunction()

# Appends a line to a file of the tree (new files are made), as it will be seen by the next plant.
function(lay file line)
    if(EXISTS ${ROOT}/${file} AND NOT EXISTS ${WORK}/${file})
        cmake_path(GET file PARENT_PATH folder)
        file(COPY ${ROOT}/${file} DESTINATION ${WORK}/${folder})
    endif()
    file(APPEND ${WORK}/${file} "${line}\n")
endfunction()

# The same, and expects the sentence about that file, or about another that is blamed.
function(plant file line sentence)
    cmake_parse_arguments(PARSE_ARGV 3 with "" "BLAMED" "SETTINGS")
    set(blamed ${file})
    if(DEFINED with_BLAMED)
        set(blamed ${with_BLAMED})
    endif()
    lay(${file} "${line}")
    check(code text -D OVER=${WORK} ${with_SETTINGS})
    string(FIND "${text}" "${blamed}: ${sentence}" found)
    if(code EQUAL 0 OR found EQUAL -1)
        message(SEND_ERROR "planted in ${file}: ${line}\nexpected: ${sentence}\ngot (${code}): ${text}")
    endif()
    file(REMOVE_RECURSE ${WORK})
endfunction()

# Expects nothing about what was laid.
function(pass what)
    check(code text -D OVER=${WORK} ${ARGN})
    if(NOT code EQUAL 0)
        message(SEND_ERROR "${what}, but: ${text}")
    endif()
    file(REMOVE_RECURSE ${WORK})
endfunction()

file(REMOVE_RECURSE ${WORK})
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
plant(src/evaluate/planted.c "#include \"api/bound.h\"" "evaluate (level 4) includes \"api/bound.h\" (level 6)")
plant(src/model/planted.c "#include \"interop/diffusers/reader.h\""
      "model (level 3) includes \"interop/diffusers/reader.h\" (level 5)")
plant(src/interop/diffusers/planted.c "#include \"api/bound.h\"" "interop (level 5) includes \"api/bound.h\" (level 6)")
plant(src/process/schedule/planted.c "#include \"model/model.h\"" "process (level 1) includes \"model/model.h\" (level 3)")
plant(src/sample/solvers/planted.c "#include \"train/objectives/simple.h\""
      "sample (level 4) includes \"train/objectives/simple.h\" (level 4)")
plant(src/network/graph/planted.c "#include \"sample/sampler.h\"" "network (level 2) includes \"sample/sampler.h\" (level 4)")
plant(src/train/planted.c "#include \"../base/rng.h\"" "include \"../base/rng.h")
plant(src/model/planted.c "#include <math/blas.h>" "include <math/blas.h, expected")
plant(src/model/planted.c "#include \"tool/options.h\"" "include \"tool/options.h\" is of no known folder")
plant(src/extra/planted.c "#include \"base/rng.h\"" "src/ has no such folder as extra")
plant(src/network/planted.c "#include <cblas.h>" "only math/blas.c may include <cblas.h>")
plant(src/base/planted.c "#include <windows.h>" "only base/*_windows may include <windows.h>")
plant(src/model/planted_windows.c "#include <windows.h>" "only base/*_windows may include <windows.h>")

# Words that one file owns, or none may say.
plant(src/model/planted.c "void *p = malloc(3);" "names malloc, which only base/memory.c may")
plant(src/sample/conditions/memory.c "void *p = malloc(3);" "names malloc, which only base/memory.c may")
plant(src/format/planted.c "set_functions(f, free);" "names free, which only base/memory.c may")
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
# test.h would let inside whoever includes it, or includes what includes it
foreach(header test.h make.h)
    lay(tests/api/planted.c "#include \"${header}\"")
    plant(tests/support/test.h "#include \"format/safetensors.h\"" "include \"${header}\" is not a header"
          BLAMED tests/api/planted.c)
endforeach()
plant(include/diffusion/planted.h "#include <stdio.h>" "a public header may include")

# Circles: of two headers, through a .c and a folder below, from beside in the tool, of one with the tree's own.
set(circles SETTINGS -D CIRCLES=TRUE)
lay(src/base/planted_b.h "#include \"base/planted_a.h\"")
plant(src/base/planted_a.h "#include \"base/planted_b.h\""
      "includes itself in a circle: src/base/planted_a -> src/base/planted_b -> src/base/planted_a"
      BLAMED src/base/planted_a ${circles})
lay(src/process/schedule/planted.h "#include \"process/planted.h\"")
lay(src/process/planted.h "")
plant(src/process/planted.c "#include \"process/schedule/planted.h\"" "includes itself in a circle: src/process/planted -> "
      BLAMED src/process/planted ${circles})
lay(tool/data/planted_b.h "#include \"data/planted_c.h\"")
lay(tool/data/planted_c.c "#include \"planted_a.h\"")
lay(tool/data/planted_c.h "")
lay(tool/data/planted_a.h "")
plant(tool/data/planted_a.c "#include \"planted_b.h\""
      "includes itself in a circle: tool/data/planted_a -> tool/data/planted_b -> tool/data/planted_c -> tool/data/planted_a"
      BLAMED tool/data/planted_a ${circles})
plant(tool/common/fail.c "#include \"common/output.h\"" "includes itself in a circle: tool/common/fail -> tool/common/output"
      BLAMED tool/common/fail ${circles})
lay(src/base/planted_a.c "#include \"base/planted_a.h\"\n#include \"base/planted_b.h\"\n#include \"base/text.h\"")
lay(src/base/planted_a.h "")
lay(src/base/planted_b.h "#include \"base/text.h\"")
pass("a file's own header is no circle" -D CIRCLES=TRUE)

# Kinds that are switched on away from home.
set(switches SETTINGS -D check_switches=TRUE)
plant(src/train/planted.c "if (kernel == KERNEL_BINOMIAL)" "names KERNEL_BINOMIAL, whose home is src/process/" ${switches})
plant(src/sample/solvers/planted.c "case PREDICT_X0:" "names PREDICT_X0, whose home is src/model/" ${switches})
plant(src/model/planted.c "case PREDICT_V:" "names PREDICT_V, whose home is src/model/" ${switches})
plant(src/process/planted.h "int a = VARIANCE_LEARNED" "names VARIANCE_LEARNED, whose home is src/model/" ${switches})
plant(src/sample/planted.c "double a = schedule->beta[t];" "names beta[, whose home is src/process/" ${switches})
plant(src/model/planted.h "double log_alpha_bar;" "names log_alpha_bar, whose home is src/process/" ${switches})
lay(src/process/schedule/planted.c "case KERNEL_GAUSSIAN:")
lay(src/model/predictions/planted.c "case PREDICT_X0:")
lay(src/model/variance.c "case VARIANCE_LEARNED:")
lay(src/api/planted.c "return DIFFUSION_E_KERNEL; /* KERNEL_BINOMIAL */ const char *c = \"PREDICT_V\"")
pass("kinds at home, status codes, comments and texts are no breach" -D check_switches=TRUE)

# What only looks like a breach passes: comments, texts, members, other identifiers.
lay(src/model/planted.c "/* malloc(1), exit(2) */ // free(p)\nconst char *c = \"abort()\";\n\
int d = file->open(1) + reopen(2) + snprintf(b, 1, c) + '\"';")
pass("comments, texts and members are no breach")
