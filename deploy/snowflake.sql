-- The Snowflake side of the nursing-home data pipeline. Every statement may be run again: nothing is replaced or dropped.
--
-- Four placeholders; docs/deployment.md says where each value comes from:
--   <% bucket %>                 output S3Bucket of deploy/aws.yml
--   <% snowflake_role_arn %>     output SnowflakeRoleArn of deploy/aws.yml
--   <% pipeline_public_key %>    public key of the pipeline, without its first and last line and without line breaks
--   <% dashboard_public_key %>   public key of the dashboard, likewise
-- The Snowflake CLI fills them in (snow sql -f deploy/snowflake.sql -D bucket=… -D …); in a worksheet, replace them by hand.
-- Needs a person who holds ACCOUNTADMIN; every block takes the least role that can do it.

-- Roles: one loads bronze, one builds the models, one reads what is published.
use role useradmin;
create role if not exists HEALTHCARE_LOADER comment = 'Owns the tables in bronze and fills them by COPY';
create role if not exists HEALTHCARE_TRANSFORMER comment = 'Reads bronze, owns the tables and views of all other schemas';
create role if not exists DASHBOARD_READER comment = 'Reads the published copy of gold';

-- Spending: a warning at three quarters of the month's credits, no new query at all of them, an end to running ones at 110 %.
use role accountadmin;
create resource monitor if not exists HEALTHCARE_MONITOR with
    credit_quota = 20
    frequency = monthly
    start_timestamp = immediately
    triggers
        on 75 percent do notify
        on 100 percent do suspend
        on 110 percent do suspend_immediate;

-- The bridge to S3. Never `create or replace` it: a new integration has a new external id, which the AWS role does not trust.
-- The stage's URL is the whole bucket, so that FILES = (…) takes object keys as they are; raw/ stays closed here and in IAM.
create storage integration if not exists HEALTHCARE_S3
    type = external_stage
    storage_provider = 'S3'
    enabled = true
    storage_aws_role_arn = '<% snowflake_role_arn %>'
    storage_allowed_locations = ('s3://<% bucket %>/')
    storage_blocked_locations = ('s3://<% bucket %>/raw/');
grant usage on integration HEALTHCARE_S3 to role SYSADMIN;

-- Compute: the smallest size, asleep a minute after the last query; an hour is far more than any statement takes.
use role sysadmin;
create warehouse if not exists HEALTHCARE_WH with
    warehouse_size = xsmall
    auto_suspend = 60
    auto_resume = true
    initially_suspended = true
    statement_timeout_in_seconds = 3600
    statement_queued_timeout_in_seconds = 900;

-- Only ACCOUNTADMIN may bind a monitor to a warehouse.
use role accountadmin;
alter warehouse HEALTHCARE_WH set resource_monitor = HEALTHCARE_MONITOR;

-- Database and schemas belong to SYSADMIN, so that no pipeline role can drop them or make others.
use role sysadmin;
create database if not exists HEALTHCARE data_retention_time_in_days = 1;
create schema if not exists HEALTHCARE.BRONZE comment = 'CMS files as published, all text, with ledger and refused records';
create schema if not exists HEALTHCARE.STAGING comment = 'Views that cast bronze';
create schema if not exists HEALTHCARE.SILVER comment = 'Typed facts and dimensions';
create schema if not exists HEALTHCARE.GOLD comment = 'KPIs, as the last run built them';
create schema if not exists HEALTHCARE.PUBLISHED comment = 'The copy of gold that the dashboard reads, replaced in one transaction';

-- What the COPY reads. Logical types, or a timestamp arrives as a bare number.
create file format if not exists HEALTHCARE.BRONZE.PARQUET_FORMAT
    type = parquet
    use_logical_type = true;
create stage if not exists HEALTHCARE.BRONZE.LANDING_STAGE
    url = 's3://<% bucket %>/'
    storage_integration = HEALTHCARE_S3
    file_format = (format_name = 'HEALTHCARE.BRONZE.PARQUET_FORMAT');

-- Grants. tests/deploy/test_snowflake_grants.py holds the full list: what is added here must be added there.
use role securityadmin;

