# The examples run, and their own checks of what they print hold.
add_test(NAME example-swiss_roll COMMAND example-swiss_roll 3000 ${CMAKE_CURRENT_BINARY_DIR}/roll.csv)
set_tests_properties(example-swiss_roll PROPERTIES PASS_REGULAR_EXPRESSION "K - L_null = [1-9]\\.[0-9]+ bits")
add_test(NAME example-callback COMMAND example-callback)

# What follows is left out where a sanitizer makes it ten times slower, or cannot enter Python's process.
if(CMAKE_C_FLAGS MATCHES "-fsanitize")
    return()
endif()
add_test(NAME example-digits
         COMMAND sh -c "gunzip -c $1 >digits.csv && $0 digits.csv >digits.txt && cat digits.txt"
                 $<TARGET_FILE:example-digits> ${PROJECT_SOURCE_DIR}/data/digits.csv.gz)
set_tests_properties(example-digits PROPERTIES PASS_REGULAR_EXPRESSION "K = [0-9]+\\.[0-9]+ bits"
                     FIXTURES_SETUP digits)

# The same program in another language: digits_test(<name> <command>...).
function(digits_test name)
    add_test(NAME ${name} COMMAND sh ${PROJECT_SOURCE_DIR}/tests/digits.sh ${PROJECT_BINARY_DIR}/tests ${ARGN})
    set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED digits SKIP_RETURN_CODE 77
                         ENVIRONMENT "DIFFUSION_LIBRARY=$<TARGET_FILE:diffusion>")
endfunction()
if(TARGET example-digits-cpp)
    digits_test(cpp-digits $<TARGET_FILE:example-digits-cpp>)
endif()

add_test(NAME example-ffi COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/examples/ffi.py)
set_tests_properties(example-ffi PROPERTIES ENVIRONMENT DIFFUSION_LIBRARY=$<TARGET_FILE:diffusion>)
