#!/usr/bin/env bash
# The one command in the field.
#   ./flash.sh             the board on the USB port becomes a unit; --all: every board
#   ./flash.sh --simulated 3     the same with virtual boards
#   ./flash.sh demo        a simulated square, its boxes and the hub's page; no board needed
#   ./flash.sh --help      everything else; ./flash.sh flash --help: all about flashing
# Makes its own Python environment in .venv/ the first time.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$here/host/environment.sh"
case "${1-}" in
-h | --help | --version) ;;
"" | -*) set -- flash "$@" ;;
esac
exec "$here/.venv/bin/noisetamer" "$@"
