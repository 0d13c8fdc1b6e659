#!/usr/bin/env bash
# Installs MLServer (Apache-2.0), a real server of the Open Inference Protocol, into a folder of its own.
# About a minute and 330 MB the first time. The test that needs it is skipped, and says so, while it is missing.
set -euo pipefail

VERSION=1.7.1
TARGET="${OIP_SERVER_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/desk-ai}/mlserver-$VERSION"

if [ ! -x "$TARGET/bin/mlserver" ]; then
  python3 -m venv "$TARGET"
  "$TARGET/bin/pip" install --quiet "mlserver==$VERSION" >&2
fi
echo "$TARGET/bin/mlserver"
