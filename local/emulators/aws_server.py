"""S3 and DynamoDB: moto's server as a process of its own.

`python -m local.emulators.aws_server --fd N`, where N is a socket that listens.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from local.emulators.listening import LOOPBACK

# moto keeps an object up to this size in memory and a larger one in a temporary file.
_LARGEST_OBJECT_IN_MEMORY = 1 << 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fd", type=int, required=True, help="the socket that listens already")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # else one line per request
    signal.signal(signal.SIGTERM, _end)
    os.environ.setdefault("MOTO_S3_DEFAULT_KEY_BUFFER_SIZE", str(_LARGEST_OBJECT_IN_MEMORY))
    with socket.socket(fileno=arguments.fd) as listener:
        _serve(listener)


def _serve(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    os.environ["MOTO_PORT"] = str(port)
    logging.getLogger(__name__).info("S3 and DynamoDB on port %s", port)
    # What ThreadedMotoServer builds, but on a socket that is bound already.
    application = DomainDispatcherApplication(create_backend_app)
    handler = MotoRequestHandler
    make_server(LOOPBACK, port, application, threaded=True, request_handler=handler, fd=listener.fileno()).serve_forever()


def _end(_signal: int, _frame: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
