# libdiffusion.a: all objects joined into one, so that names shared between the library's own files become local to it
# and a program that links it sees diffusion_* and nothing else (hidden visibility alone leaves the resolvers of
# target_clones in sight).
set(joined ${PROJECT_BINARY_DIR}/diffusion_joined${CMAKE_C_OUTPUT_EXTENSION})
add_custom_command(OUTPUT ${joined}
    COMMAND ${CMAKE_LINKER} -r -o ${joined} $<TARGET_OBJECTS:diffusion_objects>
    COMMAND ${CMAKE_OBJCOPY} --wildcard --keep-global-symbol=diffusion_* ${joined}
    DEPENDS diffusion_objects $<TARGET_OBJECTS:diffusion_objects>
    COMMAND_EXPAND_LISTS VERBATIM
    COMMENT "Joining the library's objects")

add_library(diffusion_static STATIC ${joined})
add_library(diffusion::diffusion_static ALIAS diffusion_static)
set_source_files_properties(${joined} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
set_target_properties(diffusion_static PROPERTIES OUTPUT_NAME diffusion LINKER_LANGUAGE C)
target_include_directories(diffusion_static INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(diffusion_static INTERFACE PkgConfig::OPENBLAS ${DIFFUSION_SYSTEM})
