#!/bin/sh
# Does what ECS does for a target group: registers each task's address as tasks come and go.
# Usage: register_targets SERVICE COMMAND [ARGUMENT ...]    runs COMMAND beside the registration
set -eu
service=$1
shift
file=/tmp/targets
unresolved=0

register() {
    if found=$(getent ahostsv4 "$service"); then
        unresolved=0
        printf '%s\n' "$found" | cut -d' ' -f1 | sort -u >"$file.new"
        mv "$file.new" "$file"
    elif [ "$((unresolved += 1))" -gt 1 ]; then # once may be the resolver's fault
        : >"$file"
    fi
}

: >"$file"
register # before nginx asks
(
    while sleep 1; do
        register
    done
) &
exec "$@"
