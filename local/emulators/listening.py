"""Sockets of the local servers: 127.0.0.1 only, the wished-for port or any free one, address told by file."""

from __future__ import annotations

import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
DRIVE_HEALTH_PATH = "/health"
_BACKLOG = 128


def listen(preferred_port: int) -> socket.socket:
    """Binding first and asking for the port afterwards leaves no gap in which somebody else takes it."""
    try:
        return _bound(preferred_port)
    except OSError:
        return _bound(0)


def write_address(path: Path, url: str) -> None:
    """Appears whole or not at all: whoever waits for the file may read it at once."""
    half_written = path.with_name(path.name + ".new")
    half_written.write_text(url, encoding="utf-8")
    half_written.replace(path)


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
