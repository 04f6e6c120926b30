#!/bin/sh
# Starts, stops and questions a node; `micro-integrator.sh --help` says how.
#
# The command line is understood by micro_integrator/cli. This script finds the home, sees to an interpreter with the
# packages a node needs, and becomes that interpreter: signals reach the node, and it can be process 1 of a container.

set -eu
unset CDPATH

script=$(readlink -f -- "$0")
checkout=$(dirname -- "$(dirname -- "$script")")

named=${MI_HOME:-${CARBON_HOME:-$checkout}}
MI_HOME=$(cd -- "$named" 2>/dev/null && pwd -P) || {
    echo "The home '$named' is not a folder that can be entered; MI_HOME names it." >&2
    exit 1
}
export MI_HOME CARBON_HOME="$MI_HOME"

if [ -n "${MI_PYTHON:-}" ]; then
    python=$MI_PYTHON
else
    . "$checkout/bin/python-environment.sh"
    environment=${MI_VENV:-$(place_for "$checkout" .venv)}
    require_environment "$environment" "$checkout/pyproject.toml"
    python=$environment/bin/python
    if [ ! -w "$checkout" ] && [ -w "$environment" ]; then
        export PYTHONPYCACHEPREFIX="$environment/pycache" # else everything would be compiled at each start
    fi
fi

export PYTHONPATH="$checkout${PYTHONPATH:+:$PYTHONPATH}"
exec "$python" -P -m micro_integrator "$@"
