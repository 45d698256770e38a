"""Turns what AWS, Google or Snowflake answer into one sentence: which connection, what is wrong, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError
from google.auth.exceptions import GoogleAuthError

from include.ingest.errors import DriveAccessError, DriveKeyError
from include.orchestration.errors import ConnectionFailedError
from include.settings import load_settings
from include.warehouse.errors import BronzeCopyError, WarehouseError

AWS_CONNECTION = "aws_default"
DRIVE_CONNECTION = "google_drive"
SNOWFLAKE_CONNECTION = "snowflake_default"

_LONGEST_DETAIL = 300


@dataclass(frozen=True)
class _Cause:
    """`pattern` is looked for in the error's class name and words; the first of a list that fits speaks."""

    pattern: str
    advice: str


# The codes: "Error responses" of the S3 API reference, "Common errors" of DynamoDB's and STS's.
_AWS = (
    _Cause(
        "NoCredentials|PartialCredentials",
        "there are no credentials. Put key id and secret into its login and password, or give the machine the role "
        "AirflowInstanceProfileName of deploy/aws.yml",
    ),
    _Cause("NoRegion", "no region is set. Put region_name into its extra"),
    _Cause(
        "ExpiredToken|RequestExpired|TokenRefreshRequired|InvalidToken",
        "the session token has expired. Put fresh credentials into it, or use an instance role, which renews itself",
    ),
    _Cause(
        "InvalidAccessKeyId|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature|AuthFailure|"
        "IncompleteSignature|MissingAuthenticationToken",
        "the access key is wrong. Put the key id and the secret that belong together into its login and password",
    ),
    _Cause("RequestTimeTooSkewed", "this machine's clock is wrong. Set it by NTP"),
    _Cause(
        "PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraint|IncorrectEndpoint|BucketRegionMismatch|"
        r"\b301\b",
        "the bucket lies in another region. Set region_name in its extra to the stack's output AwsDefaultRegion",
    ),
    _Cause(
        "NoSuchBucket|(404.*HeadBucket)",
        "the bucket does not exist. Set S3_BUCKET to the stack's output S3Bucket, or make it with deploy/aws.yml",
    ),
    _Cause(
        "ResourceNotFoundException",
        "the table does not exist in this region. Set DYNAMODB_TABLE to the stack's output DynamodbTable, and region_name "
        "to AwsDefaultRegion",
    ),
    _Cause(
        r"AccessDenied|UnauthorizedOperation|AccountProblem|\b403\b",
        "a permission is missing. Attach the policy AirflowPolicyArn of deploy/aws.yml to the user or role that it signs in as",
    ),
    _Cause(
        "EndpointConnection|ConnectTimeout|ReadTimeout|ProxyConnection|SSLError|ConnectionClosed|InvalidEndpoint",
        "AWS cannot be reached. Check region_name in its extra, AWS_ENDPOINT_URL if it is set, and the firewall",
    ),
)

# google-auth raises RefreshError with the token endpoint's words (RFC 6749, 5.2).
_GOOGLE = (
    _Cause("DefaultCredentialsError", "there is no key. Put the service account's JSON key into keyfile_dict of its extra"),
    _Cause(
        "short-lived token|reasonable timeframe",
        "this machine's clock is wrong, so that Google takes its sign-in for expired. Set it by NTP",
    ),
    _Cause(
        "expired or revoked|has been expired|invalid_rapt",
        "the token has expired or was revoked. Make a new key for the service account and put it into keyfile_dict of its extra",
    ),
    _Cause(
        "Invalid JWT Signature|invalid_grant|account not found|disabled",
        "Google does not know this key. Make a new key for the service account and put it into keyfile_dict of its extra",
    ),
    _Cause(
        "TransportError|ServerNotFound|timeout|timed out|Connection|gaierror|OSError",
        "Google cannot be reached. Check DRIVE_API_ENDPOINT if it is set, and the firewall",
    ),
)

