# Tests whose promise must hold whatever OpenBLAS is loaded run again on its Haswell kernels, which other machines get,
# and on its pthreads build where that is at hand.
set(variant_tests api-determinism api-trainer api-model api-sampler api-bound)

file(GLOB pthreads_default LIST_DIRECTORIES TRUE ${CMAKE_SOURCE_DIR}/build/openblas-pthread/usr/lib/*/openblas-pthread
     /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-pthread)
list(GET pthreads_default 0 pthreads_default)
set(DIFFUSION_OPENBLAS_PTHREADS "${pthreads_default}" CACHE PATH "Folder of OpenBLAS's pthreads build, for tests")

foreach(test IN LISTS variant_tests)
    if(NOT TARGET ${test})
        continue()
    endif()
    add_test(NAME ${test}-haswell COMMAND ${test})
    set_tests_properties(${test}-haswell PROPERTIES ENVIRONMENT OPENBLAS_CORETYPE=Haswell)
    if(EXISTS "${DIFFUSION_OPENBLAS_PTHREADS}/libopenblas.so.0")
        add_test(NAME ${test}-pthreads COMMAND ${test})
        set_tests_properties(${test}-pthreads PROPERTIES ENVIRONMENT LD_LIBRARY_PATH=${DIFFUSION_OPENBLAS_PTHREADS})
    endif()
endforeach()