-- The loader makes its own tables, and so owns them: it needs no privilege on tables.
grant usage on database HEALTHCARE to role HEALTHCARE_LOADER;
grant usage on warehouse HEALTHCARE_WH to role HEALTHCARE_LOADER;
grant usage on schema HEALTHCARE.BRONZE to role HEALTHCARE_LOADER;
grant create table on schema HEALTHCARE.BRONZE to role HEALTHCARE_LOADER;
grant usage on stage HEALTHCARE.BRONZE.LANDING_STAGE to role HEALTHCARE_LOADER;
grant usage on file format HEALTHCARE.BRONZE.PARQUET_FORMAT to role HEALTHCARE_LOADER;

-- The transformer reads bronze and cannot write it.
grant usage on database HEALTHCARE to role HEALTHCARE_TRANSFORMER;
grant usage on warehouse HEALTHCARE_WH to role HEALTHCARE_TRANSFORMER;
grant usage on schema HEALTHCARE.BRONZE to role HEALTHCARE_TRANSFORMER;
grant select on all tables in schema HEALTHCARE.BRONZE to role HEALTHCARE_TRANSFORMER;
grant select on future tables in schema HEALTHCARE.BRONZE to role HEALTHCARE_TRANSFORMER;

-- dbt makes what it builds: views in staging, tables elsewhere, and a view for the new rows of an incremental model in silver.
grant usage on schema HEALTHCARE.STAGING to role HEALTHCARE_TRANSFORMER;
grant create view on schema HEALTHCARE.STAGING to role HEALTHCARE_TRANSFORMER;
grant usage on schema HEALTHCARE.SILVER to role HEALTHCARE_TRANSFORMER;
grant create table on schema HEALTHCARE.SILVER to role HEALTHCARE_TRANSFORMER;
grant create view on schema HEALTHCARE.SILVER to role HEALTHCARE_TRANSFORMER;
grant usage on schema HEALTHCARE.GOLD to role HEALTHCARE_TRANSFORMER;
grant create table on schema HEALTHCARE.GOLD to role HEALTHCARE_TRANSFORMER;
grant usage on schema HEALTHCARE.PUBLISHED to role HEALTHCARE_TRANSFORMER;
grant create table on schema HEALTHCARE.PUBLISHED to role HEALTHCARE_TRANSFORMER;

-- The dashboard sees published tables, today's and those to come, and nothing else.
grant usage on database HEALTHCARE to role DASHBOARD_READER;
grant usage on warehouse HEALTHCARE_WH to role DASHBOARD_READER;
grant usage on schema HEALTHCARE.PUBLISHED to role DASHBOARD_READER;
grant select on all tables in schema HEALTHCARE.PUBLISHED to role DASHBOARD_READER;
grant select on future tables in schema HEALTHCARE.PUBLISHED to role DASHBOARD_READER;

-- The usual hierarchy: administrators see and fix what the roles own.
grant role HEALTHCARE_LOADER to role SYSADMIN;
grant role HEALTHCARE_TRANSFORMER to role SYSADMIN;
grant role DASHBOARD_READER to role SYSADMIN;

-- Users are services with a key: no password, no browser. Without secondary roles, each statement has one role's privileges.
use role useradmin;
create user if not exists HEALTHCARE_PIPELINE type = service
    default_role = HEALTHCARE_TRANSFORMER default_secondary_roles = () default_warehouse = HEALTHCARE_WH;
create user if not exists HEALTHCARE_DASHBOARD type = service
    default_role = DASHBOARD_READER default_secondary_roles = () default_warehouse = HEALTHCARE_WH;
-- Set apart from `create`, so that a second run of this file changes the keys.
alter user HEALTHCARE_PIPELINE set rsa_public_key = '<% pipeline_public_key %>';
alter user HEALTHCARE_DASHBOARD set rsa_public_key = '<% dashboard_public_key %>';
use role securityadmin;
grant role HEALTHCARE_LOADER to user HEALTHCARE_PIPELINE;
grant role HEALTHCARE_TRANSFORMER to user HEALTHCARE_PIPELINE;
grant role DASHBOARD_READER to user HEALTHCARE_DASHBOARD;

-- For the second step of the trust: STORAGE_AWS_IAM_USER_ARN and STORAGE_AWS_EXTERNAL_ID go into the AWS stack.
use role accountadmin;
describe integration HEALTHCARE_S3;
