# What `cmake --install` lays down. Nothing in it names the prefix, so the tree may be moved.
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/diffusion)

install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
install(TARGETS diffusion EXPORT diffusionShared)
install(TARGETS diffusion_static EXPORT diffusionStatic)
install(EXPORT diffusionShared NAMESPACE diffusion:: DESTINATION ${package})
install(EXPORT diffusionStatic NAMESPACE diffusion:: DESTINATION ${package})

configure_package_config_file(pkgconfig/diffusionConfig.cmake.in diffusionConfig.cmake INSTALL_DESTINATION ${package})
# Before 1.0 the minor version is the ABI, as in the soname.
write_basic_package_version_file(diffusionConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/diffusionConfig.cmake ${PROJECT_BINARY_DIR}/diffusionConfigVersion.cmake
        DESTINATION ${package})

file(RELATIVE_PATH PC_TO_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" PC_TO_PREFIX "${PC_TO_PREFIX}")
list(TRANSFORM DIFFUSION_SYSTEM REPLACE "^([a-z]+)$" "-l\\1" OUTPUT_VARIABLE PC_SYSTEM)
list(JOIN PC_SYSTEM " " PC_SYSTEM)
configure_file(pkgconfig/libdiffusion.pc.in libdiffusion.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/libdiffusion.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
