#!/usr/bin/env bash
# Makes a virtual environment outside the checkout, once per list of requirements: without an argument that which
# tests/python/python.ts finds, of requirements.txt.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
file=${1:-requirements.txt}
command -v python3 >/dev/null || { echo "no python3: the cross-checks against Python are skipped" >&2; exit 0; }
key=$(sha256sum "$here/$file" | cut -c1-12)
home="${XDG_CACHE_HOME:-$HOME/.cache}/gristmill/python-$key"
if [ ! -e "$home/complete" ]; then
  rm -rf "$home"
  python3 -m venv "$home"
  "$home/bin/pip" install --quiet --disable-pip-version-check -r "$here/$file"
  touch "$home/complete"
fi
echo "$home/bin/python"
