# The raw layers of bindings are what their generators make of bindings/abi.json.
file(GLOB GENERATORS CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bindings/generators/*.py)
foreach(generator IN LISTS GENERATORS)
    cmake_path(GET generator STEM language)
    add_test(NAME raw-${language} COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/bindings/generate.py ${language} --check)
endforeach()
