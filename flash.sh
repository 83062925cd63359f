#!/usr/bin/env bash
# The one command in the field.
#   ./flash.sh demo     a simulated square, its boxes and the hub's page; no board needed
#   ./flash.sh --help   everything else
# Makes its own Python environment in .venv/ the first time.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$here/host/environment.sh"
exec "$here/.venv/bin/noisetamer" "$@"
