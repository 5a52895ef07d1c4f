#!/usr/bin/env bash
# Install what the tests need from Debian (as root; otherwise say what is skipped), then check and test everything.
set -euo pipefail
cd "$(dirname "$0")/.."
packages=(redis-server chromium fonts-noto-cjk iproute2 python3-gi gir1.2-gst-rtsp-server-1.0
  gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
  gstreamer1.0-libav gstreamer1.0-tools)

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "test: installing ${missing[*]}" >&2
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    echo "test: not root on Debian; the tests that need these packages skip: ${missing[*]}" >&2
  fi
fi

# Compiled code is kept, also where the shell says otherwise: every worker, and every service that a test starts, would
# compile all of it again. A first look for the tests leaves it, beside the type check, which takes one core.
export PYTHONDONTWRITEBYTECODE=
collecting=
if [ $# -eq 0 ]; then
  .venv/bin/python -m pytest --collect-only -qq tests/integration tests/e2e tests/unit >/dev/null 2>&1 &
  collecting=$!
fi
# The wall's tests run beside the checks of the Python code; what they say comes when both are done.
wall_says=$(mktemp)
trap 'rm -f "$wall_says"' EXIT
(cd wall && npm test --silent) >"$wall_says" 2>&1 &
wall_tests=$!
.venv/bin/ruff format --check .
.venv/bin/ruff check .
.venv/bin/python -m mypy --strict kernel ingest detect drone command_api supervisor scripts tests
.venv/bin/lint-imports
wait "$wall_tests" || { cat "$wall_says"; exit 1; }
cat "$wall_says"
[ -z "$collecting" ] || wait "$collecting" || true # a test that cannot be collected is told by the run itself

if [ $# -gt 0 ]; then
  exec .venv/bin/python -m pytest "$@"
fi
# What mostly waits for servers runs side by side, the long tests first, handed out one by one; what judges times has the
# machine to itself.
workers=$((2 * $(nproc)))
workers=${TEST_WORKERS:-$((workers < 16 ? workers : 16))}
.venv/bin/python -m pytest -n "$workers" --maxschedchunk 1 -m "not alone" --durations=10 \
  tests/integration tests/e2e tests/unit
exec .venv/bin/python -m pytest -m alone --durations=10 tests/integration tests/e2e
