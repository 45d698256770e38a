"""Makes the pools of the embedded Airflow: `python -m local.run.pools`, in its environment."""

from __future__ import annotations

from airflow.models.pool import Pool

from local.run.airflow_home import POOLS

if __name__ == "__main__":
    for name, (slots, description) in POOLS.items():
        Pool.create_or_update_pool(name, slots=slots, description=description, include_deferred=False)
