#!/bin/sh
# Gives nginx its listeners: HTTP, or with HTTPS_PORT set HTTPS and a redirect to that port.
# Usage: listen COMMAND [ARGUMENT ...]    then runs COMMAND
set -eu
if [ -n "${HTTPS_PORT:-}" ]; then
    cp /etc/nginx/https.conf /tmp/listener.conf
    sed "s/HTTPS_PORT/$HTTPS_PORT/" /etc/nginx/redirect.conf >/tmp/redirect.conf
else
    echo 'listen 8080;' >/tmp/listener.conf
    : >/tmp/redirect.conf
fi
exec "$@"
