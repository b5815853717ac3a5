# The raw layers of bindings are what their generators make of bindings/abi.json.
file(GLOB GENERATORS CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bindings/generators/*.py)
foreach(generator IN LISTS GENERATORS)
    cmake_path(GET generator STEM language)
    add_test(NAME raw-${language} COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/bindings/generate.py ${language} --check)
endforeach()

# What goes to a registry by itself has the licence beside it: copies, since npm packs no links.
foreach(package rust/libdiffusion rust/libdiffusion-sys node python)
    string(REPLACE / - name ${package})
    add_test(NAME licence-${name} COMMAND ${CMAKE_COMMAND} -E compare_files ${PROJECT_SOURCE_DIR}/LICENSE
                                          ${PROJECT_SOURCE_DIR}/bindings/${package}/LICENSE)
endforeach()

# A public function that a binding neither calls nor names among those that it leaves out.
function(bindings_cover language)
    list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/bindings/${language}/)
    list(JOIN ARGN "$<SEMICOLON>" sources)
    add_test(NAME bindings-${language}-cover
             COMMAND ${CMAKE_COMMAND} -D MAP=${PROJECT_SOURCE_DIR}/src/libdiffusion.map -D "WHAT=binding of ${language}"
                     -D MENTION=ON -D SOURCES=${sources} -P ${CMAKE_CURRENT_SOURCE_DIR}/covers.cmake)
endfunction()
bindings_cover(rust README.md libdiffusion/src/*.rs)
bindings_cover(go README.md *.go *.c)

# Each binding's own tests, on the library just built. A sanitizer's library cannot enter their processes.
if(CMAKE_C_FLAGS MATCHES "-fsanitize")
    return()
endif()

# bindings_test(<name> <command>...)
function(bindings_test name)
    add_test(NAME bindings-${name} COMMAND ${ARGN})
    set_tests_properties(bindings-${name} PROPERTIES SKIP_RETURN_CODE 77
                         ENVIRONMENT DIFFUSION_LIBRARY=$<TARGET_FILE:diffusion>)
endfunction()

set(scripts ${CMAKE_CURRENT_SOURCE_DIR}/bindings)
set(go sh ${scripts}/go.sh ${CMAKE_CURRENT_BINARY_DIR}/go)
set(lua sh ${scripts}/lua.sh)
set(node sh ${scripts}/node.sh)
set(python sh ${scripts}/python.sh ${PYTHON3})
set(rust sh ${scripts}/rust.sh ${CMAKE_CURRENT_BINARY_DIR}/rust)

bindings_test(go ${go} test -count=1 ./...) # what go knows of an earlier run is of another library
bindings_test(lua ${lua} test/run.lua)
bindings_test(node ${node} --test test)
bindings_test(python ${python} pytest -q -rs -p no:cacheprovider ${PROJECT_SOURCE_DIR}/bindings/python/tests)
bindings_test(python-wheel sh ${scripts}/wheel.sh ${PYTHON3} $<TARGET_FILE:diffusion> ${CMAKE_CURRENT_BINARY_DIR})
bindings_test(rust ${rust} test --locked --quiet)
if(COMMAND digits_test)
    digits_test(go-digits ${go} run ./examples/digits)
    digits_test(lua-digits ${lua} examples/digits.lua)
    digits_test(node-digits ${node} examples/digits.js)
    digits_test(python-digits ${python} ${PROJECT_SOURCE_DIR}/bindings/python/examples/digits.py)
    digits_test(r-digits sh ${scripts}/r.sh ${CMAKE_CURRENT_BINARY_DIR}/r)
    digits_test(rust-digits ${rust} run --locked --quiet --example digits --)
endif()
