"""Certification of landed files: good rows into Parquet exactly as they stand, bad records and files refused by name."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from include.contracts.contract import load_contract
from include.contracts.drift import LayoutNotice, NoticeKind
from include.contracts.errors import (
    BadFileError,
    ChangedLayoutError,
    DoubledColumnsError,
    MissingColumnsError,
    NoHeaderError,
    PossibleRenameError,
    UnknownFamilyError,
    UnknownPeriodError,
    WrongPeriodError,
)
from include.contracts.header import map_header
from include.ingest.certify import certify_file
from include.ingest.checkpoints import Checkpoint, Status
from include.ingest.errors import (
    EmptyFileError,
    HeaderOnlyError,
    NotCsvError,
    NothingCertifiedError,
    StoredBytesDifferError,
    UnclosedQuoteError,
    UnsafeFileNameError,
)
from include.ingest.pipeline import Services
from tests.checkpoints import recorded

Certify = Callable[[str, bytes], Any]
CsvOf = Callable[..., bytes]
Landed = Callable[[str, bytes], Checkpoint]

COVID = "NH_CovidVaxProvider_20241027.csv"
DESCRIPTIONS = "NH_CitationDescriptions_Oct2024.csv"
COVID_HEADER = (
    b"CMS Certification Number (CCN),State,Percent of residents who are up-to-date on their vaccines,"
    b"Percent of staff who are up-to-date on their vaccines,Date vaccination data last updated"
)
DESCRIPTIONS_HEADER = (
    b"Deficiency Prefix,Deficiency Tag Number,Deficiency Prefix and Number,Deficiency Description,Deficiency Category"
)


def covid(*records: bytes) -> bytes:
    return b"\n".join([COVID_HEADER, *records]) + b"\n"


def row(ccn: str, residents: str = "1.5", date: str = "10/27/2024") -> bytes:
    return f"{ccn},RI,{residents},2.5,{date}".encode()


def described(*descriptions: bytes) -> bytes:
    """Descriptions as they stand in the file: with quotes if they need them."""
    return (
        b"\n".join(
            [
                DESCRIPTIONS_HEADER,
                *(f"F,{tag:04},F-{tag:04},".encode() + text + b",Abuse" for tag, text in enumerate(descriptions)),
            ]
        )
        + b"\n"
    )


class TestWhatIsWritten:
    def test_rows_carry_their_lineage(self, certify: Certify) -> None:
        done = certify(COVID, covid(row("015009"), row("01501A")))
        checkpoint = done.checkpoint
        assert checkpoint.certified.bronze_key == f"bronze/nh_covid_vax_provider/2024-10-27/{checkpoint.file_md5}.parquet"
        assert done.column("ccn") == ["015009", "01501A"]
        assert [list(found.values())[-7:] for found in done.rows] == [
            [COVID, line, checkpoint.file_md5, "2024-10-27", datetime(2024, 11, 1), 1, None] for line in (2, 3)
        ]

    def test_checkpoint_tells_the_counts(self, certify: Certify) -> None:
        known = certify(COVID, covid(row("015009"), row("1"), b"short")).checkpoint.certified
        assert (known.family, known.period, known.encoding) == ("nh_covid_vax_provider", "2024-10-27", "utf-8")
        assert (known.rows_in_file, known.rows_certified, known.rows_rejected, known.facilities) == (3, 1, 2, 1)

    def test_columns_are_those_of_the_contract_in_its_order_whatever_the_file_has(self, certify: Certify, csv_of: CsvOf) -> None:
        row = {"state": "RI", "cycle_1_health_deficiencies": "7.5", "processing_date": "2024-10-01"}
        table = csv.reader(io.StringIO(csv_of("nh_state_us_averages", [row]).decode(), newline=""))
        swapped = "\n".join(",".join(f'"{cell}"' for cell in reversed(record)) for record in table)
        (found,) = certify("NH_StateUSAverages_Oct2024.csv", swapped.encode()).rows
        assert tuple(found)[:-7] == load_contract("nh_state_us_averages").column_names
        assert (found["state"], found["cycle_1_health_deficiencies"]) == ("RI", "7.5")

    def test_optional_column_that_is_absent_is_null_and_an_empty_cell_is_not(self, certify: Certify, csv_of: CsvOf) -> None:
        content = csv_of("pbj_daily_nurse_staffing", [DAY])
        without = b"\n".join(line.removesuffix(b",incomplete").removesuffix(b",") for line in content.splitlines())
        (found,) = certify("PBJ_Daily_Nurse_Staffing_Q2_2024.csv", without).rows
        assert found["incomplete"] is None
        assert found["city"] == ""

    def test_years_of_the_header_become_columns(self, certify: Certify, csv_of: CsvOf) -> None:
        content = csv_of("snf_vbp_facility_performance", [{"ccn": "015009", "state": "AL"}])
        content = content.replace(b"Baseline Period: FY 2024", b"Baseline Period: FY 2019")
        (found,) = certify("FY_2025_SNF_VBP_Facility_Performance.csv", content).rows
        assert (found["baseline_fiscal_year"], found["performance_fiscal_year"], found["_period"]) == ("2019", "2024", "FY2025")

    def test_all_cells_and_lines_of_all_genuine_files_are_as_pythons_csv_module_reads_them(
        self, certify: Certify, cms_files: Path
    ) -> None:
        for path in sorted(cms_files.rglob("*.csv")):
            content = path.read_bytes()
            done = certify(path.name, content)
            encoding = "utf-8-sig" if done.checkpoint.certified.encoding == "utf-8" else "cp1252"
            (_, header), *records = with_lines(content.decode(encoding))
            names = map_header(load_contract(done.checkpoint.certified.family), header).positions
            assert done.rejects == [], path.name
            found = zip(done.lines, zip(*map(done.column, names), strict=True), strict=True)
            assert list(found) == records, path.name


def with_lines(text: str) -> list[tuple[int, tuple[str, ...]]]:
    """Each record as Python's csv module reads it, with the line it begins on."""
    reader, line = csv.reader(io.StringIO(text, newline="")), 1
    records: list[tuple[int, tuple[str, ...]]] = []
    for record in reader:
        if record:
            records.append((line, tuple(record)))
        line = reader.line_num + 1
    return records


