#!/usr/bin/env bash
# Builds the S3 server that the storage tests run against: versitygw (Apache-2.0), which checks SigV4
# signatures, expiry and POST policies. One to two and a half minutes and 80 MB on two cores the first time, nothing
# after that. Tests that need it are skipped, and say so, while it is missing.
set -euo pipefail

VERSION=v1.8.0
TARGET="${S3_SERVER_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/desk-ai}/versitygw-$VERSION"

if [ -x "$TARGET/versitygw" ]; then
  echo "$TARGET/versitygw"
  exit 0
fi
if ! command -v go >/dev/null; then
  echo 'go is not installed: the S3 tests will be skipped' >&2
  exit 1
fi
mkdir -p "$TARGET"
GOBIN="$TARGET" GOFLAGS=-mod=mod go install "github.com/versity/versitygw/cmd/versitygw@$VERSION" >&2
echo "$TARGET/versitygw"
