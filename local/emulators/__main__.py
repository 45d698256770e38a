"""`python -m local.emulators up|down|status|save|env [--home DIR] [--rawdata DIR]`."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from local.emulators.services import Services, running, save_state, start, stop
from local.errors import LocalCloudError, LocalCloudNotRunningError
from local.sample.rawdata import Rawdata, add_rawdata_argument

NOT_RUNNING_EXIT_CODE = 3


def main() -> int:
    arguments = _parser().parse_args()
    try:
        return int(arguments.verb(arguments))
    except LocalCloudError as error:
        print(error, file=sys.stderr)
        return 1


def up(arguments: argparse.Namespace) -> int:
    _describe(start(arguments.home, Rawdata.of(arguments.rawdata).path))
    return 0


def down(arguments: argparse.Namespace) -> int:
    stopped = stop(arguments.home, discard=arguments.discard)
    print("Stopped: " + (", ".join(stopped.servers) or "nothing, nothing was running"))
    if stopped.saved is not None:
        print(f"Saved: {stopped.saved.objects} S3 objects, {stopped.saved.items} DynamoDB items")
    if stopped.has_lost_changes:
        print("S3 and DynamoDB were not saved: the next start brings back what was saved before.")
    return 0


def status(arguments: argparse.Namespace) -> int:
    services = running(arguments.home)
    if services is None:
        print(f"The local cloud of {arguments.home} is not running (or only a part of it is).")
        return NOT_RUNNING_EXIT_CODE
    _describe(services)
    return 0


def save(arguments: argparse.Namespace) -> int:
    saved = save_state(arguments.home)
    print(f"Saved: {saved.objects} S3 objects ({saved.objects_written} new), {saved.items} DynamoDB items")
    return 0


def env(arguments: argparse.Namespace) -> int:
    services = running(arguments.home)
    if services is None:
        raise LocalCloudNotRunningError(arguments.home)
    for name, value in services.environment().items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _describe(services: Services) -> None:
    print(f"Google Drive      {services.drive_url}  serves {services.rawdata}")
    print(f"S3 and DynamoDB   {services.aws_url}  bucket {services.bucket}, table {services.table}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.emulators", description="The embedded cloud.")
    common = argparse.ArgumentParser(add_help=False)
    home = os.environ.get("HEALTHCARE_HOME") or ".local"
    common.add_argument("--home", type=Path, default=Path(home), help="where all state lives")
    add_rawdata_argument(common)
    verbs = parser.add_subparsers(required=True)
    meanings = {up: "start what is not running", down: "save and stop", status: "say what is running",
                save: "save S3 and DynamoDB to disk", env: "what a shell takes by eval"}  # fmt: skip
    for verb, meaning in meanings.items():
        command = verbs.add_parser(verb.__name__, help=meaning, parents=[common])
        command.set_defaults(verb=verb)
        if verb is down:
            command.add_argument("--discard", action="store_true", help="stop without saving")
    return parser


if __name__ == "__main__":
    sys.exit(main())
