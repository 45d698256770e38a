"""The local Drive of a test: it remembers its requests, and it fails as it is told to."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from local.emulators.drive_errors import DriveApiError
from local.emulators.drive_folder import DriveEntry
from local.emulators.drive_server import LocalDrive, error_response
from local.emulators.listening import LOOPBACK, listen

_MEDIA = "alt=media"
_SLOW_SLICE_SECONDS = 0.05  # short enough that a slow line looks slow and not stuck

# Gets what makes the usual response, and need not call it.
Answer = Callable[[Callable[[], Response]], Response]


@dataclass(frozen=True)
class SeenRequest:
    method: str
    path: str
    query: dict[str, str]
    range: str | None
    status: int


@dataclass(frozen=True)
class MediaRead:
    """One body that is about to be sent."""

    name: str
    path: Path
    range: str | None


@dataclass
class _Order:
    """How to answer the next `times` requests whose path and query hold all of `matching`."""

    times: int
    matching: tuple[str, ...]
    answer: Answer

    def fits(self, target: str) -> bool:
        return self.times > 0 and all(text in target for text in self.matching)


class TokenDesk:
    """Each token is good for a number of requests; the next one with it is refused, and the client asks for a new one."""

    def __init__(self, requests_per_token: int) -> None:
        self._requests_per_token = requests_per_token
        self._lock = threading.Lock()
        self._uses: Counter[str] = Counter()
        self.handed_out = 0

    def hand_out(self, _: Request) -> Response:
        with self._lock:
            self.handed_out += 1
            return JSONResponse({"access_token": f"token-{self.handed_out}", "expires_in": 3600, "token_type": "Bearer"})

    def accepts(self, authorization: str) -> bool:
        with self._lock:
            self._uses[authorization] += 1
            is_newest = authorization == f"Bearer token-{self.handed_out}"
            return is_newest and self._uses[authorization] <= self._requests_per_token


class _Body(Response):
    """Another response whose body is changed on its way: cut short, garbled or slow."""

    def __init__(
        self, usual: Response, *, cut_after: int | None = None, is_garbled: bool = False, bytes_per_second: float | None = None
    ) -> None:
        super().__init__(status_code=usual.status_code)
        self._usual, self._left = usual, cut_after
        self._is_garbled, self._bytes_per_second = is_garbled, bytes_per_second

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_changed(message: Message) -> None:
            if message["type"] != "http.response.body":
                await send(message)
            elif self._left is not None:
                await self._send_until_cut(message, send)
            elif self._bytes_per_second is not None:
                await self._send_slowly(message, send, self._bytes_per_second)
            else:
                body = bytes(255 - byte for byte in message["body"]) if self._is_garbled else message["body"]
                await send({**message, "body": body})

        await self._usual(scope, receive, send_changed)

    async def _send_until_cut(self, message: Message, send: Send) -> None:
        """The last message never comes, so uvicorn drops the connection."""
        body = message["body"][: self._left]
        self._left = (self._left or 0) - len(body)
        await send({**message, "body": body, "more_body": True})

    async def _send_slowly(self, message: Message, send: Send, bytes_per_second: float) -> None:
        body, size = message["body"], max(1, int(bytes_per_second * _SLOW_SLICE_SECONDS))
        for start in range(0, len(body), size):
            part = body[start : start + size]
            await asyncio.sleep(len(part) / bytes_per_second)
            await send({**message, "body": part, "more_body": True})
        await send({**message, "body": b""})


class _Silence(Response):
    """The request is taken, and no byte of an answer comes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()  # the end of the server cancels it


