"""What can be wrong with the data, in sentences for a visitor."""

from __future__ import annotations


class GoldError(Exception):
    """Something about the data that a visitor should read in one helpful sentence; the log has the detail."""


class NothingPublishedError(GoldError):
    """There is no folder of published data yet."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        super().__init__(
            "No data has been published yet. Run `make run` to load the CMS files, then reload this page. "
            "If data is published elsewhere, set `GOLD_DIR` or `HEALTHCARE_HOME`, or the Snowflake connection."
        )


class PublicationDamagedError(GoldError):
    """The folder exists but is not a complete publication."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(
            f"The published data cannot be read: {what}. The last refresh may have been interrupted; `make run` publishes it "
            f"again."
        )


class TableMissingError(GoldError):
    """This publication does not hold one of the tables."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(
            f"This view needs the table `{table}`, which the current publication does not hold. "
            "It appears after a pipeline run that includes its source files."
        )


class WarehouseDownError(GoldError):
    """Snowflake does not answer."""

    def __init__(self) -> None:
        super().__init__("The data warehouse does not answer at the moment. Please try again in a few minutes.")
