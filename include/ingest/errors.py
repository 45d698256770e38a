"""What can go wrong with a file's bytes and with the services around it; each error says what to do next."""

from __future__ import annotations

from include.contracts.errors import BadFileError, PipelineError


class UnsafeFileNameError(BadFileError):
    code = "unsafe_file_name"

    def __init__(self, file_name: str) -> None:
        self.file_name = file_name
        super().__init__(
            f"The name {file_name!r} holds a path separator or control characters. Rename the file in the Drive folder."
        )


class DuplicateContentError(BadFileError):
    code = "duplicate_content"

    def __init__(self, file_name: str, original: str, md5: str) -> None:
        self.file_name, self.original, self.md5 = file_name, original, md5
        super().__init__(
            f"{file_name!r} holds the same bytes as {original!r} (md5 {md5}), which is the one that is loaded. "
            "Delete one of the two in the Drive folder, or upload the file that was meant."
        )


class RenamedToAnotherPeriodError(BadFileError):
    code = "renamed_period"

    def __init__(self, file_name: str, loaded_as: str, loaded_period: str, file_id: str) -> None:
        self.file_name, self.loaded_as, self.loaded_period, self.file_id = file_name, loaded_as, loaded_period, file_id
        super().__init__(
            f"{file_name!r} was loaded as {loaded_as!r} for the period {loaded_period}, and its new name says another one. If "
            f"the new name is right, run `python -m include.on_call forget {file_id}` and start a run; if not, rename it back."
        )


class BadArchiveError(BadFileError):
    code = "bad_archive"

    def __init__(self, file_name: str, problem: str) -> None:
        self.file_name, self.problem = file_name, problem
        super().__init__(
            f"The archive {file_name!r} is not unpacked: {problem}. Nothing of it is loaded. Download it from CMS again, "
            "or upload the CSV files that you need from it."
        )


class PartOfAWholeError(BadFileError):
    """Held, not refused for good: `accept` lets it replace the larger one."""

    code = "part_of_a_whole"

    def __init__(self, file_name: str, period: str, what: str, has: int, whole_name: str, whole_has: int) -> None:
        self.file_name = file_name
        self.period = period
        self.whole_name = whole_name
        self.what = what
        self.has = has
        self.whole_has = whole_has
        super().__init__(
            f"{file_name!r} holds {has:,} of the {whole_has:,} {what} that {whole_name!r} has for {period} and would replace it. "
            "It looks like a part of the whole: a page of the API, one state, or a download that stopped. Upload the whole file. "
            f"If the smaller one is meant, run the on-call verb `accept` with {file_name!r}; the next run loads it."
        )


class EmptyFileError(BadFileError):
    code = "empty_file"

    def __init__(self, file_name: str) -> None:
        self.file_name = file_name
        super().__init__(f"{file_name!r} is empty. Download it from CMS again.")


class HeaderOnlyError(BadFileError):
    code = "header_only"

    def __init__(self, file_name: str) -> None:
        self.file_name = file_name
        super().__init__(f"{file_name!r} has a header and no records. Download it from CMS again.")


class NotCsvError(BadFileError):
    code = "not_csv"

    def __init__(self, file_name: str, looks_like: str) -> None:
        self.file_name, self.looks_like = file_name, looks_like
        super().__init__(
            f"{file_name!r} is not a CSV file: it looks like {looks_like}. Unpack or export it as CSV and upload that."
        )


class UnclosedQuoteError(BadFileError):
    code = "unclosed_quote"

    def __init__(self, file_name: str, line: int, length: int) -> None:
        self.file_name, self.line, self.length = file_name, line, length
        super().__init__(
            f"The record of {file_name!r} that begins at line {line} does not end within {length:,} bytes: "
            "a quotation mark is not closed, or its lines do not end as lines do. Download the file again, or fix and upload it."
        )


