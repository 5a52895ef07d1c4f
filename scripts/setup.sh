#!/usr/bin/env bash
# setup.sh run|dev [yolo] [int8]: make .venv and install the hash-pinned locks into it; does nothing when all is in place.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-run}
extras=" ${*:2} "

say() { printf '%s\n' "setup: $*" >&2; }
fail() { say "$1"; exit 3; }

[ "$(uname -s)" = Linux ] || fail "Lookout runs on Linux; this is $(uname -s). Use a Linux machine or a virtual one."
case $(uname -m) in
  x86_64 | aarch64) ;;
  *) fail "no wheels exist for $(uname -m); use x86_64 or aarch64." ;;
esac

right_python='import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))'
python=
for candidate in "${PYTHON:-}" python3.11 python3.12 python3 python; do
  [ -n "$candidate" ] || continue
  if command -v "$candidate" >/dev/null && "$candidate" -c "$right_python" 2>/dev/null; then
    python=$candidate
    break
  fi
done
[ -n "$python" ] || fail "Python 3.11 or 3.12 is needed and none was found; install one, or name it: make run PYTHON=python3.12"
"$python" -c 'import venv, ensurepip' 2>/dev/null || fail "$python cannot make virtual environments; on Debian: apt install python3-venv"
for extra in $extras; do
  case $extra in
    yolo | int8) ;;
    *) fail "unknown EXTRAS=$extra; there are yolo and int8" ;;
  esac
done

if ! .venv/bin/python -c "$right_python" 2>/dev/null; then
  say "making .venv with $("$python" --version)"
  rm -rf .venv
  "$python" -m venv .venv
fi
mkdir -p .venv/locks

install() { # name lock [option]: install a lock unless this very lock is installed
  local name=$1 lock=$2 sum
  sum=$(sha256sum "$lock" | cut -d' ' -f1)
  [ "$(cat ".venv/locks/$name" 2>/dev/null)" = "$sum" ] && return 0
  say "installing $lock"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes "${@:3}" -r "$lock" || return 1
  echo "$sum" >".venv/locks/$name"
}

if [ "$kind" = dev ]; then
  install dev requirements/dev.lock || fail "requirements/dev.lock could not be installed; see the lines above"
else
  install base requirements/base.lock || fail "requirements/base.lock could not be installed; see the lines above"
fi
if [[ $extras = *" int8 "* ]]; then
  install int8 requirements/int8.lock || fail "requirements/int8.lock could not be installed; see the lines above"
fi
if [[ $extras = *" yolo "* ]] && [ -e /dev/nvidiactl ]; then
  install yolo requirements/yolo.lock || fail "requirements/yolo.lock could not be installed; see the lines above"
elif [[ $extras = *" yolo "* ]]; then
  # The CPU build of torch is gigabytes smaller; where no index carries that build, the CUDA one is taken.
  install yolo requirements/yolo-cpu.lock 2>.venv/locks/yolo-cpu.log || {
    say "no CPU build of torch is at hand; taking the one with CUDA (gigabytes)"
    install yolo requirements/yolo.lock || fail "requirements/yolo.lock could not be installed; see the lines above"
  }
  install trackeval requirements/trackeval.lock --no-deps ||
    fail "requirements/trackeval.lock could not be installed; see the lines above"
fi

here=$(pwd -P)
if [ "$(cat .venv/locks/checkout 2>/dev/null)" != "$here" ]; then
  # The command works on the checkout; nothing is copied into site-packages.
  site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  printf '%s\n' "$here" >"$site/lookout-checkout.pth"
  printf '#!/bin/sh\nexec "%s/.venv/bin/python" -m supervisor "$@"\n' "$here" >.venv/bin/lookout
  chmod +x .venv/bin/lookout
  echo "$here" >.venv/locks/checkout
fi
