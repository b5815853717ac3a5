#include "completion/scripts.h"

#include <stddef.h>
#include <string.h>

/* Readline replaces what stands behind the last break of words or the opening quote, $2: the rest is cut off. */
static const char bash[] =
    "# bash completion of diffusion; made by diffusion completion bash\n"
    "_diffusion() {\n"
    "    local reply whole word\n"
    "    mapfile -t reply < <(\"${COMP_WORDS[0]}\" completion --line \"${COMP_LINE:0:COMP_POINT}\" 2>/dev/null)\n"
    "    whole=${reply[0]}\n"
    "    COMPREPLY=()\n"
    "    if [[ ${reply[1]} == :files ]]; then\n"
    "        compopt -o default -o bashdefault\n"
    "        return\n"
    "    fi\n"
    "    for word in \"${reply[@]:1}\"; do\n"
    "        COMPREPLY+=(\"${word:${#whole}-${#2}}\")\n"
    "    done\n"
    "    # a value is to follow: of two words readline neither closes a quote nor adds a blank\n"
    "    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then\n"
    "        COMPREPLY+=(\"${COMPREPLY[0]}...\")\n"
    "    fi\n"
    "}\n"
    "complete -F _diffusion diffusion\n";

static const char zsh[] = "#compdef diffusion\n"
                          "# zsh completion of diffusion; made by diffusion completion zsh\n"
                          "_diffusion() {\n"
                          "    local -a reply keys others before\n"
                          "    before=(\"${(@q)${(@Q)words[1,CURRENT-1]}}\" \"${(q)${(Q)PREFIX}}\")\n"
                          "    [[ -z $PREFIX ]] && before[-1]=\n"
                          "    reply=(\"${(@f)$(${(Q)words[1]} completion --line \"${(j: :)before}\" 2>/dev/null)}\")\n"
                          "    shift reply\n"
                          "    if [[ ${reply[1]} == :files ]]; then\n"
                          "        _files\n"
                          "        return\n"
                          "    fi\n"
                          "    keys=(\"${(@M)reply:#*=}\")\n"
                          "    others=(\"${(@)reply:#*=}\")\n"
                          "    (( $#keys )) && compadd -S '' -- \"${keys[@]}\"\n"
                          "    (( $#others )) && compadd -- \"${others[@]}\"\n"
                          "}\n"
                          "if [[ $funcstack[1] == _diffusion ]]; then\n"
                          "    _diffusion \"$@\"\n"
                          "else\n"
                          "    compdef _diffusion diffusion\n"
                          "fi\n";

static const char fish[] =
    "# fish completion of diffusion; made by diffusion completion fish\n"
    "function __diffusion_complete\n"
    "    set -l line (commandline -cp)\n"
    "    set -l reply (eval (commandline -opc)[1] completion --line (string escape -- $line) 2>/dev/null)\n"
    "    if test \"$reply[2]\" = :files\n"
    "        __fish_complete_path (commandline -ct)\n"
    "    else if test (count $reply) -gt 1\n"
    "        printf '%s\\n' $reply[2..-1]\n"
    "    end\n"
    "end\n"
    "complete -c diffusion -f -a '(__diffusion_complete)'\n";

const char *completion_script(const char *shell)
{
    static const char *const scripts[][2] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        if (strcmp(shell, scripts[i][0]) == 0)
            return scripts[i][1];
    return NULL;
}
