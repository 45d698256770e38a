"""The former name of `python -m include.on_call`; it goes with version 0.3."""

from __future__ import annotations

import sys

from include.on_call.__main__ import main

if __name__ == "__main__":
    print("`python -m include.cms_ingest` is now `python -m include.on_call`", file=sys.stderr)
    sys.exit(main())
