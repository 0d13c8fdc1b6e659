#!/bin/sh
# Starts the built service with the memory settings it is measured with (docs/performance.md).
#
# A small young generation: photos pass through it and are gone; a large one only holds memory.
# Garbage is collected when nearly a third has come to the heap, earlier than V8 would: at a half it is 6 MB
# more and no less CPU a photo. Two arenas of malloc, given back to the system from 2 MB on: with one
# for each thread, decoding fragments 8 of them.
set -eu
cd "$(dirname "$0")/.."
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}" MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_:-2000000}"
exec node --max-semi-space-size=2 --heap-growing-percent=30 dist/main.js
