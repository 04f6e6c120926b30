#!/bin/sh
# Checks everything: format, lint, types, import contracts, tests. Arguments go to pytest.
#
# What the tests need is fetched first: an own Python environment and private servers. All steps run even
# if one fails; pytest comes last, so that its summary ends the output. With --prepare nothing is checked.

set -u
unset CDPATH

checkout=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
cd -- "$checkout" || exit 1

. bin/python-environment.sh
environment=${MI_TEST_VENV:-$(place_for "$checkout" .venv-test test)}
require_environment "$environment" "$checkout/pyproject.toml" test
python=$environment/bin/python

# tools that are called without this script find the package too
"$python" -c 'import pathlib, sys, sysconfig
pathlib.Path(sysconfig.get_path("purelib"), "checkout.pth").write_text(sys.argv[1] + "\n")' "$checkout"

failed=""
step() {
    name=$1
    shift
    echo "== $name"
    "$@" || failed="$failed $name"
}

step "servers" "$python" tests/servers/fetch.py
if [ "${1:-}" = --prepare ]; then
    [ -z "$failed" ]
    exit
fi
step "ruff" "$python" -m ruff check
step "ruff-format" "$python" -m ruff format --check
step "mypy" "$python" -m mypy
step "import-contracts" "$python" -c "from importlinter.cli import lint_imports_command; lint_imports_command()"
[ -z "$failed" ] || echo "== failed before the tests:$failed"

echo "== pytest"
"$python" -m pytest "$@" || exit 1
[ -z "$failed" ]
