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
for _ in 1 2 3 4 5; do # before nginx asks; the resolver may not be there yet
    register
    [ -s "$file" ] && break
    sleep 0.2
done
(
    while sleep 1; do
        register
    done
) &
exec "$@"
