"""data.cms.gov: which files of a family are the newest, by the dataset id in its contract. What passes by itself is retried."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote, urlsplit

import httpx
from pydantic import AliasChoices, BaseModel, BeforeValidator, Field, ValidationError
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random_exponential

from include.contracts.contract import Contract

BASE_URL = "https://data.cms.gov"
_DATASET = "/provider-data/api/1/metastore/schemas/dataset/items/{}"
_QUARTERLY_DATASETS = "/data.json"
_PROVIDER_DATA_ID = re.compile(r"[a-z0-9]{4}-[a-z0-9]{4}")
_FILE_TYPES = {"text/csv", "application/zip"}
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
# Without `identity` a length would be that of the compressed body, and a range a part of it.
_HEADERS = {"User-Agent": "nursing-home-data-pipeline (make data)", "Accept-Encoding": "identity"}
_TIMEOUT = httpx.Timeout(60, connect=20)
_PASSING_STATUS = {408, 429, 500, 502, 503, 504}
_NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)

Model = TypeVar("Model", bound=BaseModel)


class CmsDownloadError(Exception):
    """Anything that keeps a file from arriving; its text is meant for a terminal."""


class CmsUnreachableError(CmsDownloadError):
    def __init__(self, url: httpx.URL, reason: str) -> None:
        self.url = url
        self.reason = reason
        super().__init__(
            f"{url.host} cannot be reached ({reason}): look at the network or its proxy and run `make data` again, "
            "which continues where it stopped."
        )


class CmsAnswerError(CmsDownloadError):
    def __init__(self, url: httpx.URL | str, reason: str) -> None:
        self.url = str(url)
        self.reason = reason
        super().__init__(f"{reason} from {url}")


class DatasetMissingError(CmsDownloadError):
    def __init__(self, contract: Contract) -> None:
        self.family = contract.family
        self.dataset_id = contract.dataset_id
        super().__init__(
            f"CMS's catalogue has no dataset {contract.dataset_id}. If CMS has moved it, correct `dataset_id` in "
            f"{contract.path}; if CMS has withdrawn it, delete that line."
        )


class NoFileInDatasetError(CmsDownloadError):
    def __init__(self, contract: Contract) -> None:
        self.family = contract.family
        super().__init__(f"CMS's catalogue names no CSV or zip file for dataset {contract.dataset_id}. Run it again in a day.")


def _unwrapped(distribution: Any) -> Any:
    """The API wraps a distribution in `data` when it shows reference ids."""
    return distribution.get("data", distribution) if isinstance(distribution, dict) else distribution


class _Distribution(BaseModel):
    url: str = Field("", validation_alias="downloadURL")
    media_type: str = Field("", validation_alias="mediaType")
    title: str = ""
    temporal: str = ""
    modified: str = ""

    @property
    def is_file(self) -> bool:
        """The API twin of a file has no address to download from, or one that gives JSON."""
        return bool(self.url) and (self.media_type in _FILE_TYPES or self.url.lower().endswith((".csv", ".zip")))

    @property
    def quarter(self) -> str:
        """`temporal` is 2026-01-01/2026-03-31; where it is missing, a title ends with a day of the quarter."""
        month = _MONTH.match(self.temporal) or _MONTH.match(self.title.rpartition(" : ")[2])
        return f"{month[1]}Q{(int(month[2]) + 2) // 3}" if month else ""


class _Dataset(BaseModel):
    published_on: str = Field("", validation_alias=AliasChoices("released", "modified"))
    distribution: list[Annotated[_Distribution, BeforeValidator(_unwrapped)]] = []

    @property
    def files(self) -> list[_Distribution]:
        return [entry for entry in self.distribution if entry.is_file]


class _Catalogue(BaseModel):
    dataset: list[dict[str, Any]]


@dataclass(frozen=True)
class NewestFile:
    """One file to download; `edition` is its quarter, or the day on which CMS published it."""

    family: str
    url: str
    edition: str

    @property
    def name(self) -> str:
        return unquote(PurePosixPath(urlsplit(self.url).path).name)


def _passes_by_itself(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in _PASSING_STATUS
    return isinstance(error, httpx.TransportError)


patiently = retry(
    retry=retry_if_exception(_passes_by_itself),
    stop=stop_after_attempt(4),
    wait=wait_random_exponential(multiplier=0.5, max=10),
    reraise=True,
)


@contextmanager
def explained() -> Iterator[None]:
    """What httpx reports becomes an error that says what to do."""
    try:
        yield
    except _NO_CONNECTION as error:
        raise CmsUnreachableError(error.request.url, str(error) or type(error).__name__) from error
    except httpx.HTTPStatusError as error:
        raise CmsAnswerError(error.request.url, f"HTTP {error.response.status_code}") from error
    except httpx.TransportError as error:
        raise CmsAnswerError(error.request.url, f"a broken answer ({str(error) or type(error).__name__})") from error


@contextmanager
def connect(base_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base_url, headers=_HEADERS, timeout=_TIMEOUT, follow_redirects=True) as http:
        yield http


def find_newest(http: httpx.Client, contract: Contract, quarters: int) -> list[NewestFile]:
    """The newest file of the family; of a quarterly family those of the newest quarters."""
    with explained():
        if _PROVIDER_DATA_ID.fullmatch(contract.dataset_id or ""):
            return [_newest_of_provider_data(http, contract)]
        return _newest_quarters(http, contract, quarters)


def _newest_of_provider_data(http: httpx.Client, contract: Contract) -> NewestFile:
    try:
        dataset = _ask(http, _DATASET.format(contract.dataset_id), _Dataset)
    except httpx.HTTPStatusError as error:
        if error.response.status_code == 404:
            raise DatasetMissingError(contract) from error
        raise
    if not dataset.files:
        raise NoFileInDatasetError(contract)
    return NewestFile(contract.family, dataset.files[0].url, dataset.published_on)


def _newest_quarters(http: httpx.Client, contract: Contract, quarters: int) -> list[NewestFile]:
    listed = _ask(http, _QUARTERLY_DATASETS, _Catalogue).dataset
    found = [entry for entry in listed if str(contract.dataset_id) in str(entry.get("identifier"))]
    if not found:
        raise DatasetMissingError(contract)
    files = sorted(_read(found[0], _Dataset, _QUARTERLY_DATASETS).files, key=lambda file: file.modified)
    by_quarter = {file.quarter: file for file in files if file.quarter}
    if not by_quarter:
        raise NoFileInDatasetError(contract)
    newest = sorted(by_quarter, reverse=True)[:quarters]
    return [NewestFile(contract.family, by_quarter[quarter].url, quarter) for quarter in newest]


@patiently
def _ask(http: httpx.Client, path: str, model: type[Model]) -> Model:
    response = http.get(path).raise_for_status()
    try:
        answer = response.json()
    except ValueError as error:
        raise CmsAnswerError(response.url, "a page instead of the catalogue's JSON") from error
    return _read(answer, model, str(response.url))


def _read(answer: Any, model: type[Model], url: str) -> Model:
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        raise CmsAnswerError(url, f"JSON that is not what CMS's catalogue used to give ({error.errors()[0]['msg']})") from error
