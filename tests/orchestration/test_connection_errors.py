"""What a service answers becomes one sentence: the connection, what is wrong, what to do; all else stays as it was said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError
from google.auth.exceptions import DefaultCredentialsError, RefreshError

from include.orchestration.connection_errors import (
    AWS_CONNECTION,
    DRIVE_CONNECTION,
    SNOWFLAKE_CONNECTION,
    connection_errors_explained,
    explain,
    explain_dbt_failures,
)
from include.orchestration.errors import ConnectionFailedError
from include.settings import load_settings
from include.warehouse.errors import BronzeCopyError, WarehouseError


def client_error(code: str, operation: str, status: int = 400) -> ClientError:
    answer = {"Error": {"Code": code, "Message": "as AWS says it"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)  # type: ignore[arg-type]


AWS_CASES = [
    (NoCredentialsError(), "there are no credentials"),
    (NoRegionError(), "no region is set"),
    (client_error("ExpiredToken", "GetObject"), "the session token has expired"),
    (client_error("ExpiredTokenException", "Scan"), "the session token has expired"),
    (client_error("InvalidAccessKeyId", "PutObject"), "the access key is wrong"),
    (client_error("UnrecognizedClientException", "UpdateItem"), "the access key is wrong"),
    (client_error("SignatureDoesNotMatch", "PutObject"), "the access key is wrong"),
    (client_error("AuthorizationHeaderMalformed", "PutObject"), "the bucket lies in another region"),
    (client_error("PermanentRedirect", "GetObject"), "the bucket lies in another region"),
    (client_error("301", "HeadBucket"), "the bucket lies in another region"),
    (client_error("NoSuchBucket", "PutObject"), "the bucket does not exist"),
    (client_error("404", "HeadBucket"), "the bucket does not exist"),
    (client_error("ResourceNotFoundException", "UpdateItem"), "the table does not exist in this region"),
    (client_error("AccessDenied", "PutObject"), "a permission is missing"),
    (client_error("AccessDeniedException", "Scan"), "a permission is missing"),
    (client_error("RequestTimeTooSkewed", "PutObject"), "this machine's clock is wrong"),
]
GOOGLE_CASES = [
    (DefaultCredentialsError("Your default credentials were not found."), "there is no key"),
    (RefreshError("invalid_grant: Invalid JWT Signature."), "Google does not know this key"),
    (RefreshError("invalid_grant: Token has been expired or revoked."), "the token has expired or was revoked"),
]
SNOWFLAKE_CASES = [
    ("390144 (08001): JWT token is invalid. [0a1b]", "the key is not this user's"),
    ("390114 (08001): Authentication token has expired.", "the token has expired"),
    ("000606 (57P03): No active warehouse selected in the current session.", "no warehouse runs"),
    ("090073 (22000): Warehouse 'HEALTHCARE_WH' cannot be resumed because resource monitor", "the month's credits are spent"),
    ("003001 (42501): SQL access control error: Insufficient privileges to operate on schema 'GOLD'", "a grant or an object"),
    ("002003 (02000): Object 'HEALTHCARE.GOLD.X' does not exist or not authorized.", "a grant or an object is missing"),
    ("Remote file 's3://elsewhere/bronze/x' was not found.", "It points elsewhere"),
    ("003167 (42601): Error assuming AWS_ROLE", "Snowflake may not read the bucket"),
    ("250001 (08001): Failed to connect to DB: x.snowflakecomputing.com:443", "Snowflake cannot be reached"),
]


@pytest.fixture
def on_snowflake(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DBT_TARGET", "snowflake")
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


def explained(error: Exception) -> BaseException:
    """What comes out of a step in which the error happens."""
    with pytest.raises((ConnectionFailedError, type(error))) as raised, connection_errors_explained():
        raise error
    return raised.value


def assert_one_sentence(said: str, connection: str, advice: str) -> None:
    assert said.startswith(f"{connection}: ")
    assert advice in said
    assert "\n" not in said


@pytest.mark.parametrize(("error", "advice"), AWS_CASES, ids=[str(error)[:40] for error, _ in AWS_CASES])
def test_aws_in_one_sentence(error: Exception, advice: str) -> None:
    raised = explained(error)
    assert isinstance(raised, ConnectionFailedError)
    assert raised.__cause__ is error
    assert_one_sentence(str(raised), AWS_CONNECTION, advice)


@pytest.mark.parametrize(("error", "advice"), GOOGLE_CASES, ids=[str(error) for error, _ in GOOGLE_CASES])
def test_google_in_one_sentence(error: Exception, advice: str) -> None:
    assert_one_sentence(str(explained(error)), DRIVE_CONNECTION, advice)


@pytest.mark.usefixtures("on_snowflake")
@pytest.mark.parametrize(("words", "advice"), SNOWFLAKE_CASES)
def test_snowflake_in_one_sentence(words: str, advice: str) -> None:
    for error in (WarehouseError(words), BronzeCopyError(words)):
        assert_one_sentence(str(explained(error)), SNOWFLAKE_CONNECTION, advice)
    failed = explain_dbt_failures(f"fct_penalties: Database Error in model fct_penalties {words}")
    assert_one_sentence(failed, SNOWFLAKE_CONNECTION, advice)
    assert "fct_penalties" in failed


@pytest.mark.parametrize("words", [words for words, _ in SNOWFLAKE_CASES])
def test_duckdb_is_not_taken_for_snowflake(words: str) -> None:
    error = WarehouseError(words)
    assert explained(error) is error
    assert explain_dbt_failures(words) == words


@pytest.mark.usefixtures("on_snowflake")
@pytest.mark.parametrize(
    "words",
    [
        "not_null_fct_penalties_ccn: Got 3 results, configured to fail if != 0",
        "kpi_hprd_by_state_quarter: 100035 (22007): Timestamp '2024-13-01' is not recognized",
        "",
    ],
)
def test_failed_data_test_is_no_failed_connection(words: str) -> None:
    assert explain_dbt_failures(words) == words


@pytest.mark.parametrize("error", [client_error("ConditionalCheckFailedException", "PutItem"), KeyError("state")])
def test_what_is_no_fault_of_a_connection_passes_as_it_is(error: Exception) -> None:
    assert explained(error) is error


def test_unknown_words_are_said_with_the_connection() -> None:
    assert explain(RuntimeError("something\nnew"), AWS_CONNECTION) == "aws_default: RuntimeError: something new."


def test_code_that_a_client_wraps_is_found() -> None:
    outer = RuntimeError("could not list")
    outer.__cause__ = client_error("AccessDenied", "ListObjectsV2")
    assert "a permission is missing" in explain(outer, AWS_CONNECTION)
