#!/usr/bin/env bash
# Asks the load balancer in this container, as the ELBv2 API would be asked; see README.md.
# Usage: control METHOD PATH [BODY]    prints the answer; fails unless its status is 200
set -euo pipefail
body=${3-}
exec 3<>/dev/tcp/127.0.0.1/8081
printf '%s %s HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s' "$1" "$2" "${#body}" "$body" >&3
read -r _ status _ <&3
while IFS= read -r line <&3 && [ "$line" != $'\r' ]; do :; done
cat <&3
[ "$status" = 200 ]