class NothingCertifiedError(BadFileError):
    code = "nothing_certified"

    def __init__(self, file_name: str, rejected: int, first_reason: str) -> None:
        self.file_name, self.rejected, self.first_reason = file_name, rejected, first_reason
        super().__init__(
            f"Every one of the {rejected:,} records of {file_name!r} was refused; the first because: {first_reason}. "
            "The file is damaged or of another kind: download it again."
        )


class RecordCountError(BadFileError):
    code = "record_count"

    def __init__(self, file_name: str, counted: int, certified: int, rejected: int) -> None:
        self.file_name, self.counted, self.certified, self.rejected = file_name, counted, certified, rejected
        super().__init__(
            f"{file_name!r} holds {counted:,} records by the independent count, but {certified:,} were parsed and "
            f"{rejected:,} refused. Nothing is loaded when the sum does not agree; look for stray quotation marks."
        )


class FileChangedWhileReadError(BadFileError):
    code = "changed_while_read"

    def __init__(self, file_name: str, listed_md5: str, read_md5: str) -> None:
        self.file_name, self.listed_md5, self.read_md5 = file_name, listed_md5, read_md5
        super().__init__(
            f"{file_name!r} changed while it was read (listed md5 {listed_md5}, read {read_md5}). "
            "Nothing of it was kept; let the upload finish, the next run takes the new version."
        )


class StoredBytesDifferError(PipelineError):
    """S3 holds other bytes than Drive gave: not the file's fault, so it is retried and never quarantined."""

    def __init__(self, key: str, expected: str, found: str) -> None:
        self.key, self.expected, self.found = key, expected, found
        super().__init__(
            f"s3 object {key!r} has md5 {found}, expected {expected}. It is landed again by the next try or run; "
            "if it happens twice, look at what else writes to the bucket."
        )


class LeaseHeldError(PipelineError):
    """Another run works on this file version and is alive."""

    same_cause = ("owner",)

    def __init__(self, file_name: str, owner: str, seconds_left: float) -> None:
        self.file_name, self.owner, self.seconds_left = file_name, owner, seconds_left
        super().__init__(
            f"{file_name!r} is being worked on by {owner!r} (its lease ends in {seconds_left:.0f} s). "
            "Wait for that run, or stop it: its lease then ends by itself."
        )


class DriveAccessError(PipelineError):
    same_cause = ("detail",)

    def __init__(self, what: str, detail: str) -> None:
        self.what, self.detail = what, detail
        super().__init__(
            f"Google Drive refused {what}: {detail}. Check DRIVE_FOLDER_ID, that the folder is shared with the service "
            "account, and the Airflow connection google_drive (without one: GOOGLE_APPLICATION_CREDENTIALS)."
        )


class DriveQuotaError(DriveAccessError):
    """Nothing is wrong with folder, sharing or key: too much has been read of the file."""

    def __init__(self, what: str) -> None:
        self.what, self.detail = what, "download quota"
        PipelineError.__init__(
            self,
            f"Google Drive refused {what}: the download quota of the file is used up. It comes back by itself within 24 hours: "
            "clear the task then, or let the next run take the file.",
        )


class DriveUnreachableError(PipelineError):
    """Nothing is known to be wrong with folder, sharing or key: Drive does not answer, or not with what was asked for."""

    same_cause = ("endpoint",)

    def __init__(self, what: str, endpoint: str, tries: int, seconds: float, detail: str) -> None:
        self.what, self.endpoint, self.tries, self.seconds, self.detail = what, endpoint, tries, seconds, detail
        super().__init__(
            f"Google Drive at {endpoint} did not give {what} in {tries} tries over {seconds:.0f} s; the last: {detail}. "
            "Check that this machine reaches that address (network, proxy, firewall, DRIVE_API_ENDPOINT) and "
            "https://www.google.com/appsstatus, then clear the task."
        )


class DriveKeyError(PipelineError):
    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(
            f"The service account key of Google Drive cannot be used: {detail}. Put the whole JSON key into the field "
            "keyfile_dict of the Airflow connection google_drive."
        )
