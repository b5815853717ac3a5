# The raw layers of bindings are what their generators make of bindings/abi.json.
file(GLOB GENERATORS CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bindings/generators/*.py)
foreach(generator IN LISTS GENERATORS)
    cmake_path(GET generator STEM language)
    add_test(NAME raw-${language} COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/bindings/generate.py ${language} --check)
endforeach()

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

bindings_test(rust sh ${CMAKE_CURRENT_SOURCE_DIR}/bindings/rust.sh ${CMAKE_CURRENT_BINARY_DIR}/rust test --locked --quiet)

set(python sh ${CMAKE_CURRENT_SOURCE_DIR}/bindings/python.sh ${PYTHON3})
bindings_test(python ${python} pytest -q -rs -p no:cacheprovider ${PROJECT_SOURCE_DIR}/bindings/python/tests)
if(COMMAND digits_test)
    digits_test(python-digits ${python} ${PROJECT_SOURCE_DIR}/bindings/python/examples/digits.py)
    bindings_test(python-wheel sh ${CMAKE_CURRENT_SOURCE_DIR}/bindings/wheel.sh ${PYTHON3} $<TARGET_FILE:diffusion>
                               ${PROJECT_BINARY_DIR}/tests)
    set_tests_properties(bindings-python-wheel PROPERTIES FIXTURES_REQUIRED digits)
endif()
