"""Access tokens as Google hands them out to service accounts, for tests in which they expire in the middle of a run."""

from __future__ import annotations

import threading
from collections import Counter


class TokenDesk:
    """Each token is good for a number of requests; the next one with it is refused, and the client asks for a new one."""

    def __init__(self, requests_per_token: int) -> None:
        self._requests_per_token = requests_per_token
        self._lock = threading.Lock()
        self._handed_out = 0
        self._uses: Counter[str] = Counter()

    @property
    def handed_out(self) -> int:
        return self._handed_out

    def hand_out(self) -> dict[str, object]:
        with self._lock:
            self._handed_out += 1
            return {"access_token": f"token-{self._handed_out}", "expires_in": 3600, "token_type": "Bearer"}

    def accepts(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        with self._lock:
            if scheme != "Bearer" or token != f"token-{self._handed_out}":
                return False
            self._uses[token] += 1
            return self._uses[token] <= self._requests_per_token
