#!/bin/sh
# Exits 0 if a Chromium is there for the browser tests; as root on Debian, after installing it.
# Exits 3 where there is none and no right to install one; 1 where CI=true, which may not skip.
set -eu

find_browser() {
    if [ -n "${FRONTDESK_CHROMIUM:-}" ]; then
        command -v "$FRONTDESK_CHROMIUM"
        return
    fi
    command -v chromium || command -v chromium-browser || command -v google-chrome
}

has_cjk_font() {
    # without fontconfig nothing can be asked, and nothing is known to be missing
    ! command -v fc-list > /dev/null || [ -n "$(fc-list :lang=zh)" ]
}

if find_browser > /dev/null && has_cjk_font; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    echo "==> Installing Chromium and CJK fonts for the browser tests" >&2
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    for _ in 1 2; do
        if apt-get update > "$log" 2>&1 && apt-get install --yes --no-install-recommends \
            chromium fonts-noto-cjk >> "$log" 2>&1; then
            rm -f "$log"
            exit 0
        fi
    done
    tail -n 5 "$log" >&2
    rm -f "$log"
fi
if find_browser > /dev/null; then
    exit 0
fi
if [ "${CI:-}" = true ]; then
    echo "No Chromium, and it could not be installed; in CI the browser tests may not be skipped." >&2
    exit 1
fi
echo "Browser tests are skipped: no Chromium here and no right to install it" \
    "(as root: apt-get install chromium fonts-noto-cjk)." >&2
exit 3
