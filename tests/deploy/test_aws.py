"""deploy/aws.yml as a stack that moto has created: asked through AWS's own interfaces, and used by the pipeline's own code."""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from cfnlint.decode import decode_str
from moto.server import ThreadedMotoServer

from include.ingest.checkpoints import TTL_ATTRIBUTE, CheckpointTable, Status
from include.ingest.errors import LeaseHeldError
from include.ingest.file_version import FileVersion
from include.ingest.object_store import ObjectStore
from include.settings import REPOSITORY, Settings

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS..S3..BucketPolicy")

TEMPLATE = (REPOSITORY / "deploy" / "aws.yml").read_text(encoding="utf-8")
SNOWFLAKE_USER = "arn:aws:iam::123456789012:user/abc1-s-example"
EXTERNAL_ID = "XY12345_SFCRole=2_abcdefgh="

# What include/ingest and `make preflight` call. Parts of an upload are PutObject too, a HEAD is a GetObject.
AIRFLOW_MAY = {
    "bucket": {"s3:ListBucket"},
    "objects": {
        "s3:GetObject",
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
    },
    "table": {
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "dynamodb:DescribeTable",
    },
    "topic": {"sns:Publish"},
}


@dataclass(frozen=True)
class Aws:
    """Clients of one AWS."""

    endpoint: str

    @property
    def _session(self) -> Any:  # the stubs take no name of a service that is not a literal
        return boto3.Session("testing", "testing", region_name="us-east-1")

    def client(self, service: str) -> Any:
        return self._session.client(service, endpoint_url=self.endpoint)

    def resource(self, service: str) -> Any:
        return self._session.resource(service, endpoint_url=self.endpoint)


@dataclass(frozen=True)
class Stack:
    """A created stack: its outputs, and the physical names of its resources."""

    aws: Aws
    name: str
    bucket: str
    table: str
    outputs: Mapping[str, str]
    resources: Mapping[str, str]
    parameters: Mapping[str, str]

    def template(self, resource: str) -> Any:
        """A resource as CloudFormation holds it, for the few properties that moto takes and does not apply."""
        body = self.aws.client("cloudformation").get_template(StackName=self.name)["TemplateBody"]
        template, problems = decode_str(body)
        assert not problems
        return self._resolve(json.loads(json.dumps(template))["Resources"][resource])

    def _resolve(self, value: Any) -> Any:
        """With the stack's parameters in the place of references to them."""
        if isinstance(value, list):
            return [self._resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "Ref" in value:
            return self.parameters.get(value["Ref"], self.resources.get(value["Ref"]))
        if "Fn::Sub" in value:
            names = {"AWS::Partition": "aws", **self.parameters}
            return re.sub(r"\$\{([\w:]+)\}", lambda found: names[found[1]], value["Fn::Sub"])
        return {key: self._resolve(item) for key, item in value.items()}


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # else a line a request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield Aws(f"http://{host}:{port}")
    server.stop()


@pytest.fixture(scope="module")
def stack(aws: Aws) -> Stack:
    """As the guide creates it first: nothing is known of Snowflake."""
    return create_stack(aws, AlertEmail="on-call@example.org")


def create_stack(aws: Aws, **parameters: str) -> Stack:
    suffix = uuid.uuid4().hex[:12]
    name = f"healthcare-{suffix}"
    parameters = {"BucketName": f"test-bucket-{suffix}", "TableName": f"test-table-{suffix}", **parameters}
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=TEMPLATE, Parameters=given, Capabilities=["CAPABILITY_IAM"])
    described = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    assert described["StackStatus"] == "CREATE_COMPLETE"
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    listed = cloudformation.list_stack_resources(StackName=name)["StackResourceSummaries"]
    resources = {found["LogicalResourceId"]: found["PhysicalResourceId"] for found in listed}
    parameters = {item["ParameterKey"]: item["ParameterValue"] for item in described["Parameters"]}
    return Stack(aws, name, parameters["BucketName"], parameters["TableName"], outputs, resources, parameters)


