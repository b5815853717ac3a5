# The raw layers of bindings are what their generators make of bindings/abi.json.
file(GLOB GENERATORS CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bindings/generators/*.py)
foreach(generator IN LISTS GENERATORS)
    cmake_path(GET generator STEM language)
    add_test(NAME raw-${language} COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/bindings/generate.py ${language} --check)
endforeach()

# Each binding's own tests, on the library just built. A sanitizer's library cannot enter their processes.
function(bindings_test name)
    add_test(NAME bindings-${name} COMMAND ${ARGN})
    set_tests_properties(bindings-${name} PROPERTIES SKIP_RETURN_CODE 77
                         ENVIRONMENT DIFFUSION_LIBRARY=$<TARGET_FILE:diffusion>)
endfunction()
set(bindings ${PROJECT_SOURCE_DIR}/bindings)
set(rust sh ${CMAKE_CURRENT_SOURCE_DIR}/bindings/rust.sh ${CMAKE_CURRENT_BINARY_DIR}/rust)
set(go sh ${CMAKE_CURRENT_SOURCE_DIR}/bindings/go.sh ${CMAKE_CURRENT_BINARY_DIR}/go)
if(NOT CMAKE_C_FLAGS MATCHES "-fsanitize")
    bindings_test(rust ${rust} test --locked --quiet)
    bindings_test(go ${go} test -count=1 ./...) # what go knows of an earlier run is of another library
    if(COMMAND digits_test)
        digits_test(bindings-rust-digits ${rust} run --locked --quiet --example digits --)
        digits_test(bindings-go-digits ${go} run ./examples/digits)
    endif()
endif()

# A public function that a binding neither calls nor names among those that it leaves out.
function(bindings_cover language)
    list(JOIN ARGN "$<SEMICOLON>" sources)
    add_test(NAME bindings-${language}-cover
             COMMAND ${CMAKE_COMMAND} -D MAP=${PROJECT_SOURCE_DIR}/src/libdiffusion.map -D "WHAT=binding of ${language}"
                     -D MENTION=ON -D SOURCES=${sources} -P ${CMAKE_CURRENT_SOURCE_DIR}/covers.cmake)
endfunction()
bindings_cover(rust ${bindings}/rust/README.md ${bindings}/rust/libdiffusion/src/*.rs)
bindings_cover(go ${bindings}/go/README.md ${bindings}/go/*.go ${bindings}/go/*.c)
