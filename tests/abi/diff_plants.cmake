# cmake -D SOURCE=<root> -D WORK=<folder> -D CC= -D SONAME= -D BASELINE= -P diff_plants.cmake
# Changes that would break programs, one after another: diff.cmake must refuse each, and say what it is.
cmake_minimum_required(VERSION 3.25)

function(change file old new)
    file(READ ${file} text)
    string(FIND "${text}" "${old}" at)
    if(at EQUAL -1)
        message(FATAL_ERROR "${file} has no '${old}' to change")
    endif()
    string(REPLACE "${old}" "${new}" text "${text}")
    file(WRITE ${file} "${text}")
endfunction()

function(begin)
    file(REMOVE_RECURSE ${WORK})
    file(COPY ${SOURCE}/include ${SOURCE}/src/libdiffusion.map DESTINATION ${WORK})
endfunction()

function(require_refused said)
    execute_process(COMMAND ${CMAKE_COMMAND} -D CC=${CC} -D INCLUDE=${WORK}/include -D MAP=${WORK}/libdiffusion.map
                            -D SONAME=${SONAME} -D BASELINE=${BASELINE} -D WORK=${WORK}
                            -P ${CMAKE_CURRENT_LIST_DIR}/diff.cmake
                    RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
    if(text MATCHES "left out")
        message("${text}")
    elseif(code EQUAL 0 OR NOT text MATCHES "${said}")
        message(SEND_ERROR "code ${code}, expected '${said}':\n${text}")
    endif()
endfunction()

begin()
change(${WORK}/include/diffusion/runtime.h "DIFFUSION_API int32_t diffusion_threads(void)" "typedef int32_t gone(void)")
change(${WORK}/libdiffusion.map "diffusion_threads;" "")
require_refused("1 Removed.*diffusion_threads")

begin()
change(${WORK}/include/diffusion/runtime.h "diffusion_set_threads(int32_t threads)" "diffusion_set_threads(int64_t threads)")
require_refused("1 Changed.*diffusion_set_threads.*type size changed from 32 to 64")

begin() # a callback is part of every function that takes it
change(${WORK}/include/diffusion/runtime.h "diffusion_progress_fn(int64_t done, int64_t total, void *user)"
       "diffusion_progress_fn(int64_t done, void *user)")
require_refused("diffusion_sampler_set_progress.*has some indirect sub-type changes")

begin()
change(${WORK}/libdiffusion.map "DIFFUSION_0.1 {" "DIFFUSION_0.9 {")
require_refused("Removed functions.*diffusion_version@@DIFFUSION_0.1")
