#!/bin/sh
# Does what ECS does for a target group: registers each task's address as tasks come and go.
# Usage: register_targets SERVICE COMMAND [ARGUMENT ...]    runs COMMAND beside the registration
set -eu
service=$1
shift
file=/tmp/targets

register() {
    getent ahostsv4 "$service" | cut -d' ' -f1 | sort -u >"$file.new" || true
    mv "$file.new" "$file"
}

register # before nginx asks
(
    while sleep 1; do
        register
    done
) &
exec "$@"
