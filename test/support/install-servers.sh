#!/usr/bin/env bash
# Installs the servers that others wrote and tests speak to, once per machine and both at the same time.
# `npm test` calls it. What cannot be installed here is named; the tests that need it are skipped and say so.
set -uo pipefail
cd "$(dirname "$0")"

LIMIT_SECONDS="${TEST_SERVERS_TIMEOUT_SECONDS:-240}"
logs="$(mktemp -d)"
trap 'rm -rf "$logs"' EXIT

# Not on every system, and only there for a network that hangs.
within_limit() {
  if command -v timeout >/dev/null; then timeout "$LIMIT_SECONDS" "$@"; else "$@"; fi
}

install() {
  local name="$1" script="$2" log="$logs/$1" status=0
  within_limit bash "$script" >/dev/null 2>"$log" || status=$?
  case $status in
    0) return ;;
    124) echo "it took more than $LIMIT_SECONDS s" >>"$log" ;;
  esac
  echo "$name is not installed, its tests are skipped: $(tail -n 1 "$log")" >&2
}

install versitygw s3/install-s3-server.sh &
install MLServer oip/install-mlserver.sh &
wait
