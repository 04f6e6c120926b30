#!/bin/sh
# Encrypts the secrets of deployment.toml; `ciphertool.sh --help` says how.
exec "$(dirname -- "$(readlink -f -- "$0")")/micro-integrator.sh" ciphertool "$@"
