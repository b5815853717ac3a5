# Tests whose promise must hold whatever OpenBLAS is loaded run again on its Haswell kernels, which other machines get,
# and on its pthreads build where that is at hand.
set(variant_tests api-blas api-determinism api-trainer api-model api-networks api-sampler api-elbo api-parzen api-condition_vectors
    api-runtime unit-math-convolution unit-math-convolution_bits)
if(CMAKE_C_FLAGS MATCHES "-fsanitize") # they take minutes there, and other kernels show no more of the library's memory
    list(REMOVE_ITEM variant_tests api-networks api-condition_vectors)
endif()

# And what hosts may expect, on the pthreads build alone, whose thread count is the whole process's.
set(pthreads_tests guest-fork guest-hosts guest-leaves guest-modes)

# Ours first: scripts/test.sh unpacks it there. -D DIFFUSION_OPENBLAS_PTHREADS=<folder> names another.
if(NOT DIFFUSION_OPENBLAS_PTHREADS)
    file(GLOB pthreads LIST_DIRECTORIES TRUE ${PROJECT_SOURCE_DIR}/build/openblas-pthread/usr/lib/*/openblas-pthread
         /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-pthread)
    list(APPEND pthreads none)
    list(GET pthreads 0 DIFFUSION_OPENBLAS_PTHREADS)
endif()

# OPENBLAS_CORETYPE=Haswell on a machine without AVX2 would be an illegal instruction, and means nothing to other processors.
set(has_haswell FALSE)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" AND EXISTS /proc/cpuinfo)
    file(STRINGS /proc/cpuinfo has_haswell REGEX "^flags.* avx2( |$)" LIMIT_COUNT 1)
endif()

foreach(test IN LISTS variant_tests pthreads_tests)
    if(NOT TARGET ${test})
        continue()
    endif()
    if(has_haswell AND test IN_LIST variant_tests)
        add_test(NAME ${test}-haswell COMMAND ${test})
        set_tests_properties(${test}-haswell PROPERTIES
                             ENVIRONMENT "OPENBLAS_CORETYPE=Haswell;TEST_BLAS_CORE=Haswell")
    endif()
    if(EXISTS "${DIFFUSION_OPENBLAS_PTHREADS}/libopenblas.so.0")
        add_test(NAME ${test}-pthreads COMMAND ${test})
        set_tests_properties(${test}-pthreads PROPERTIES
                             ENVIRONMENT "LD_LIBRARY_PATH=${DIFFUSION_OPENBLAS_PTHREADS};TEST_BLAS_THREADING=pthreads"
                             SKIP_RETURN_CODE 77)
    endif()
endforeach()
