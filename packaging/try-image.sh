#!/bin/sh
# The Dockerfile's steps in a debootstrap of Debian, where no Docker engine is at hand: do they work?
#   packaging/try-image.sh [FOLDER]        as root, from the checkout; needs debootstrap and the network
# It reads the steps from the Dockerfile. What differs: Debian's own Python instead of python:3.13-slim, one root
# instead of two stages, and no layers. PIP_CONF and CA_FILE name a pip.conf and certificates to take into the build.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
root=${1:-$(mktemp -d)}
mirror=${MIRROR:-http://deb.debian.org/debian}
suite=$(sed -n 's/^FROM python:3\.13-slim-\([a-z]*\)$/\1/p' "$here/packaging/Dockerfile")
test -n "$suite" || { echo "the Dockerfile names no Debian that this script knows"; exit 2; }

step() { echo "== $*"; }
inside() { chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/opt/sotto/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    XDG_DATA_HOME=/data XDG_CACHE_HOME=/cache XDG_CONFIG_HOME=/config PYTHONUNBUFFERED=1 "$@"; }
# RUN steps, with their continued lines joined; the first makes the environment, the second is the system's.
runs() { sed -e ':a' -e '/\\$/N; s/\\\n *//; ta' "$here/packaging/Dockerfile" | sed -n 's/^RUN //p'; }

if [ ! -x "$root/usr/bin/python3" ]; then
    step "debootstrap $suite in $root"
    debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates "$suite" "$root" "$mirror"
fi
cp /etc/resolv.conf "$root/etc/resolv.conf"
if [ -n "${PIP_CONF:-}" ]; then cp "$PIP_CONF" "$root/etc/pip.conf"; fi
if [ -n "${CA_FILE:-}" ]; then cp "$CA_FILE" "$root/etc/ssl/certs/ca-certificates.crt"; fi
ln -sf /usr/bin/python3 "$root/usr/local/bin/python"
mkdir -p "$root/source"

step "the build's files"
sed -n 's/^COPY \([^-].*\) [^ ]*$/\1/p' "$here/packaging/Dockerfile" | tr ' ' '\n' | while read -r each; do
    cp -r "$here/$each" "$root/source/"
done
runs | while read -r line; do
    step "RUN $line"
    inside sh -ec "cd /source; $line" </dev/null
done

step "USER sotto; sotto --version"
chroot --userspec=sotto:sotto "$root" /usr/bin/env -i HOME=/home/sotto PATH=/opt/sotto/bin:/usr/bin:/bin LANG=C.UTF-8 \
    XDG_DATA_HOME=/data XDG_CACHE_HOME=/tmp/cache XDG_CONFIG_HOME=/config sotto --version
step "an order in a simulated home, as nobody in particular"
chroot --userspec=sotto:sotto "$root" /usr/bin/env -i HOME=/home/sotto PATH=/opt/sotto/bin:/usr/bin:/bin LANG=C.UTF-8 \
    XDG_DATA_HOME=/data XDG_CACHE_HOME=/tmp/cache XDG_CONFIG_HOME=/config \
    SOTTO_HOME__SIMULATED=true SOTTO_UNDERSTANDING__ORDER=local-only sotto ask "turn on the hall light"
step "the steps of the Dockerfile work"
