#!/usr/bin/env bash
# Makes sure of a Chromium for the tests that look at pages, where Debian's packages can be had; without one they are skipped.
set -uo pipefail
command -v chromium >/dev/null && exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] && { apt-get update && apt-get install -y chromium; } >/tmp/chromium-setup.log 2>&1; then
  echo "chromium is installed"
else
  echo "no chromium could be installed: the tests of pages are skipped" >&2
fi
exit 0
