#!/bin/sh
# Gives nginx its listeners: HTTP; or with HTTPS_PORT set HTTPS, and HTTP that leads to that port.
# PORT and HTTPS_PORT are where they are published, as clients and X-Forwarded-Port know them.
# Usage: listen COMMAND [ARGUMENT ...]    runs COMMAND afterwards
# NGINX_FOLDER, MADE_FOLDER: where `parity check` has it read and write instead.
set -eu

made=${MADE_FOLDER:-/tmp}
listener=$made/listener.conf # of the server that forwards requests
redirect=$made/redirect.conf # beside it

text() {
    sed -n "s/^ *\"$1\": *\"\(.*\)\",*\$/\1/p" "${NGINX_FOLDER:-/etc/nginx}/attributes.json"
}

if [ -z "${HTTPS_PORT:-}" ]; then
    echo "listen 8080; set \$listener_port ${PORT:-8080};" >"$listener"
    : >"$redirect"
    exec "$@"
fi

cat >"$listener" <<END
# Protocol: HTTPS, with Certificates that compose.https.yaml brings; HTTP/2 is an ALB's default
listen 8443 ssl;
set \$listener_port $HTTPS_PORT;
http2 on;
ssl_certificate /mnt/https/certificate.pem;
ssl_certificate_key /mnt/https/key.pem;
ssl_session_cache shared:tls:1m;
# SslPolicy
include $(text SslPolicy).conf;
END

cat >"$redirect" <<END
# routing.http.response.strict_transport_security.header_value
map \$https \$transport_security { on '$(text routing.http.response.strict_transport_security.header_value)'; default ''; }
add_header Strict-Transport-Security \$transport_security always;

# Protocol: HTTP, where there is one with HTTPS. DefaultActions: redirect
server {
    listen 8080;
    return 301 https://\$host:$HTTPS_PORT\$request_uri;
}
END

exec "$@"
