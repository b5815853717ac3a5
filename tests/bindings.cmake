# The raw layers of bindings are what their generators make of bindings/abi.json.
file(GLOB GENERATORS CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bindings/generators/*.py)
foreach(generator IN LISTS GENERATORS)
    cmake_path(GET generator STEM language)
    add_test(NAME raw-${language} COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/bindings/generate.py ${language} --check)
endforeach()

# Each binding's own tests, on the library just built. A sanitizer's library cannot enter their processes.
if(NOT CMAKE_C_FLAGS MATCHES "-fsanitize")
    set(rust sh ${CMAKE_CURRENT_SOURCE_DIR}/bindings/rust.sh ${CMAKE_CURRENT_BINARY_DIR}/rust)
    add_test(NAME bindings-rust COMMAND ${rust} test --locked --quiet)
    set_tests_properties(bindings-rust PROPERTIES SKIP_RETURN_CODE 77
                         ENVIRONMENT DIFFUSION_LIBRARY=$<TARGET_FILE:diffusion>)

    set(node sh ${CMAKE_CURRENT_SOURCE_DIR}/bindings/node.sh)
    add_test(NAME bindings-node COMMAND ${node} --test test)
    set_tests_properties(bindings-node PROPERTIES SKIP_RETURN_CODE 77
                         ENVIRONMENT DIFFUSION_LIBRARY=$<TARGET_FILE:diffusion>)
    if(COMMAND digits_test)
        digits_test(bindings-node-digits ${node} examples/digits.js)
    endif()
endif()
