# run(<out> <command>...): what the command says; an error if it fails.
function(run out)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE error
                    OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT code EQUAL 0)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "${command}\nreturned ${code}\n${text}\n${error}")
    endif()
    set(${out} "${text}" PARENT_SCOPE)
endfunction()
