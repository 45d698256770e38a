"""What people have in hand beside loose files: CMS's zip of a month, the yearly zip that holds it, and what is no data."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable
from pathlib import Path

from local.sample.calendars import Vintage
from local.sample.layouts import PREFIXED_SINCE

#: Jobs of the other PBJ table, which lies beside the nurse file and is not loaded.
_NON_NURSE_JOBS = (
    "Admin", "MedDir", "OthMD", "PA", "NP", "ClinNrsSpec", "Pharmacist", "Dietician", "FeedAsst", "OT", "OTasst", "OTaide",
    "PT", "PTasst", "PTaide", "RespTher", "RespTech", "SpcLangPath", "TherRecSpec", "QualActvProf", "OthActv", "QualSocWrk",
    "OthSocWrk", "MHSvc",
)  # fmt: skip
_WHO_AND_WHEN = ("PROVNUM", "PROVNAME", "CITY", "STATE", "COUNTY_NAME", "COUNTY_FIPS", "CY_Qtr", "WorkDate", "MDScensus")
_DICTIONARY = "NH_Data_Dictionary.pdf"
#: The smallest file that a PDF reader opens: one blank page.
_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def write_neighbors(folder: Path) -> list[Path]:
    """Files that come with CMS's downloads and hold nothing for the warehouse."""
    dictionary, other_table = folder / _DICTIONARY, folder / "PBJ_dailynonnursestaffing_CY2024Q2.csv"
    dictionary.write_bytes(_PDF)
    header = [*_WHO_AND_WHEN, *(f"Hrs_{job}{part}" for job in _NON_NURSE_JOBS for part in ("", "_emp", "_ctr"))]
    rows = [_non_nurse_row(day) for day in range(1, 4)]
    other_table.write_text("".join(",".join(row) + "\n" for row in [header, *rows]), encoding="ascii", newline="")
    return [dictionary, other_table]


def _non_nurse_row(day: int) -> list[str]:
    hours = [cell for job in _NON_NURSE_JOBS for cell in (("8", "8", "0") if job == "Admin" else ("0", "0", "0"))]
    return ["015009", "SAMPLE HOME", "TOWN", "AL", "Franklin", "059", "2024Q2", f"2024040{day}", "50", *hours]


def zip_month(members: Iterable[Path], vintage: Vintage, folder: Path) -> Path:
    """The members move into CMS's zip of the month, with what lies beside them there."""
    path = folder / f"nursing_homes_including_rehab_services_{vintage.month:02d}_{vintage.year}.zip"
    contents = {member.name: member.read_bytes() for member in members}
    if vintage >= PREFIXED_SINCE:
        contents["manifest.json"] = _manifest(contents, vintage)
    _zip(path, contents | {_DICTIONARY: _PDF}, vintage)
    for member in members:
        member.unlink()
    return path


def zip_year(month: Path, vintage: Vintage) -> Path:
    """CMS's archive has one zip per year, which holds those of the months."""
    path = month.with_name(f"nursing_homes_including_rehab_services_{vintage.year}.zip")
    _zip(path, {month.name: month.read_bytes()}, vintage)
    month.unlink()
    return path


def _manifest(contents: Iterable[str], vintage: Vintage) -> bytes:
    return json.dumps({"released": vintage.processing_date.isoformat(), "files": sorted(contents)}, indent=1).encode()


def _zip(path: Path, contents: dict[str, bytes], vintage: Vintage) -> None:
    """The same members give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            written = zipfile.ZipInfo(name, (vintage.year, vintage.month, 1, 0, 0, 0))
            written.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(written, content)
