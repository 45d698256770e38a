"""All pages that are rendered from the dbt project: `python -m local.pages [--check]`."""

from local.pages import data_dictionary, entities
from local.pages.command import run

if __name__ == "__main__":
    raise SystemExit(run({**data_dictionary.PAGES, **entities.PAGES}))
