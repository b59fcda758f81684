#!/bin/sh
# Inside an image of Debian: Python, the locked packages, and `lcr` on the path. Both recipes call it, as root.
set -eu
cd "$(dirname "$0")/../.."

apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv ca-certificates
PATH=/usr/bin:/bin .ci/setup
ln -s "$PWD/.venv/bin/lcr" /usr/local/bin/lcr
apt-get clean
rm -rf /var/lib/apt/lists/* /root/.cache
