"""Sockets of the local servers: on 127.0.0.1 only, on the preferred port or on any free one."""

from __future__ import annotations

import socket

LOOPBACK = "127.0.0.1"
DRIVE_HEALTH_PATH = "/health"
_BACKLOG = 128


def listen(preferred_port: int) -> socket.socket:
    """Binding first and asking for the port afterwards leaves no gap in which another process takes it."""
    try:
        return _bound(preferred_port)
    except OSError:
        return _bound(0)


def free_port(preferred: int) -> int:
    """For programs that open their socket themselves: the preferred port, or any free one."""
    with listen(preferred) as probe:
        return int(probe.getsockname()[1])


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
