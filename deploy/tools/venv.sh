#!/bin/sh
# Makes a virtual environment at $1 with Python 3.11 or 3.12 ($PYTHON, else the first found).
# Debian splits ensurepip out of Python (package python3-venv). Where it is missing, virtualenv
# is fetched with pip into a folder of its own: no root, nothing left in the system.
set -eu
venv=$1
here=$(dirname "$0")

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2> /dev/null
}

python=
for candidate in ${PYTHON:-python3 python3.11 python3.12 python}; do
    if fits "$candidate"; then
        python=$(command -v "$candidate")
        break
    fi
done
if [ -z "$python" ]; then
    echo "Frontdesk needs Python 3.11 or 3.12; found: $(${PYTHON:-python3} --version 2>&1 || true)." >&2
    echo "Install one, or name it: make PYTHON=/path/to/python3.11 …" >&2
    exit 1
fi

if fits "$venv/bin/python" && "$venv/bin/python" -m pip --version > /dev/null 2>&1; then
    exit 0
fi
rm -rf "$venv"
echo "    $("$python" --version) at $python"
if "$python" -c 'import ensurepip, venv' 2> /dev/null; then
    "$python" -m venv "$venv"
elif "$python" -m virtualenv --version > /dev/null 2>&1; then
    "$python" -m virtualenv --quiet "$venv"
else
    echo "    this Python has no ensurepip; fetching virtualenv"
    bootstrap=$(mktemp -d)
    trap 'rm -rf "$bootstrap"' EXIT
    if ! "$python" -m pip install --quiet --target "$bootstrap" -r "$here/virtualenv.txt"; then
        echo "There is neither ensurepip nor a pip that works (Debian: apt-get install python3-venv)." >&2
        exit 1
    fi
    PYTHONPATH=$bootstrap "$python" -m virtualenv --quiet "$venv"
fi
