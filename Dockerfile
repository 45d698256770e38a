# Airflow with the pipeline: scheduler, DAG processor, API server and workers run from this one image.
FROM python:3.12-slim-bookworm

ENV AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/pipeline/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/pipeline/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__CORE__MAX_MAP_LENGTH=10000 \
    HEALTHCARE_HOME=/var/lib/healthcare \
    PYTHONPATH=/opt/pipeline

WORKDIR /opt/pipeline
COPY packages.txt requirements.txt ./
RUN apt-get update && xargs -r apt-get install --yes --no-install-recommends < packages.txt && rm -rf /var/lib/apt/lists/* \
    && pip install --no-cache-dir --no-deps --require-hashes --requirement requirements.txt

COPY dags dags
COPY plugins plugins
COPY include include

# Cosmos renders the DAG from this manifest; nothing runs dbt when the DAG file is parsed.
RUN mkdir -p $HEALTHCARE_HOME/dbt $AIRFLOW_HOME/config \
    && python -m dbt.cli.main parse --project-dir include/dbt_healthcare --profiles-dir include/dbt_healthcare \
        --target-path $HEALTHCARE_HOME/dbt --log-path /tmp/dbt \
    && echo "import include.orchestration.preload" > $AIRFLOW_HOME/config/airflow_local_settings.py \
    && useradd --system --create-home airflow && chown -R airflow $HEALTHCARE_HOME $AIRFLOW_HOME
USER airflow

CMD ["airflow", "standalone"]
