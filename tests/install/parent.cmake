# cmake -D ROOT= -D WORK= -D CC= -D CXX= -D GENERATOR= -D VERSION= -P parent.cmake
# The library within another project, by add_subdirectory() and by FetchContent: consumers in C and C++, shared and static,
# run, and nothing of the library's own tests, flags and installed files is the parent's. Unoptimised, to be quick.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

file(REMOVE_RECURSE ${WORK})
foreach(how subdirectory fetch)
    set(build "${WORK}/build")
    run(ignored ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/parent -B ${build} -G ${GENERATOR} -D HOW=${how}
        -D DIFFUSION=${ROOT} -D CMAKE_C_COMPILER=${CC} -D CMAKE_CXX_COMPILER=${CXX} -D CMAKE_BUILD_TYPE=Debug
        -D CMAKE_C_FLAGS_DEBUG=-O0)
    run(ignored ${CMAKE_COMMAND} --build ${build} --parallel 2)
    foreach(program c_diffusion c_diffusion_static cpp_diffusion cpp_diffusion_static)
        run(text ${build}/${program})
        if(NOT text STREQUAL "headers ${VERSION} library ${VERSION}")
            message(SEND_ERROR "${how}: ${program} says '${text}'")
        endif()
    endforeach()
    run(ignored ${CMAKE_COMMAND} --install ${build} --prefix ${WORK}/prefix)
    file(GLOB_RECURSE installed ${WORK}/prefix/*)
    if(installed)
        message(SEND_ERROR "${how}: the parent installs ${installed}")
    endif()
endforeach()
file(REMOVE_RECURSE ${WORK})
