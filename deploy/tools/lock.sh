#!/bin/sh
# Pins every group of dependencies with hashes, for Python 3.11 and 3.12 at once.
# Pins that still fit are kept; `make lock UPGRADE=1` takes the newest versions instead.
set -eu
uv=$1
upgrade=${2:-}
config=$(mktemp)
trap 'rm -f "$config"' EXIT
# torch is installed on its own: see requirements-torch.txt
echo 'exclude-dependencies = ["torch"]' > "$config"

compile() {
    target=$1
    shift
    echo "    $target"
    # shellcheck disable=SC2086  # $upgrade is one flag or nothing
    "$uv" pip compile --quiet --config-file "$config" $upgrade --universal --python-version 3.11 \
        --generate-hashes --no-annotate --custom-compile-command "make lock" \
        --output-file "$target" "$@"
}

compile requirements.lock requirements.in
compile requirements-train.lock -c requirements.lock requirements-train.in
compile requirements-dev.lock -c requirements.lock -c requirements-train.lock requirements-dev.in
compile requirements-node.lock requirements-node.in
