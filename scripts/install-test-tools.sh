#!/usr/bin/env bash
# What the tests need beyond Python packages: Chromium, which drives the page. Safe to run any number of times.
# Without it the tests marked `browser` cannot run; nothing else needs it.
set -euo pipefail

for name in chromium chromium-browser; do
  if command -v "$name" >/dev/null; then
    echo "Chromium is there: $(command -v "$name")"
    exit 0
  fi
done

if ! command -v apt-get >/dev/null; then
  echo "Chromium is missing and there is no apt-get here. Install Chromium with your system's own tools, then try again." >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "Chromium is missing and installing it needs root. Run: sudo $0" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends chromium
command -v chromium >/dev/null || {
  echo "apt-get installed the package, but there is no 'chromium' to run (some systems ship it as a snap). Install it by hand." >&2
  exit 1
}
echo "Chromium is installed: $(command -v chromium)"
