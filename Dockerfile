# Airflow with the pipeline, in the Astro project layout: every component of deploy/compose.yml runs from this one image.
FROM python:3.12.15-slim-trixie@sha256:29113dcae7aad06daa8e95260fa09f27d62be33b9687ea3774f771d601a02256

# The manifest below holds the macros of one warehouse's adapter: an image is built for Snowflake or for DuckDB.
ARG DBT_TARGET=snowflake

ENV AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/pipeline/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/pipeline/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__CORE__MAX_MAP_LENGTH=10000 \
    AIRFLOW__COSMOS__ENABLE_TELEMETRY=False \
    AIRFLOW__COSMOS__ENABLE_ORJSON_PARSER=True \
    AIRFLOW__COSMOS__CACHE_DIR=/tmp/cosmos \
    DBT_SEND_ANONYMOUS_USAGE_STATS=False \
    DBT_TARGET=$DBT_TARGET \
    HEALTHCARE_HOME=/var/lib/healthcare \
    PYTHONPATH=/opt/pipeline \
    PYTHONUNBUFFERED=1

WORKDIR /opt/pipeline
COPY packages.txt deploy/airflow.txt ./
RUN apt-get update && xargs -r apt-get install --yes --no-install-recommends < packages.txt && rm -rf /var/lib/apt/lists/* \
    && pip install --no-cache-dir --no-deps --require-hashes --requirement airflow.txt

COPY dags dags
COPY plugins plugins
COPY include include

# Cosmos renders the DAG from this manifest; nothing runs dbt when the DAG file is parsed. Parsing needs no account.
# The folders that compose.yml mounts volumes on exist and belong to the user, or Docker would make them root's.
RUN mkdir -p "$HEALTHCARE_HOME/dbt" "$HEALTHCARE_HOME/runs" "$AIRFLOW_HOME/config" "$AIRFLOW_HOME/logs" "$AIRFLOW_HOME/auth" \
    && python -m include.warehouse.dbt_project \
    && echo "import include.orchestration.preload" > "$AIRFLOW_HOME/config/airflow_local_settings.py" \
    && useradd --uid 50000 --create-home airflow && chown -R airflow "$HEALTHCARE_HOME" "$AIRFLOW_HOME"

# A number, so that a platform can see that it is not root; the code under /opt/pipeline stays root's, and so read-only.
USER 50000

CMD ["airflow", "standalone"]
