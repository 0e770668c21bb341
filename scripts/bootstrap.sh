#!/usr/bin/env bash
# Brings a fresh Debian or Ubuntu machine to where sopdesk runs. Called by the Makefile:
#   bootstrap.sh libraries PACKAGE…   system libraries for PDFs and translations, only if missing
#   bootstrap.sh environment          .venv from uv.lock
#   bootstrap.sh chromium             the browser for the tests
set -euo pipefail
cd "$(dirname "$0")/.."

installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

apt_install() {
    if ! command -v apt-get >/dev/null; then
        echo "Missing: $*. Install them with your system's package manager." >&2
        return 1
    fi
    if [ "$(id -u)" != 0 ]; then
        echo "Missing system packages. Run: sudo apt-get install $*" >&2
        return 1
    fi
    echo "Installing $* …"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

libraries() {
    local missing=()
    if command -v dpkg-query >/dev/null; then
        for package in "$@"; do installed "$package" || missing+=("$package"); done
    fi
    [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
    # A stale font cache makes PDFs fall back to whatever face it knows.
    if command -v fc-cache >/dev/null; then fc-cache -f; fi
}

environment() {
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed." >&2; exit 1; }
    local uv
    uv=$(command -v uv || true)
    if [ -z "$uv" ]; then
        if ! [ -x .uv/bin/uv ]; then
            python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install python3-venv
            python3 -m venv .uv
            .uv/bin/pip install -q uv
        fi
        uv=.uv/bin/uv
    fi
    "$uv" sync --frozen -q ${EXTRAS:+--extra "$EXTRAS"} --python "$(command -v python3)"
}

chromium() {
    command -v pdftotext >/dev/null || apt_install poppler-utils
    if type -P chromium >/dev/null; then  # `command -v` would find this very function
        return 0
    fi
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt_install chromium
    else
        .venv/bin/playwright install chromium
    fi
}

command=$1
shift
"$command" "$@"
