"""The container's health check: GET /healthz, 0 if it answers 200.

A bare socket, because importing urllib costs more CPU than a quarter of a processor should spend on
it every few seconds.
"""

import socket
import sys

try:
    with socket.create_connection(("127.0.0.1", 8501), timeout=4) as connection:
        connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
        status = connection.recv(16).split()
except OSError as error:
    sys.exit(f"no answer: {error}")
if status[1:2] != [b"200"]:
    sys.exit(f"answered {status}")
