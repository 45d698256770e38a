"""What can go wrong on the embedded default; each error says what to do next."""

from __future__ import annotations

from pathlib import Path


class LocalCloudError(Exception):
    """Any failure of the embedded default; its text is meant for a terminal."""


class RawdataFolderMissingError(LocalCloudError):
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            f"The folder that the local Drive should serve does not exist: {folder}. "
            "Create it and put CMS files in it, or set RAWDATA (--rawdata) to the folder that holds them."
        )


class RawdataFolderEmptyError(LocalCloudError):
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            f"{folder} holds no files: put CMS files into it (CSV or zip, as downloaded), or run without RAWDATA for sample data."
        )


class FolderNotEmptyError(LocalCloudError):
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(f"{folder} is not empty, and sample data must not mix with other files: name a new folder.")


class DriveNotesInvalidError(LocalCloudError):
    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path} cannot be used: {reason}. Correct or delete that file.")


class ProgramDidNotStartError(LocalCloudError):
    def __init__(self, program: str, log: Path, last_lines: str) -> None:
        self.program = program
        self.log = log
        super().__init__(f"{program} did not start. Its log is {log}; it ends with:\n{last_lines}")


class EmulatorsNotRunningError(LocalCloudError):
    def __init__(self, home: Path) -> None:
        self.home = home
        super().__init__(f"The local Drive, S3 and DynamoDB of {home} are not running. Start them: make up")


class AirflowBusyError(LocalCloudError):
    """Two Airflows with one database would each run the tasks of the other's runs."""

    def __init__(self, home: Path, target: str) -> None:
        self.home = home
        self.target = target
        instead = {"up": "Trigger the DAG on Airflow's page", "run": "Wait for its end"}[target]
        super().__init__(f"`make {target}` of {home} is at work already. {instead}, or end it: make down")


class CloudStateUnreadableError(LocalCloudError):
    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(
            f"The saved S3 and DynamoDB state cannot be restored from {path}: {reason}. "
            "Nothing was changed. Bring the file back from a backup, or move the folder "
            f"{path.parent} away to start with an empty cloud (every file is then landed again)."
        )


class CloudStateNotSavedError(LocalCloudError):
    def __init__(self, home: Path, reason: str) -> None:
        self.home = home
        self.reason = reason
        super().__init__(
            f"S3 and DynamoDB of {home} could not be saved: {reason}. "
            "The servers are left running so that nothing is lost. "
            "Fix that and run `make down` again, or give up what is not saved: python -m local.run down --discard"
        )


class ProcessRecordUnreadableError(LocalCloudError):
    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path} is damaged. Delete it and run `make down`: the processes of a home are found without it.")
