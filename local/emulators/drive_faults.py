"""Faults that a test orders from the local Drive: refusals, cut or garbled bodies, other pages, a slow line, changing files."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local.emulators.drive_tokens import TokenDesk


@dataclass(frozen=True)
class MediaRead:
    """One body that is about to be sent."""

    file_id: str
    name: str
    path: Path
    range: str | None


@dataclass(frozen=True)
class Refusal:
    status: int
    reason: str
    retry_after_seconds: int | None


@dataclass(frozen=True)
class Page:
    """What a proxy or a sign-in page between us and Drive answers instead of Drive."""

    content: bytes
    content_type: str


@dataclass
class _Order:
    """Something to do to the next `times` requests whose path and query hold `matching`."""

    times: int
    matching: str
    refusal: Refusal | None = None
    cut_after_bytes: int | None = None
    page: Page | None = None
    is_garbled: bool = False


class FaultPlan:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: list[_Order] = []
        self._listeners: list[Callable[[MediaRead], None]] = []
        self._listing_listeners: list[Callable[[], None]] = []
        self.bytes_per_second: float | None = None
        self.tokens: TokenDesk | None = None
        self.longest_page: int | None = None

    def refuse(self, refusal: Refusal, times: int, matching: str) -> None:
        with self._lock:
            self._orders.append(_Order(times, matching, refusal=refusal))

    def cut(self, after_bytes: int, times: int, matching: str) -> None:
        with self._lock:
            self._orders.append(_Order(times, matching, cut_after_bytes=after_bytes))

    def replace(self, page: Page, times: int, matching: str) -> None:
        with self._lock:
            self._orders.append(_Order(times, matching, page=page))

    def garble(self, times: int, matching: str) -> None:
        with self._lock:
            self._orders.append(_Order(times, matching, is_garbled=True))

    def listen_to_listings(self, callback: Callable[[], None]) -> None:
        self._listing_listeners.append(callback)

    def forget_listeners(self) -> None:
        self._listeners, self._listing_listeners = [], []

    def listen(self, callback: Callable[[MediaRead], None]) -> None:
        self._listeners.append(callback)

    def next_refusal(self, target: str) -> Refusal | None:
        order = self._take(target, lambda order: order.refusal is not None)
        return order.refusal if order else None

    def next_cut(self, target: str) -> int | None:
        order = self._take(target, lambda order: order.cut_after_bytes is not None)
        return order.cut_after_bytes if order else None

    def next_page(self, target: str) -> Page | None:
        order = self._take(target, lambda order: order.page is not None)
        return order.page if order else None

    def is_next_garbled(self, target: str) -> bool:
        return self._take(target, lambda order: order.is_garbled) is not None

    def tell_listing(self) -> None:
        for callback in self._listing_listeners:
            callback()

    def tell_media(self, read: MediaRead) -> None:
        for callback in self._listeners:
            callback(read)

    def _take(self, target: str, fits: Callable[[_Order], bool]) -> _Order | None:
        with self._lock:
            for order in self._orders:
                if order.times > 0 and order.matching in target and fits(order):
                    order.times -= 1
                    return order
        return None