class DriveServer(LocalDrive):
    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder)
        self.url = url
        self.requests: list[SeenRequest] = []
        self._lock = threading.Lock()
        self._orders: list[_Order] = []
        self._media_listeners: list[Callable[[MediaRead], None]] = []
        self._list_listeners: list[Callable[[], None]] = []
        self._longest_page: int | None = None
        self._bytes_per_second: float | None = None
        self._tokens: TokenDesk | None = None

    def fail_next(
        self,
        times: int = 1,
        status: int = 429,
        reason: str = "rateLimitExceeded",
        matching: str = "",
        retry_after_seconds: int | None = None,
    ) -> None:
        """Refuse the next requests whose path and query hold `matching`."""

        def refuse(_: Callable[[], Response]) -> Response:
            response = error_response(DriveApiError(status, reason, reason))
            if retry_after_seconds is not None:
                response.headers["Retry-After"] = str(retry_after_seconds)
            return response

        self._orders.append(_Order(times, (matching,), refuse))

    def cut_next(self, after_bytes: int, times: int = 1, matching: str = _MEDIA) -> None:
        """Drop the connection of the next downloads after that many bytes of the body."""
        self._orders.append(_Order(times, (matching, _MEDIA), lambda usual: _Body(usual(), cut_after=after_bytes)))

    def answer_next(self, content: bytes, times: int = 1, matching: str = _MEDIA) -> None:
        """Answer the next requests with an HTML page and status 200, as a proxy between us and Drive does."""
        self._orders.append(_Order(times, (matching,), lambda _: Response(content, media_type="text/html; charset=utf-8")))

    def hang_next(self, times: int = 1, matching: str = "") -> None:
        """Take the next requests and never answer them."""
        self._orders.append(_Order(times, (matching,), lambda _: _Silence()))

    def garble_next(self, times: int = 1, matching: str = _MEDIA) -> None:
        """Send other bytes than those of the file, as many of them."""
        self._orders.append(_Order(times, (matching, _MEDIA), lambda usual: _Body(usual(), is_garbled=True)))

    def cap_pages(self, entries: int) -> None:
        """Put no more entries on one page of a listing, however many were asked for, as Drive may."""
        self._longest_page = entries

    def slow(self, bytes_per_second: float | None) -> None:
        """Throttle every body from now on; None ends it."""
        self._bytes_per_second = bytes_per_second

    def ask_for_tokens(self, requests_per_token: int) -> TokenDesk:
        """From now on accept only requests with a token of `<url>/token`, each for so many requests."""
        self._tokens = TokenDesk(requests_per_token)
        return self._tokens

    def ask_for_no_tokens(self) -> None:
        self._tokens = None

    def on_list(self, callback: Callable[[], None]) -> None:
        """Called before each page of a listing is made, in the server's thread."""
        self._list_listeners.append(callback)

    def on_media(self, callback: Callable[[MediaRead], None]) -> None:
        """Called before a body is opened and sent, in the server's thread."""
        self._media_listeners.append(callback)

    def forget_listeners(self) -> None:
        """Call back no more."""
        self._media_listeners, self._list_listeners = [], []

    def answer(self, request: Request, action: Callable[[Request], Response]) -> Response:
        def usual() -> Response:
            if self._tokens and not self._tokens.accepts(request.headers.get("Authorization", "")):
                return error_response(DriveApiError(401, "authError", "Invalid Credentials", "Authorization"))
            return super(DriveServer, self).answer(request, action)

        order = self._next_order(f"{request.url.path}?{request.url.query}")
        response = order.answer(usual) if order else usual()
        query, wanted = dict(request.query_params), request.headers.get("range")
        self.requests.append(SeenRequest(request.method, request.url.path, query, wanted, response.status_code))
        return response

    def list_page(self, request: Request) -> Response:
        for callback in self._list_listeners:
            callback()
        if self._longest_page:
            capped = QueryParams({**request.query_params, "pageSize": str(self._longest_page)})
            request = Request({**request.scope, "query_string": str(capped).encode()})
        return super().list_page(request)

    def media(self, entry: DriveEntry, request: Request) -> Response:
        if entry.path is not None:
            for callback in self._media_listeners:
                callback(MediaRead(entry.name, entry.path, request.headers.get("range")))
        response = super().media(entry, request)
        if self._bytes_per_second is None:
            return response
        return _Body(response, bytes_per_second=self._bytes_per_second)

    def application(self) -> Starlette:
        application = super().application()
        application.router.routes.append(Route("/token", self.hand_out_token, methods=["POST"]))
        return application

    def hand_out_token(self, request: Request) -> Response:
        """Where a service account changes its signed assertion into a token."""
        return self._tokens.hand_out(request) if self._tokens else Response(status_code=404)

    def _next_order(self, target: str) -> _Order | None:
        with self._lock:
            order = next((order for order in self._orders if order.fits(target)), None)
            if order:
                order.times -= 1
            return order


@contextmanager
def running_drive_server(folder: Path) -> Iterator[DriveServer]:
    with listen(preferred_port=0) as listener:
        drive = DriveServer(folder, f"http://{LOOPBACK}:{listener.getsockname()[1]}")
        server = drive.server()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield drive
        finally:
            server.should_exit = True
            thread.join()
