#!/usr/bin/env bash
# Measures training on the GPU of this machine beside PyTorch, from the archive that tests/gpu/pack.mjs makes: no Node and
# no npm are needed here. Unattended, about ten minutes; the last line is one JSON object a measurement.
#   tar xJf gristmill-gpu.tar.xz && ./run.sh
# It takes the PJRT plugin that GRISTMILL_PJRT_PLUGIN, VIRTUAL_ENV or python3 has, else installs one into ./python. With
# GPU_CHECK=small everything is tried at small sizes, on a CPU's plugin too.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/app" 2>/dev/null || cd "$here/../.."
node=$here/node; [ -x "$node" ] || node=node
out=${OUT:-$here/results}; mkdir -p "$out"
python=${VIRTUAL_ENV:+$VIRTUAL_ENV/bin/}python3

has_plugin() { "$node" tests/gpu/find-plugin.ts >"$out/plugin" 2>/dev/null; }
if ! has_plugin; then
  echo "no PJRT plugin is here: installing jax-cuda13-plugin" >&2
  python3 -m venv "$here/python" && "$here/python/bin/pip" install -q "jax-cuda13-plugin[with-cuda]"
  export VIRTUAL_ENV=$here/python
  has_plugin || { echo "and none could be installed; docs/gpu.md says how" >&2; exit 2; }
fi
plugin=$(cat "$out/plugin")
echo "plugin: $plugin" >&2
command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader >&2

measure() { # name, seconds, arguments
  local name=$1 limit=$2; shift 2
  echo "== $name" >&2
  timeout "$limit" "$node" tests/gpu/training-step.ts --plugin "$plugin" "$@" >"$out/$name.txt" 2>"$out/$name.err"
  local rc=$?
  [ $rc = 0 ] && tail -1 "$out/$name.txt" | sed "s/^{/{\"name\":\"$name\",/" || echo "{\"name\":\"$name\",\"failed\":$rc}"
}
torch() { # name, seconds, arguments
  local name=$1 limit=$2; shift 2
  "$python" -c 'import torch' 2>/dev/null || { echo "{\"name\":\"$name\",\"skipped\":\"no PyTorch here\"}"; return; }
  echo "== $name" >&2
  timeout "$limit" "$python" tests/gpu/pytorch.py "$@" >"$out/$name.txt" 2>"$out/$name.err"
  local rc=$?
  [ $rc = 0 ] && tail -1 "$out/$name.txt" | sed "s/^{/{\"name\":\"$name\",/" || echo "{\"name\":\"$name\",\"failed\":$rc}"
}

if [ "${GPU_CHECK:-}" = small ]; then
  small=(--preset nanogpt-char-cpu --batch 4 --length 32 --vocabulary 65)
  measure same-as-cpu 200 "${small[@]}" --steps 5
  measure bf16 200 "${small[@]}" --steps 5 --precision bf16 --no-cpu
  torch pytorch 200 --layers 4 --heads 4 --width 128 --batch 4 --length 32 --vocabulary 65 --steps 5
  exit 0
fi
gpt2=(--preset gpt2-124m --length 1024 --vocabulary 50257 --no-cpu)
measure same-as-cpu 120 --preset nanogpt-char-cpu --steps 20
measure gpt2-124m-bf16 240 "${gpt2[@]}" --batch 16 --steps 60 --precision bf16
torch gpt2-124m-pytorch 200 --batch 16 --length 1024 --steps 60
measure gpt2-124m-tf32 120 "${gpt2[@]}" --batch 8 --steps 20 --precision tf32
