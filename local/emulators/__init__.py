"""Local stand-ins for Google Drive, S3 and DynamoDB, so that the pipeline needs no account.

Nothing here knows the pipeline: the real clients (google-api-python-client, boto3) talk to these servers.
"""
