"""Where S3 holds what: the one place that knows the layout of the bucket.

raw/<family>/<period>/<md5>/<file name>       the bytes as they came from Drive
bronze/<family>/<period>/<md5>.parquet        the certified rows
rejects/<family>/<period>/<md5>.parquet       the rejected records, each with line and reason
"""

from __future__ import annotations

import re

from include.ingest.file_version import FileVersion

RAW, BRONZE, REJECTS = "raw/", "bronze/", "rejects/"
PREFIXES = (RAW, BRONZE, REJECTS)


def raw_key(file: FileVersion) -> str:
    """What the file's name does not say is called so."""
    family = "archive" if file.is_archive else file.family or "unmatched"
    safe_name = re.sub(r"[^\w .()-]", "_", file.name)
    return f"{RAW}{family}/{file.period or 'undated'}/{file.file_md5}/{safe_name}"


def certified_keys(family: str, period: str, file_md5: str) -> tuple[str, str]:
    """Of the rows and of the rejects."""
    where = f"{family}/{period}/{file_md5}.parquet"
    return f"{BRONZE}{where}", f"{REJECTS}{where}"