def test_outputs_are_the_settings_of_the_pipeline(stack: Stack) -> None:
    settings = {name.replace("_", "").lower() for name in Settings.model_fields}
    assert {"s3bucket", "dynamodbtable"} <= settings
    assert stack.outputs["S3Bucket"] == stack.bucket
    assert stack.outputs["DynamodbTable"] == stack.table
    assert stack.outputs["AwsDefaultRegion"] == "us-east-1"


def test_bucket_is_encrypted_without_kms(stack: Stack) -> None:
    s3 = stack.aws.client("s3")
    rules = s3.get_bucket_encryption(Bucket=stack.bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert [rule["ApplyServerSideEncryptionByDefault"] for rule in rules] == [{"SSEAlgorithm": "AES256"}]


# moto's CloudFormation leaves out what the next two tests look at: it is put to S3 in the words of S3's own interface, which
# checks it, and then read back.
def test_bucket_refuses_plain_http(stack: Stack) -> None:
    s3, wanted = stack.aws.client("s3"), stack.template("BucketPolicy")["Properties"]
    s3.put_bucket_policy(Bucket=wanted["Bucket"], Policy=json.dumps(wanted["PolicyDocument"]))
    policy = json.loads(s3.get_bucket_policy(Bucket=stack.bucket)["Policy"])
    s3.delete_bucket_policy(Bucket=stack.bucket)  # moto obeys the Deny without its condition, and its address is no https
    (statement,) = policy["Statement"]
    assert (statement["Effect"], statement["Action"], statement["Principal"]) == ("Deny", "s3:*", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [f"arn:aws:s3:::{stack.bucket}", f"arn:aws:s3:::{stack.bucket}/*"]


def test_bucket_is_versioned_private_and_cleans_up(stack: Stack) -> None:
    s3, wanted = stack.aws.client("s3"), stack.template("Bucket")["Properties"]
    s3.put_bucket_versioning(Bucket=stack.bucket, VersioningConfiguration=wanted["VersioningConfiguration"])
    s3.put_public_access_block(Bucket=stack.bucket, PublicAccessBlockConfiguration=wanted["PublicAccessBlockConfiguration"])
    s3.put_bucket_lifecycle_configuration(
        Bucket=stack.bucket,
        LifecycleConfiguration={"Rules": [_as_s3_says(rule) for rule in wanted["LifecycleConfiguration"]["Rules"]]},
    )

    assert s3.get_bucket_versioning(Bucket=stack.bucket)["Status"] == "Enabled"
    assert set(s3.get_public_access_block(Bucket=stack.bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    rules = {rule["ID"]: rule for rule in s3.get_bucket_lifecycle_configuration(Bucket=stack.bucket)["Rules"]}
    assert {rule["Status"] for rule in rules.values()} == {"Enabled"}
    assert rules["abort-dead-uploads"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert rules["expire-noncurrent-versions"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert rules["raw-to-infrequent-access"]["Filter"] == {"Prefix": "raw/"}
    assert rules["raw-to-infrequent-access"]["Transitions"] == [{"Days": 30, "StorageClass": "STANDARD_IA"}]
    assert not any("Expiration" in rule and "Days" in rule["Expiration"] for rule in rules.values()), "current objects stay"


def _as_s3_says(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A lifecycle rule of CloudFormation in the words of S3's interface."""
    said: dict[str, Any] = {"ID": rule["Id"], "Status": rule["Status"], "Filter": {"Prefix": rule.get("Prefix", "")}}
    if "AbortIncompleteMultipartUpload" in rule:
        said["AbortIncompleteMultipartUpload"] = rule["AbortIncompleteMultipartUpload"]
    if "NoncurrentVersionExpiration" in rule:
        said["NoncurrentVersionExpiration"] = {"NoncurrentDays": int(rule["NoncurrentVersionExpiration"]["NoncurrentDays"])}
        said["Expiration"] = {"ExpiredObjectDeleteMarker": rule["ExpiredObjectDeleteMarker"]}
    if "Transitions" in rule:
        said["Transitions"] = [
            {"Days": item["TransitionInDays"], "StorageClass": item["StorageClass"]} for item in rule["Transitions"]
        ]
    return said


def test_checkpoint_table_has_the_key_of_a_file_version(stack: Stack) -> None:
    table = stack.aws.client("dynamodb").describe_table(TableName=stack.table)["Table"]
    assert {key["AttributeName"]: key["KeyType"] for key in table["KeySchema"]} == {"file_id": "HASH", "file_md5": "RANGE"}
    assert {item["AttributeName"]: item["AttributeType"] for item in table["AttributeDefinitions"]} == {
        "file_id": "S",
        "file_md5": "S",
    }
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_checkpoints_are_encrypted_and_can_be_restored(stack: Stack) -> None:
    wanted = stack.template("CheckpointTable")["Properties"]
    assert wanted["SSESpecification"] == {"SSEEnabled": True}
    assert wanted["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_only_abandoned_leases_expire(stack: Stack) -> None:
    """By the attribute that the code gives to nothing else (tests/ingest/test_checkpoints.py)."""
    wanted = stack.template("CheckpointTable")["Properties"]["TimeToLiveSpecification"]
    assert wanted == {"AttributeName": TTL_ATTRIBUTE, "Enabled": True}
    dynamodb = stack.aws.client("dynamodb")
    if dynamodb.describe_time_to_live(TableName=stack.table)["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED":
        dynamodb.update_time_to_live(TableName=stack.table, TimeToLiveSpecification=wanted)
    live = dynamodb.describe_time_to_live(TableName=stack.table)["TimeToLiveDescription"]
    assert (live["AttributeName"], live["TimeToLiveStatus"]) == (TTL_ATTRIBUTE, "ENABLED")


@pytest.mark.parametrize("resource", ["Bucket", "CheckpointTable"])
def test_data_outlives_the_stack(stack: Stack, resource: str) -> None:
    held = stack.template(resource)
    assert (held["DeletionPolicy"], held["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_airflow_may_do_what_the_code_calls_and_nothing_else(stack: Stack) -> None:
    arns = {
        f"arn:aws:s3:::{stack.bucket}": "bucket",
        f"arn:aws:s3:::{stack.bucket}/*": "objects",
        f"arn:aws:dynamodb:us-east-1:123456789012:table/{stack.table}": "table",
        stack.outputs["SnsTopicArn"]: "topic",
    }
    granted: dict[str, set[str]] = {}
    for statement in policy_document(stack.aws, stack.outputs["AirflowPolicyArn"])["Statement"]:
        assert statement["Effect"] == "Allow"
        for resource in _as_list(statement["Resource"]):
            granted.setdefault(arns[resource], set()).update(_as_list(statement["Action"]))
    assert granted == AIRFLOW_MAY


def policy_document(aws: Aws, arn: str) -> Any:
    iam = aws.client("iam")
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_airflow_on_ec2_gets_the_policy_without_a_key(stack: Stack) -> None:
    iam = stack.aws.client("iam")
    profile = iam.get_instance_profile(InstanceProfileName=stack.outputs["AirflowInstanceProfileName"])["InstanceProfile"]
    (role,) = profile["Roles"]
    attached = iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [stack.outputs["AirflowPolicyArn"]]
    assert iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"] == []


def test_snowflake_role_trusts_nobody_until_snowflake_is_known(stack: Stack) -> None:
    (statement,) = _trust(stack)["Statement"]
    assert statement["Effect"] == "Deny"


def test_snowflake_role_trusts_one_user_with_its_external_id(stack: Stack) -> None:
    created = create_stack(stack.aws, SnowflakeUserArn=SNOWFLAKE_USER, SnowflakeExternalId=EXTERNAL_ID)
    (statement,) = _trust(created)["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"AWS": SNOWFLAKE_USER},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
    }


def _trust(stack: Stack) -> Any:
    role = stack.outputs["SnowflakeRoleArn"].rsplit("/", 1)[-1]
    return stack.aws.client("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]


def test_snowflake_reads_certified_records_only(stack: Stack) -> None:
    iam, role = stack.aws.client("iam"), stack.outputs["SnowflakeRoleArn"].rsplit("/", 1)[-1]
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == []
    (policy,) = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    statements = policy_document(stack.aws, policy["PolicyArn"])["Statement"]
    bucket = f"arn:aws:s3:::{stack.bucket}"
    assert [(set(_as_list(item["Action"])), _as_list(item["Resource"])) for item in statements] == [
        ({"s3:GetObject", "s3:GetObjectVersion"}, [f"{bucket}/bronze/*", f"{bucket}/rejects/*"]),
        ({"s3:ListBucket"}, [bucket]),
        ({"s3:GetBucketLocation"}, [bucket]),
    ]
    assert statements[1]["Condition"] == {"StringLike": {"s3:prefix": ["bronze/*", "rejects/*"]}}


def test_alerts_go_to_the_address_that_was_given(stack: Stack) -> None:
    found = stack.aws.client("sns").list_subscriptions_by_topic(TopicArn=stack.outputs["SnsTopicArn"])["Subscriptions"]
    assert [(item["Protocol"], item["Endpoint"]) for item in found] == [("email", "on-call@example.org")]


def test_without_an_address_nobody_is_subscribed(aws: Aws) -> None:
    silent = create_stack(aws)
    found = aws.client("sns").list_subscriptions_by_topic(TopicArn=silent.outputs["SnsTopicArn"])["Subscriptions"]
    assert found == []


@pytest.mark.parametrize("bucket", ["Upper-Case", "with.dot", "ab", "-starts-with-a-hyphen"])
def test_bad_bucket_names_do_not_match_the_allowed_pattern(bucket: str) -> None:
    template, _ = decode_str(TEMPLATE)
    assert not re.fullmatch(template["Parameters"]["BucketName"]["AllowedPattern"], bucket)


def test_object_store_works_on_the_created_bucket(stack: Stack, tmp_path: Path) -> None:
    store = ObjectStore(stack.aws.client("s3"), stack.outputs["S3Bucket"])
    source, back = tmp_path / "a.parquet", tmp_path / "b.parquet"
    source.write_bytes(b"certified")
    store.upload_file(source, "bronze/family/2024Q2/a.parquet")
    store.verify("bronze/family/2024Q2/a.parquet", "", expected_etag="61b321067344993b1fad8f8b472d3d4c")
    store.download_file("bronze/family/2024Q2/a.parquet", back)
    assert back.read_bytes() == b"certified"
    assert list(store.keys("bronze/")) == ["bronze/family/2024Q2/a.parquet"]
    store.delete("bronze/family/2024Q2/a.parquet")
    assert store.size_of("bronze/family/2024Q2/a.parquet") is None


def test_checkpoints_work_on_the_created_table(stack: Stack) -> None:
    table = CheckpointTable(stack.aws.resource("dynamodb").Table(stack.outputs["DynamodbTable"]), lease_seconds=1)
    file = FileVersion.named("drive-id", "PBJ.csv", "0" * 32, 12, "2024-11-01T00:00:00Z")
    checkpoint = table.discover(file)
    with table.claim(checkpoint, "run 1") as lease:
        with pytest.raises(LeaseHeldError):
            table.reset(checkpoint, Status.DISCOVERED)
        lease.advance(Status.LANDED, raw_key="raw/x")
    assert [found.status for found in table.versions_of("drive-id")] == [Status.LANDED]
    table.delete(checkpoint)
    assert list(table.all()) == []
