# shellcheck shell=sh
# Sourced by the scripts beside it: builds a Python virtual environment when it is missing or stale.
#
# An environment is stale when pyproject.toml or the interpreter has changed since it was built. It is built in a
# neighbouring folder and renamed, so nobody ever sees half of one; two builders at once wait for each other.

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# find_python: prints an interpreter of at least Python 3.11, or fails.
find_python() {
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -I -S -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    oldest=$(python3 --version 2>&1) || oldest="no python3 at all"
    fail "Python 3.11 or newer is needed, and there is $oldest." \
        "On Debian 12 or newer: apt-get install -y python3 python3-venv"
}

# place_for CHECKOUT NAME [EXTRAS]: prints where an environment lives: in the checkout, or in the user's cache if the
# checkout belongs to somebody else, who has not prepared it.
place_for() {
    if [ -w "$1" ] || is_fresh "$1/$2" "$1/pyproject.toml" "${3:-}"; then
        printf '%s\n' "$1/$2"
    else
        cache=${XDG_CACHE_HOME:-${HOME:?"$1 is not writable: set MI_VENV to a folder that is"}/.cache}
        printf '%s\n' "$cache/micro-integrator/$(printf '%s' "$1" | sha256sum | cut -c 1-12)/$2"
    fi
}

# stamp_of PYTHON PYPROJECT EXTRAS: prints what an environment depends on; fails when PYTHON does not work.
stamp_of() {
    version=$("$1" -I -S -c 'import sys; print(sys.version)' 2>/dev/null) || return 1
    printf '%s %s %s\n' "$(sha256sum <"$2")" "$3" "$version"
}

# is_fresh VENV PYPROJECT EXTRAS
is_fresh() {
    [ -f "$1/stamp" ] && [ "$(stamp_of "$1/bin/python" "$2" "$3")" = "$(cat "$1/stamp")" ]
}

# require_environment VENV PYPROJECT [EXTRA ...]: returns when VENV holds the packages of PYPROJECT; explains itself
# and exits 1 when that is impossible.
require_environment() {
    venv=$1 pyproject=$2
    shift 2
    if is_fresh "$venv" "$pyproject" "$*"; then
        return
    fi
    mkdir -p "$venv.lock" || fail "$venv cannot be written; set MI_VENV to a folder that can"
    (
        flock --nonblock 9 || {
            echo "Another start is preparing the Python environment; waiting ..." >&2
            flock 9
        }
        is_fresh "$venv" "$pyproject" "$*" && exit 0
        echo "Preparing the Python environment (first start only) ..." >&2
        found=$(find_python) || exit 1
        if ! build_environment "$found" "$@" >"$venv.lock/log" 2>&1; then
            rm -rf "$venv.new"
            tail -n 15 "$venv.lock/log" >&2
            fail "The Python environment could not be built; all messages: $venv.lock/log"
        fi
    ) 9<"$venv.lock" || exit 1
}

# build_environment PYTHON [EXTRA ...]: uses $venv and $pyproject.
build_environment() {
    python=$1
    shift
    require_venv_module || return 1
    rm -rf "$venv.new" "$venv.old"
    "$python" -m venv "$venv.new" || return 1
    wanted_packages "$@" >"$venv.new/packages.txt" || return 1
    "$venv.new/bin/python" -m pip install --disable-pip-version-check --no-input \
        --requirement "$venv.new/packages.txt" || return 1
    # scripts name their interpreter: let them name the one they will have
    "$venv.new/bin/python" -I - "$venv.new" "$venv" <<'PYTHON' || return 1
import pathlib, sys
new, final = (name.encode() for name in sys.argv[1:])
for script in pathlib.Path(sys.argv[1], "bin").iterdir():
    if script.is_file() and not script.is_symlink() and new in (content := script.read_bytes()):
        script.write_bytes(content.replace(new, final))
PYTHON
    stamp_of "$venv.new/bin/python" "$pyproject" "$*" >"$venv.new/stamp" || return 1
    if [ -e "$venv" ]; then mv "$venv" "$venv.old" || return 1; fi
    mv "$venv.new" "$venv" && rm -rf "$venv.old"
}

# wanted_packages [EXTRA ...]: prints the requirements in $pyproject, one a line.
wanted_packages() {
    "$python" -I - "$pyproject" "$@" <<'PYTHON'
import pathlib, sys, tomllib
project = tomllib.loads(pathlib.Path(sys.argv[1]).read_text())["project"]
print(*project["dependencies"], sep="\n")
for extra in sys.argv[2:]:
    print(*project["optional-dependencies"][extra], sep="\n")
PYTHON
}

# require_venv_module: Debian ships it apart from the interpreter $python.
require_venv_module() {
    "$python" -c 'import venv, ensurepip' 2>/dev/null && return
    package=$("$python" -I -S -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" -ne 0 ]; then
        echo "The module 'venv' is missing. As root: apt-get install -y $package"
        return 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update && apt-get install -y --no-install-recommends "$package"
}
