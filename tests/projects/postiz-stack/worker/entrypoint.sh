#!/bin/sh
# Starts the worker's command. An image without it (the plain demo image, for instance) runs its own program instead, so that
# the stack can be tried out before anything is built.
set -e
command -v "$1" >/dev/null 2>&1 || set -- python3 /app/app.py
exec "$@"
