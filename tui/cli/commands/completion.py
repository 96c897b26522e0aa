"""`graphtop completion`: prints the script with which a shell completes graphtop's words."""

from __future__ import annotations

import argparse

from msgspec import Struct

from tui.cli.argument_parser import Parser
from tui.cli.exit_codes import LOCAL_MEANINGS, OK, describe_exit_codes
from tui.cli.output.standard_output import StandardOutput

_ABOUT = "Print the script with which a shell completes commands, flags, profiles, graphs and ids."
_EXAMPLES = (
    ("source <(graphtop completion bash)", "in ~/.bashrc"),
    ("source <(graphtop completion zsh)", "in ~/.zshrc, after compinit"),
    ("graphtop completion fish | source", "in ~/.config/fish/config.fish"),
)
_NOTES = """\
Graphs and ids come from the server if it answers within half a second and needs neither a password
prompt nor a command for its login."""

BASH = r"""# graphtop: words for bash. In ~/.bashrc: source <(graphtop completion bash)
_graphtop() {
    local line kind='' current=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ -z $kind ]]; then
            kind=$line
        else
            printf -v line %q "${line%%$'\t'*}"
            COMPREPLY+=("$line")
        fi
    done < <("${COMP_WORDS[0]}" __complete bash "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null </dev/null)
    if [[ $kind == files ]]; then
        [[ $current == '=' ]] && current=
        compopt -o filenames 2>/dev/null
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
        return
    fi
    compopt -o nosort 2>/dev/null
    case ${COMPREPLY[0]} in *[=\>]) [[ ${#COMPREPLY[@]} -eq 1 ]] && compopt -o nospace 2>/dev/null ;; esac
    return 0
}
complete -F _graphtop graphtop
"""

ZSH = r"""#compdef graphtop
# graphtop: words for zsh. In ~/.zshrc, after compinit: source <(graphtop completion zsh)
_graphtop() {
    local -a lines whole open
    local line value
    lines=("${(@f)$(
        "${(Q)words[1]}" __complete zsh "${(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null </dev/null
    )}")
    if [[ $lines[1] == files ]]; then
        compset -P '--*='
        _files
        return
    fi
    for line in "${(@)lines[2,-1]}"; do
        value=${line%%$'\t'*}
        if [[ $value == *[=\>] ]]; then
            open+=("${value//:/\\:}")
        else
            whole+=("${value//:/\\:}:${line#*$'\t'}")
        fi
    done
    (( $#whole )) && _describe -V graphtop whole
    (( $#open )) && _describe -V graphtop open -S ''
}
if [[ $funcstack[1] == _graphtop ]]; then
    _graphtop "$@"
else
    compdef _graphtop graphtop
fi
"""

FISH = r"""# graphtop: words for fish. In config.fish: graphtop completion fish | source
function __graphtop_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete fish $words[2..-1] "$current" 2>/dev/null </dev/null)
    if test "$lines[1]" = files
        set -l flag (string match -r -- '^--[^=]*=' "$current")
        for file in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' "$current"))
            printf '%s%s\n' "$flag" $file
        end
    else
        printf '%s\n' $lines[2..-1]
    end
end
complete -c graphtop -f -k -a '(__graphtop_complete)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


class Options(Struct, frozen=True):
    """What `graphtop completion` was given."""

    shell: str


def build_parser() -> argparse.ArgumentParser:
    """The flags of `graphtop completion`."""
    parser = Parser(
        prog="graphtop completion",
        description=_ABOUT,
        examples=_EXAMPLES,
        notes=_NOTES,
        epilog=describe_exit_codes(LOCAL_MEANINGS),
    )
    parser.add_argument("shell", choices=tuple(SCRIPTS), help="the shell to print the script for")
    return parser


def run(options: Options) -> int:
    """Print the script; returns the exit code."""
    StandardOutput().write(SCRIPTS[options.shell])
    return OK
