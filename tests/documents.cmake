# What the pages say is typed, and the site is built of them.
file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CONTRIBUTING.md
     ${PROJECT_SOURCE_DIR}/docs/*.md)
if(DIFFUSION_TOOL AND NOT CMAKE_C_FLAGS MATCHES "-fsanitize") # a sanitizer's library cannot enter Python
    foreach(page IN LISTS pages)
        cmake_path(GET page STEM name)
        string(TOLOWER ${name} name)
        add_test(NAME documents-${name} COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/documents/run.py ${page})
        set_tests_properties(documents-${name} PROPERTIES SKIP_RETURN_CODE 77
            ENVIRONMENT "BUILD=${PROJECT_BINARY_DIR};CC=${CMAKE_C_COMPILER};CXX=${CMAKE_CXX_COMPILER};FLAGS=${CMAKE_C_FLAGS}")
    endforeach()
    add_test(NAME docs-site COMMAND sh ${PROJECT_SOURCE_DIR}/scripts/docs.sh ${CMAKE_CURRENT_BINARY_DIR}/docs-site)
    set_tests_properties(docs-site PROPERTIES SKIP_RETURN_CODE 77)
endif()