class TestText:
    @pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
    def test_utf8_with_and_without_byte_order_mark(self, certify: Certify, mark: bytes) -> None:
        done = certify(DESCRIPTIONS, mark + described("Señor’s “pipe”".encode()))
        assert done.column("deficiency_description") == ["Señor’s “pipe”"]
        assert done.checkpoint.certified.encoding == "utf-8"

    def test_cp1252_letters(self, certify: Certify) -> None:
        done = certify(DESCRIPTIONS, described("Señor’s “pipe” – €5".encode("cp1252"), b"plain"))
        assert done.column("deficiency_description") == ["Señor’s “pipe” – €5", "plain"]
        assert done.checkpoint.certified.encoding == "cp1252"

    def test_undecodable_bytes_and_nul_bytes_refuse_their_record_only(self, certify: Certify) -> None:
        done = certify(DESCRIPTIONS, described(b"good", b"bad \x81", b"bad \x00", "é".encode("cp1252")))
        assert done.lines == [2, 5]
        assert done.reasons == {3: "byte 0x81 cannot be read as cp1252", 4: "holds a NUL byte"}
        assert [reject["raw_line"] for reject in done.rejects] == [
            "F,0001,F-0001,bad \\x81,Abuse",
            "F,0002,F-0002,bad \x00,Abuse",
        ]

    def test_quoted_newlines_commas_and_quotes(self, certify: Certify) -> None:
        done = certify(DESCRIPTIONS, described(b'"two\r\nlines, one ""cell"""', b"after"))
        assert done.column("deficiency_description") == ['two\r\nlines, one "cell"', "after"]
        assert done.lines == [2, 4]

    def test_stray_quotes_are_characters(self, certify: Certify) -> None:
        done = certify(DESCRIPTIONS, described(b'a 5" pipe', b'"x"', b'6" and 7"'))
        assert done.column("deficiency_description") == ['a 5" pipe', "x", '6" and 7"']

    def test_cell_of_one_megabyte(self, certify: Certify) -> None:
        long = b'"' + b"0123456789 ,\n" * 80_000 + b'"'
        done = certify(DESCRIPTIONS, described(b"before", long, b"after"))
        assert [len(text) for text in done.column("deficiency_description")] == [6, len(long) - 2, 5]
        assert done.lines == [2, 3, 80_004]

    def test_blank_lines_mixed_line_ends_and_no_newline_at_the_end(self, certify: Certify) -> None:
        content = b"\r\n" + COVID_HEADER + b"\n\n" + row("015009") + b"\r\n\r\n" + row("015010") + b"\n" + row("015012")
        done = certify(COVID, content)
        assert (done.column("ccn"), done.lines) == (["015009", "015010", "015012"], [4, 6, 7])

    @pytest.mark.parametrize("block_bytes", [1000, 4099])
    def test_records_across_the_edges_of_blocks(
        self, certify: Certify, monkeypatch: pytest.MonkeyPatch, block_bytes: int
    ) -> None:
        monkeypatch.setattr("include.ingest.certify.BLOCK_BYTES", block_bytes)
        texts = ['"x\n' + "é" * (at % 97) + ' ""quoted"""' if at % 3 else f'{at}" pipe' for at in range(400)]
        lines = [2 + sum(text.count("\n") + 1 for text in texts[:at]) for at in range(400)]
        for encoding in ("utf-8", "cp1252"):
            done = certify(DESCRIPTIONS, described(*(text.encode(encoding) for text in texts)))
            expected = [text[1:-1].replace('""', '"') if at % 3 else text for at, text in enumerate(texts)]
            assert done.column("deficiency_description") == expected
            assert done.lines == lines

    def test_blank_block_before_the_header(self, certify: Certify, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("include.ingest.certify.BLOCK_BYTES", 64)
        assert certify(COVID, b"\n" * 200 + covid(row("015009"))).lines == [202]


class TestRejectedRecords:
    def test_ragged_rows_are_refused_with_line_reason_and_raw_line(self, certify: Certify) -> None:
        done = certify(COVID, covid(row("015009"), b"015010,RI,1", row("015012") + b",more", row("015014")))
        assert done.lines == [2, 5]
        assert done.reasons == {3: "has 3 cells, the header has 5", 4: "has 6 cells, the header has 5"}
        assert [reject["raw_line"] for reject in done.rejects] == ["015010,RI,1", row("015012").decode() + ",more"]

    @pytest.mark.parametrize(
        ("record", "reason"),
        [
            (row("15010"), "column ccn: '15010' is not a CCN of six characters (was a leading zero lost?)"),
            (row("015010", "12,5").replace(b"12,5", b'"12,5"'), "column residents_up_to_date_pct: '12,5' is not a number"),
            (row("015010", "many"), "column residents_up_to_date_pct: 'many' is not a number"),
            (row("015010").replace(b"RI", b"Rhode Island"), "column state: 'Rhode Island' is not a two-letter state"),
            (
                row("015010", "1", "02/30/2024"),
                "column as_of_date: '02/30/2024' is not a date (2024-04-01, 20240401 or 04/01/2024)",
            ),
            (b"015010,RI,1\rx,2.5,10/27/2024", "holds a carriage return that ends no line"),
        ],
    )
    def test_record_that_cannot_be_read_is_refused_with_its_reason(self, certify: Certify, record: bytes, reason: str) -> None:
        done = certify(COVID, covid(row("015009"), record, row("015012")))
        assert done.column("ccn") == ["015009", "015012"]
        assert done.rejects == [
            {"file_md5": done.checkpoint.file_md5, "source_row": 3, "reason": reason, "raw_line": record.decode()}
        ]

    def test_reject_behind_a_quoted_newline_has_the_right_line_and_text(self, certify: Certify) -> None:
        done = certify(COVID, covid(b'015009,"RI",1,2,"10/27/2024"', b'"\n015010",RI,1,2,10/27/2024', row("9"), row("015012")))
        assert done.reasons.keys() == {3, 5}
        assert [reject["raw_line"] for reject in done.rejects] == ['"\n015010",RI,1,2,10/27/2024', row("9").decode()]
        assert done.lines == [2, 6]

    def test_all_kinds_together_balance_and_stand_in_file_order(self, certify: Certify) -> None:
        done = certify(
            COVID, covid(b"a,b", row("9"), row("015009"), b"\x00" + row("015010"), row("015012", "x"), b"", row("015014"))
        )
        assert [reject["source_row"] for reject in done.rejects] == [2, 3, 5, 6]
        assert done.lines == [4, 8]
        assert done.checkpoint.certified.rows_in_file == 6


def _zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return content.getvalue()


UTF16 = covid(row("015009")).decode().encode("utf-16")
BAD_FILES: Mapping[str, tuple[str, bytes, type[BadFileError], str]] = {
    "no bytes": (COVID, b"", EmptyFileError, "is empty"),
    "only blanks": (COVID, b"\xef\xbb\xbf \r\n\n\t\n", EmptyFileError, "is empty"),
    "header only": (COVID, COVID_HEADER, HeaderOnlyError, "a header and no records"),
    "header and blank lines": (COVID, covid() + b"\r\n\n", HeaderOnlyError, "a header and no records"),
    "workbook": (COVID, _zip(), NotCsvError, "a ZIP archive or an Excel workbook"),
    "pdf": (COVID, b"%PDF-1.7\n...", NotCsvError, "a PDF"),
    "gzip": (COVID, gzip.compress(covid(row("015009"))), NotCsvError, "a gzip archive"),
    "web page": (COVID, b"<!DOCTYPE html><title>Sign in</title>", NotCsvError, "a web page"),
    "web page behind blanks": (COVID, b"\xef\xbb\xbf\n\n  <html>", NotCsvError, "a web page"),
    "utf-16": (COVID, UTF16, NotCsvError, "UTF-16"),
    "utf-16 without mark": (COVID, UTF16[2:], NotCsvError, "binary data"),
    "garbage": (COVID, bytes(range(256)) * 40, NotCsvError, "binary data"),
    "nul bytes in the header": (COVID, covid(row("015009")).replace(b"CMS C", b"CMS\x00C"), NotCsvError, "NUL byte"),
    "old Macintosh line ends": (COVID, covid(row("015009")).replace(b"\n", b"\r"), NotCsvError, "carriage return"),
    "one endless cell": (COVID, b"x" * 200_000, NotCsvError, "unreadable header"),
    "prose": (COVID, b"Dear all,\nthe file is late.\n", NoHeaderError, "holds 'Dear all,', none of which"),
    "semicolons": (COVID, covid(row("015009")).replace(b",", b";"), NoHeaderError, "separated by semicolons"),
    "tabs": (COVID, covid(row("015009")).replace(b",", b"\t"), NoHeaderError, "separated by tabs"),
    "the line that Excel understands": (COVID, b"sep=,\n" + covid(row("015009")), NoHeaderError, "'sep=…'"),
    "title row": (COVID, b"COVID vaccination,,,,\n" + covid(row("015009")), NoHeaderError, "a title row"),
    "error of the api": (COVID, b'{"message": "not found"}', NotCsvError, "JSON, as an error message of the API"),
    "unclosed quote": (COVID, covid(row("015009"), b'"015010,RI,1,2,3', row("015012")), UnclosedQuoteError, "begins at line 3 "),
    "renamed column of gold": (
        COVID,
        covid(row("015009")).replace(b"Percent of staff who are up-to-date on their", b"Share of staff up-to-date on all"),
        PossibleRenameError,
        "'Share of staff up-to-date on all vaccines' for 'Percent of staff who are up-to-date on their vaccines'?",
    ),
    "missing column": (
        COVID,
        b"CMS Certification Number (CCN),State\n015009,RI\n",
        MissingColumnsError,
        "'Date vaccination data",
    ),
    "doubled column": (
        COVID,
        covid(row("015009")).replace(b",State,", b",Federal Provider Number,"),
        DoubledColumnsError,
        "'Federal",
    ),
    "nothing good": (COVID, covid(row("1"), row("2")), NothingCertifiedError, "2 records .* column ccn: '1' is not a CCN"),
    "unknown family": ("Stars.csv", covid(row("015009")), UnknownFamilyError, "matches no CMS file family"),
    "path in the name": ("../" + COVID, covid(row("015009")), UnsafeFileNameError, "path separator"),
    "backslash in the name": ("..\\" + COVID, covid(row("015009")), UnsafeFileNameError, "path separator"),
    "control character in the name": (COVID.replace("_", "\x07"), covid(row("015009")), UnsafeFileNameError, r"\\x07"),
    "newline in the name": (COVID + "\n.csv", covid(row("015009")), UnsafeFileNameError, "control characters"),
    "period not that of the name": (
        COVID,
        covid(row("015009", "1", "10/20/2024")),
        WrongPeriodError,
        "says 2024-10-27.*2024-10-20",
    ),
    "two periods": (
        "NH_CovidVaxProvider.csv",
        covid(row("015009"), row("015010", "1", "10/20/2024")),
        WrongPeriodError,
        "2024-10-20, 2024-10-27",
    ),
    "no period anywhere": ("NH_CitationDescriptions.csv", described(b"x"), UnknownPeriodError, "month of"),
    "no period in an odd cell": (
        "NH_CovidVaxProvider.csv",
        covid(row("015009", "1", "")),
        NothingCertifiedError,
        "as_of_date: '' is blank",
    ),
}


class TestBadFiles:
    @pytest.mark.parametrize(("name", "content", "error", "said"), BAD_FILES.values(), ids=BAD_FILES)
    def test_bad_file_is_quarantined_with_a_named_error(
        self,
        certify: Certify,
        quarantined: Callable[[], Checkpoint],
        name: str,
        content: bytes,
        error: type[BadFileError],
        said: str,
    ) -> None:
        with pytest.raises(error, match=said) as raised:
            certify(name, content)
        known = quarantined()
        assert (recorded(known.refusal).error_code, recorded(known.refusal).reason) == (error.code, str(raised.value))
        assert known.holder is None

    def test_what_is_quarantined_is_refused_again(self, certify: Certify, no_drive: Services) -> None:
        with pytest.raises(WrongPeriodError) as first:
            certify(COVID, covid(row("015009"), row("015010", "1", "10/20/2024")))
        (known,) = no_drive.checkpoints.all()
        with pytest.raises(BadFileError) as again:
            certify_file(known.version, no_drive.store, no_drive.checkpoints, "a cleared task")
        assert (again.value.code, str(again.value)) == (first.value.code, str(first.value))
        assert list(no_drive.checkpoints.all()) == [known]

    def test_nothing_is_written_to_bronze_for_a_bad_file(self, certify: Certify, no_drive: Services) -> None:
        with pytest.raises(WrongPeriodError):
            certify(COVID, covid(row("015009"), row("015010", "1", "10/20/2024")))
        assert list(no_drive.store.keys("bronze/")) == []

    def test_period_that_changes_in_a_later_block_is_refused(self, certify: Certify, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("include.ingest.certify.BLOCK_BYTES", 500)
        records = [row(f"{at:06}") for at in range(50)]
        with pytest.raises(WrongPeriodError):
            certify("NH_CovidVaxProvider.csv", covid(*records, row("015009", "1", "10/20/2024")))

    def test_quarter_that_only_the_column_tells_is_taken_from_it(self, certify: Certify, csv_of: CsvOf) -> None:
        content = csv_of("pbj_daily_nurse_staffing", [DAY | {"quarter": "2021Q4", "work_date": "20211001"}])
        assert certify("PBJ_Daily_Nurse_Staffing.csv", content).checkpoint.certified.period == "2021Q4"

    @pytest.mark.parametrize("quarter", ["soon", "x'); drop table bronze.load_ledger; --", "../../etc"])
    def test_column_that_tells_no_quarter_is_no_period(self, certify: Certify, csv_of: CsvOf, quarter: str) -> None:
        content = csv_of("pbj_daily_nurse_staffing", [DAY | {"quarter": quarter}])
        with pytest.raises(UnknownPeriodError, match="quarter"):
            certify("PBJ_Daily_Nurse_Staffing.csv", content)


class TestDrift:
    def test_unknown_column_is_kept_and_noted(self, certify: Certify) -> None:
        content = covid(row("015009") + b",calm", row("015010") + b",").replace(b"last updated", b"last updated,Mood", 1)
        done = certify(COVID, content)
        assert [json.loads(cell) if cell else None for cell in done.column("_unmapped")] == [{"Mood": "calm"}, None]
        assert done.checkpoint.certified.unmapped == ("Mood",)
        assert done.checkpoint.certified.notices == (LayoutNotice("Mood", NoticeKind.NEW),)

    def test_withdrawn_column_is_noted(self, certify: Certify) -> None:
        lines = [line.rsplit(b",", 4) for line in covid(row("015009")).splitlines()]
        without_state = b"\n".join(b",".join([line[0], *line[2:]]) for line in lines)
        done = certify(COVID, without_state)
        assert done.column("state") == [None]
        assert done.checkpoint.certified.notices == (LayoutNotice("State", NoticeKind.WITHDRAWN),)

    def test_strict_setting_refuses_any_change(self, landed: Landed, no_drive: Services) -> None:
        content = covid(row("015009") + b",calm").replace(b"last updated", b"last updated,Mood", 1)
        with pytest.raises(ChangedLayoutError, match="does not know: 'Mood'"):
            certify_file(landed(COVID, content).version, no_drive.store, no_drive.checkpoints, "run", refuse_drift=True)

    def test_trailing_empty_columns_and_lines_of_empty_cells_are_nothing(self, certify: Certify) -> None:
        content = b"\r\n".join(line + b",," for line in covid(row("015009")).splitlines()) + b"\r\n,,,,,,\r\n,,,,,,\r\n"
        done = certify(COVID, content)
        assert (done.checkpoint.certified.rows_in_file, done.rejects, done.column("_unmapped")) == (1, [], [None])
        assert done.checkpoint.certified.notices == ()

    def test_row_index_that_pandas_wrote_is_named_as_that(self, certify: Certify) -> None:
        content = b"\n".join(f"{at},".encode() + line for at, line in enumerate(covid(row("015009")).splitlines()))
        done = certify(COVID, content.replace(b"0,CMS", b"Unnamed: 0,CMS", 1))
        assert json.loads(done.column("_unmapped")[0]) == {"Unnamed: 0": "1"}


PENALTY = {"ccn": "015009", "penalty_date": "2024-01-02", "penalty_type": "Fine", "processing_date": "2025-02-01"}
DAY = {"ccn": "015009", "quarter": "2024Q2", "work_date": "20240401", "state": "AL", "resident_census": "50"}


class TestDoubledKeys:
    def test_equal_rows_are_numbered_in_file_order(self, certify: Certify, csv_of: CsvOf) -> None:
        fines = [PENALTY | {"fine_amount_usd": amount} for amount in ("650", "9750", "650", "650")]
        done = certify("NH_Penalties_Feb2025.csv", csv_of("nh_penalties", fines))
        assert dict(zip(done.lines, done.column("_occurrence"), strict=True)) == {2: 1, 3: 1, 4: 2, 5: 3}
        assert done.rejects == []

    def test_rows_of_one_key_with_different_cells_are_refused_all_and_named(self, certify: Certify, csv_of: CsvOf) -> None:
        days = [DAY | {"rn_hours": hours} for hours in ("8", "9")]
        days += [DAY | {"work_date": "20240402", "rn_hours": hours} for hours in ("8", "8")]
        done = certify("PBJ_Daily_Nurse_Staffing_Q2_2024.csv", csv_of("pbj_daily_nurse_staffing", days))
        assert dict(zip(done.lines, done.column("_occurrence"), strict=True)) == {4: 1, 5: 2}
        reason = (
            "ccn '015009', work_date '20240401' is in 2 records with different cells (lines 2, 3); "
            "nobody can say which one is right"
        )
        assert done.reasons == {2: reason, 3: reason}
        assert done.rejects[0]["raw_line"].startswith("015009,")
        assert (done.checkpoint.certified.rows_in_file, done.checkpoint.certified.rows_certified) == (4, 2)

    def test_keys_are_compared_over_all_blocks(self, certify: Certify, csv_of: CsvOf, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("include.ingest.certify.BLOCK_BYTES", 2000)
        days = [DAY | {"work_date": f"202404{day:02}"} for day in range(1, 29)] + [DAY]
        done = certify("PBJ_Daily_Nurse_Staffing_Q2_2024.csv", csv_of("pbj_daily_nurse_staffing", days))
        assert done.column("_occurrence") == [1] * 28 + [2]

    def test_genuine_penalties_with_repeats_are_all_there(self, certify: Certify, cms_files: Path) -> None:
        path = cms_files / "2026-02-api" / "NH_Penalties_Feb2026.csv"
        done = certify(path.name, path.read_bytes())
        assert (done.bronze.num_rows, done.rejects) == (1000, [])
        assert sum(float(amount) for amount in done.column("fine_amount_usd") if amount) == 22_566_053
        assert sum(occurrence > 1 for occurrence in done.column("_occurrence")) > 0


class TestCheckpointOfTheFile:
    def test_file_that_is_certified_already_is_left_alone(self, landed: Landed, no_drive: Services) -> None:
        arguments = (no_drive.store, no_drive.checkpoints)
        first = certify_file(landed(COVID, covid(row("015009"))).version, *arguments, "run-1")
        no_drive.store.delete(str(recorded(first.landed).raw_key))
        again = certify_file(first.version, *arguments, "run-2")
        assert (again.status, again.timestamp) == (Status.CERTIFIED, first.timestamp)
        assert no_drive.checkpoints.get(first.file_id, first.file_md5) == first

    def test_other_bytes_in_s3_are_no_fault_of_the_file_and_it_is_landed_again(self, landed: Landed, no_drive: Services) -> None:
        checkpoint = landed(COVID, covid(row("015009")))
        no_drive.store.client.put_object(Bucket=no_drive.store.bucket, Key=recorded(checkpoint.landed).raw_key, Body=b"other")
        with pytest.raises(StoredBytesDifferError, match="landed again"):
            certify_file(checkpoint.version, no_drive.store, no_drive.checkpoints, "run-1")
        now = no_drive.checkpoints.get(checkpoint.file_id, checkpoint.file_md5)
        assert (now.status, recorded(now.refusal).error_code) == (Status.DISCOVERED, "stored_bytes_differ")

    def test_object_that_is_gone_from_s3_is_landed_again(self, landed: Landed, no_drive: Services) -> None:
        checkpoint = landed(COVID, covid(row("015009")))
        no_drive.store.delete(recorded(checkpoint.landed).raw_key)
        with pytest.raises(StoredBytesDifferError, match="no object"):
            certify_file(checkpoint.version, no_drive.store, no_drive.checkpoints, "run-1")
        assert no_drive.checkpoints.get(checkpoint.file_id, checkpoint.file_md5).status is Status.DISCOVERED

    def test_parquet_is_compressed_and_typed_as_text(self, landed: Landed, no_drive: Services) -> None:
        done = certify_file(landed(COVID, covid(row("015009"))).version, no_drive.store, no_drive.checkpoints, "run-1")
        content = b"".join(no_drive.store.read_chunks(recorded(done.certified).bronze_key))
        schema = pq.read_schema(io.BytesIO(content))
        assert {str(schema.field(name).type) for name in load_contract("nh_covid_vax_provider").column_names} == {"string"}
        assert [str(schema.field(name).type) for name in ("_source_row", "_landed_at")] == ["int64", "timestamp[us]"]
        written = pq.read_metadata(io.BytesIO(content)).row_group(0).to_dict()["columns"]
        assert {column["compression"] for column in written} == {"ZSTD"}
        plain = {column["path_in_schema"] for column in written if not column["has_dictionary_page"]}
        assert plain == {"_source_row"}  # no row number comes twice
