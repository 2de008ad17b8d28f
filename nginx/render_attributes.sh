#!/bin/sh
# Gives nginx's directives those values of attributes.json that they need.
# Usage: render_attributes COMMAND [ARGUMENT ...]    runs COMMAND afterwards
# NGINX_FOLDER, MADE_FOLDER: where `parity check` has it read and write instead.
set -eu

made=${MADE_FOLDER:-/tmp}

number() {
    sed -n "s/^ *\"$1\": *\([0-9]*\),*\$/\1/p" "${NGINX_FOLDER:-/etc/nginx}/attributes.json"
}

idle=$(number idle_timeout.timeout_seconds)
cat >"$made/timeouts.conf" <<END
# idle_timeout.timeout_seconds, of clients and of targets, websockets among them
client_header_timeout ${idle}s;
client_body_timeout ${idle}s;
send_timeout ${idle}s;
proxy_read_timeout ${idle}s;
proxy_send_timeout ${idle}s;
keepalive_timeout ${idle}s;
# client_keep_alive.seconds, however busy
keepalive_time $(number client_keep_alive.seconds)s;
keepalive_requests 1000000;
END

interval=$(number HealthCheckIntervalSeconds)
timeout=$(number HealthCheckTimeoutSeconds)
[ "$timeout" -lt "$interval" ] || timeout=$interval # less than that, as AWS asks for
cat >"$made/health_check.conf" <<END
js_periodic health_check.checkTargets interval=${interval}s;
js_fetch_timeout $((timeout * 1000 - 100))ms;
END

exec "$@"
