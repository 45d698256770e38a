"""What Google Drive does to a file that is being landed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.emulators.drive_server import MediaRead
from tests.faults.benches import StepFault
from tests.faults.rounds import BY_ITSELF, CLEARED, Disturbance
from tests.faults.worlds import File, World

CHAPTER = "Google Drive"
#: Tries of one request, as settings.drive_attempts says.
ATTEMPTS = 6
_PART = 5 * 1024 * 1024
_HTML = b"<!doctype html><html><title>Sign in</title><p>Please sign in to the network.</p></html>"

Prepare = Callable[[World, File], None]

REFUSALS = (
    (429, "rateLimitExceeded", True),
    (403, "rateLimitExceeded", True),
    (403, "userRateLimitExceeded", True),
    (500, "internalError", True),
    (503, "backendError", True),
    (403, "downloadQuotaExceeded", False),
    (404, "notFound", False),
    (401, "authError", False),
)


def drive_faults() -> list[Disturbance]:
    return [*_refusals(), *_bodies(), *_changes(), *_tokens()]


def drive_faults_of_archive(archive: File) -> list[StepFault]:
    """It is read as any large file is; here it is also held against what came out of it."""

    def on_archive(found: Disturbance) -> StepFault:
        where = found.where.replace("large file", "archive")
        return StepFault(CHAPTER, found.name, where, lambda world: found.disturb(world, archive))

    return [on_archive(found) for found in [*_bodies(), *_changes()] if found.is_large]


def _refusals() -> list[Disturbance]:
    made = []
    for status, reason, is_passing in REFUSALS:
        if is_passing:
            made.append(_fault(f"{status} {reason}", "land: a download, three times", _refuse(status, reason, 3), BY_ITSELF))
        times, often = (ATTEMPTS, "until the task gives up") if is_passing else (1, "once")
        made.append(_fault(f"{status} {reason}", f"land: a download, {often}", _refuse(status, reason, times), CLEARED))
    return made


def _bodies() -> list[Disturbance]:
    def cut(times: int) -> Prepare:
        return lambda world, file: world.drive.cut_next(file["size"] // 2 % _PART, times, file["file_id"])

    def page(times: int) -> Prepare:
        return lambda world, file: world.drive.answer_next(_HTML, times, file["file_id"])

    def garble(world: World, file: File) -> None:
        world.drive.garble_next(matching=file["file_id"])

    made = []
    for is_large, size in ((False, "small file"), (True, "large file")):
        made += [
            _fault("body cut in the middle", f"land, {size}: twice", cut(2), BY_ITSELF, is_large),
            _fault("body cut in the middle", f"land, {size}: until the task gives up", cut(ATTEMPTS), CLEARED, is_large),
            _fault("HTML page with status 200", f"land, {size}: twice", page(2), BY_ITSELF, is_large),
            _fault("HTML page with status 200", f"land, {size}: until the task gives up", page(ATTEMPTS), CLEARED, is_large),
            _fault("other bytes than the md5 says", f"land, {size}: once", garble, CLEARED, is_large),
        ]
    return made


def _changes() -> list[Disturbance]:
    made = []
    for is_large, size in ((False, "small file"), (True, "large file")):
        grows, changes = _rewritten(lambda content: content + b"appended"), _rewritten(lambda content: b"!" + content[1:])
        shrinks = _rewritten(lambda content: content[: len(content) // 2])
        made += [
            Disturbance(CHAPTER, "file grows while it is read", f"land, {size}", grows, is_large),
            Disturbance(CHAPTER, "file changes while it is read and is put back", f"land, {size}", changes, is_large),
            Disturbance(CHAPTER, "file shrinks while it is read and is put back", f"land, {size}", shrinks, is_large),
        ]
    return made


def _tokens() -> list[Disturbance]:
    def expires(world: World, file: File) -> str:
        with _tokens_asked_for(world, requests_per_token=1) as handed_out:
            world.must("land", files=[file])
            assert handed_out() > 1
        world.must("certify", files=[file])
        return BY_ITSELF

    def is_refused(world: World, file: File) -> str:
        with _tokens_asked_for(world, requests_per_token=0):
            assert world.run("land", files=[file]).error == "DriveAccessError"
        return _clear(world, file)

    return [
        Disturbance(CHAPTER, "token expires", "land, large file: before every part", expires, is_large=True),
        Disturbance(CHAPTER, "401 for every token", "land, large file: until the task gives up", is_refused, is_large=True),
    ]


def _fault(name: str, where: str, prepare: Prepare, recovery: str, is_large: bool = False) -> Disturbance:
    def disturb(world: World, file: File) -> str:
        prepare(world, file)
        outcome = world.run("land", files=[file])
        assert outcome.is_done is (recovery == BY_ITSELF), (name, where, outcome.error, outcome.message)
        _clear(world, file)
        return recovery

    return Disturbance(CHAPTER, name, where, disturb, is_large)


def _refuse(status: int, reason: str, times: int) -> Prepare:
    return lambda world, file: world.drive.fail_next(times, status, reason, matching=file["file_id"])


def _rewritten(change: Callable[[bytes], bytes]) -> Callable[[World, File], str]:
    """Somebody writes the file in the middle of its second part (of a small file: before its only one), and puts it back."""

    def disturb(world: World, file: File) -> str:
        path = world.rawdata / file["name"]
        content, stat = path.read_bytes(), path.stat()
        at = f"bytes={_PART if file['size'] > _PART else 0}-"

        def rewrite(read: MediaRead) -> None:
            if read.name == file["name"] and str(read.range).startswith(at) and path.read_bytes() == content:
                path.write_bytes(change(content))

        world.drive.on_media(rewrite)
        outcome = world.run("land", files=[file])
        world.drive.forget_listeners()
        assert path.read_bytes() != content
        path.write_bytes(content)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        _clear(world, file)
        return BY_ITSELF if outcome.is_done else CLEARED

    return disturb


def _clear(world: World, file: File) -> str:
    for step in ("land", "certify"):
        world.clear(step, files=[file])
    return CLEARED


@contextmanager
def _tokens_asked_for(world: World, requests_per_token: int) -> Iterator[Callable[[], int]]:
    """Drive asks for tokens, and the workers have the key of a service account to get them with."""
    tokens = world.drive.ask_for_tokens(requests_per_token)
    world.overrides["DRIVE_KEY"] = service_account_key(world.drive.url)
    try:
        yield lambda: tokens.handed_out
    finally:
        world.drive.ask_for_no_tokens()
        del world.overrides["DRIVE_KEY"]


def service_account_key(url: str) -> str:
    """As Google gives it out, for a token server of our own."""
    known = {"type": "service_account", "client_email": "pipeline@example.invalid", "private_key_id": "1", "project_id": "test"}
    return json.dumps({**known, "private_key": _private_key(), "token_uri": f"{url}/token"})


@cache
def _private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*form).decode()
