"""S3 and DynamoDB: moto's server as a process of its own, `python -m local.emulators.aws_server`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
from pathlib import Path

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from local.emulators.listening import LOOPBACK, listen, write_address

# moto keeps an object up to this size in memory and a larger one in a temporary file.
_LARGEST_OBJECT_IN_MEMORY = 1 << 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="wish; another is taken when it is busy")
    parser.add_argument("--address-file", type=Path, help="where to write the address once it answers")
    parser.add_argument("--instance", help="any text; it tells this process from others on a command line")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # else a line a request, for ever
    signal.signal(signal.SIGTERM, _end)
    with listen(arguments.port) as listener:
        _serve(listener, arguments.address_file)


def _serve(listener: socket.socket, address_file: Path | None) -> None:
    os.environ.setdefault("MOTO_S3_DEFAULT_KEY_BUFFER_SIZE", str(_LARGEST_OBJECT_IN_MEMORY))
    port = listener.getsockname()[1]
    os.environ["MOTO_PORT"] = str(port)
    server = _moto(listener, port)
    url = f"http://{LOOPBACK}:{port}"
    logging.getLogger(__name__).info("S3 and DynamoDB on %s", url)
    if address_file is not None:
        write_address(address_file, url)
    server.serve_forever()


def _moto(listener: socket.socket, port: int) -> BaseWSGIServer:
    # What ThreadedMotoServer builds, but on a socket that is bound already: with a busy port that class
    # would wait for ever for a thread that has died.
    application = DomainDispatcherApplication(create_backend_app)
    return make_server(LOOPBACK, port, application, threaded=True, request_handler=MotoRequestHandler, fd=listener.fileno())


def _end(_signal: int, _frame: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
