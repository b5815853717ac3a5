# What the shared library shows of itself: the functions of src/libdiffusion.map. Elsewhere than on Windows their
# declarations say so too (DIFFUSION_API), which is all that macOS needs.
set(map ${PROJECT_SOURCE_DIR}/src/libdiffusion.map)
if(WIN32)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${map})
    file(READ ${map} lines)
    string(REGEX MATCHALL "\n +diffusion_[a-z0-9_]+" names "${lines}")
    list(JOIN names "" names)
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/diffusion.def CONTENT "EXPORTS${names}\n" @ONLY)
    target_sources(diffusion PRIVATE ${PROJECT_BINARY_DIR}/diffusion.def)
elseif(NOT APPLE)
    target_link_options(diffusion PRIVATE -Wl,--version-script=${map})
    set_target_properties(diffusion PROPERTIES LINK_DEPENDS ${map})
    # Its threads live as long as the process: once loaded, the library stays, also after dlclose().
    target_link_options(diffusion PRIVATE -Wl,-z,nodelete)
    if(NOT CMAKE_C_FLAGS MATCHES "-fsanitize") # clang leaves a sanitizer's symbols to the program
        target_link_options(diffusion PRIVATE -Wl,--no-undefined)
    endif()
endif()
