#!/bin/sh
# lua.sh SCRIPT ARGUMENTS...: a script of bindings/lua by LuaJIT, on the library that DIFFUSION_LIBRARY names. 77 where
# there is no luajit.
set -eu
if ! command -v luajit >/dev/null; then
    echo "no luajit here (scripts/deps.sh --all installs it)"
    exit 77
fi
cd "$(dirname "$0")/../../bindings/lua"
export LUA_PATH="$PWD/?.lua"
exec luajit "$@"