# The numbers are Snowflake's own error codes, which its drivers put before the words.
_SNOWFLAKE = (
    _Cause(
        "resource monitor|090073",
        "the month's credits are spent, and the resource monitor has stopped the warehouse. Raise its credit_quota, or wait "
        "for the next month",
    ),
    _Cause(
        r"No active warehouse|000606|000607|warehouse\b.*\bsuspended",
        "no warehouse runs. `alter warehouse HEALTHCARE_WH set auto_resume = true` and `resume`, and run deploy/snowflake.sql "
        "for the role's grant on it",
    ),
    _Cause(
        "token has expired|JWT token.*expired|390114|390318",
        "the token has expired. Check this machine's clock (a key pair's token lives a minute), or put a fresh token into it",
    ),
    _Cause(
        "JWT token is invalid|390144|Incorrect username or password|390100",
        "the key is not this user's. Put the private key into private_key_content of its extra, and its public half into "
        "the user by deploy/snowflake.sql",
    ),
    _Cause(
        r"Could not deserialize|Unable to load PEM|MalformedFraming|InvalidData|Incorrect padding|private key|Invalid base64",
        "the private key cannot be read. private_key_content of its extra is the whole PEM file, unencrypted",
    ),
    _Cause(
        "Network ?policy|is not allowed to access Snowflake|390422|390429",
        "a network policy refuses this machine. Allow its address for the user HEALTHCARE_PIPELINE",
    ),
    _Cause(
        "role.*(is not assigned|not granted|does not exist)|390189|390186",
        "the user may not take the role. Run deploy/snowflake.sql again, which grants it",
    ),
    _Cause(
        "assuming AWS_ROLE|003167|storage integration",
        "Snowflake may not read the bucket. Give the AWS stack the two values of `describe integration HEALTHCARE_S3`, see "
        "step 3 of docs/deployment.md",
    ),
    _Cause(
        "Remote file.*not found|failed to access remote file|NoSuchKey|NoSuchBucket|HeadObject",
        "the stage does not show what was written to S3_BUCKET. It points elsewhere: run deploy/snowflake.sql with that bucket "
        "(`describe stage HEALTHCARE.BRONZE.LANDING_STAGE` says where it points)",
    ),
    _Cause(
        "Insufficient privileges|003001|does not exist or not authorized|002003|002043|003041|not authorized",
        "a grant or an object is missing. Run deploy/snowflake.sql again, which makes both",
    ),
    _Cause(
        r"290404|404 Not Found|250003|251001|Account must be specified|getaddrinfo|Name or service|Failed to connect|"
        r"could not connect|Connection refused|timed out|250001",
        "Snowflake cannot be reached. Check account in its extra (ORGANISATION-ACCOUNT, without .snowflakecomputing.com) "
        "and the firewall",
    ),
)

_ANY = (
    _Cause(
        "AirflowNotFoundException|isn't defined",
        "Airflow has no connection of this name. Make it as step 4 of docs/deployment.md says",
    ),
)

_CAUSES: dict[str, Sequence[_Cause]] = {AWS_CONNECTION: _AWS, DRIVE_CONNECTION: _GOOGLE, SNOWFLAKE_CONNECTION: _SNOWFLAKE}


def explain(error: BaseException, connection: str) -> str:
    """One sentence that names the Airflow connection, what is wrong and what to do, with the service's own words behind it."""
    return _sentence(error, connection) or f"{connection}: {_shortened(_words(error))}."


def explain_dbt_failures(words: str) -> str:
    """What dbt says of failed models and tests; where Snowflake itself is the reason, with the connection and what to do."""
    advice = _advice(words, SNOWFLAKE_CONNECTION) if load_settings().dbt_target == "snowflake" else None
    return f"{SNOWFLAKE_CONNECTION}: {advice} ({_shortened(words)})." if advice else words


@contextmanager
def connection_errors_explained() -> Iterator[None]:
    """Around a step: what is wrong with a connection becomes a ConnectionFailedError; all else passes as it is."""
    try:
        yield
    # Drivers share no base class below Exception; what is not recognised as a connection's is raised again untouched.
    except Exception as error:
        connection = _connection_of(error)
        words = _words(error)
        if connection and (advice := _advice(words, connection)):
            raise ConnectionFailedError(connection, advice, _shortened(words)) from error
        raise


def _connection_of(error: BaseException) -> str | None:
    if isinstance(error, BotoCoreError | ClientError):
        return AWS_CONNECTION
    if isinstance(error, GoogleAuthError):
        return DRIVE_CONNECTION
    if isinstance(error, WarehouseError | BronzeCopyError) and load_settings().dbt_target == "snowflake":
        return SNOWFLAKE_CONNECTION
    return None


def _sentence(error: BaseException, connection: str) -> str | None:
    """None where the words tell of none of the known causes."""
    if isinstance(error, DriveAccessError | DriveKeyError):
        return str(error)
    words = _words(error)
    advice = _advice(words, connection)
    return f"{connection}: {advice} ({_shortened(words)})." if advice else None


def _advice(words: str, connection: str) -> str | None:
    for cause in (*_ANY, *_CAUSES[connection]):
        if re.search(cause.pattern, words, re.IGNORECASE | re.DOTALL):
            return cause.advice
    return None


def _words(error: BaseException) -> str:
    """Of the error and of what caused it: a client often wraps the code that says what is wrong."""
    found: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        found.append(f"{type(seen).__name__}: {' '.join(str(seen).split())}")
        seen = seen.__cause__
    return "; ".join(found)


def _shortened(words: str) -> str:
    return words if len(words) <= _LONGEST_DETAIL else f"{words[:_LONGEST_DETAIL]}…"
