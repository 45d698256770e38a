"""What the DAG promises to whoever runs it: owners, retries, pools, names in the grid, and an order that protects gold."""

from __future__ import annotations

from typing import Any

Dag = dict[str, Any]


def _reachable(dag: Dag, task_id: str) -> set[str]:
    found: set[str] = set()
    waiting = [task_id]
    while waiting:
        for downstream in dag["tasks"][waiting.pop()]["downstream"]:
            if downstream not in found:
                found.add(downstream)
                waiting.append(downstream)
    return found


def test_every_task_has_an_owner(dag: Dag) -> None:
    assert {task["owner"] for task in dag["tasks"].values()} == {"data-platform"}


def test_dag_is_tagged_documented_and_daily(dag: Dag) -> None:
    assert "cms" in dag["tags"]
    assert "Reruns" in dag["doc"]
    assert "@daily" in dag["schedule"]
    assert dag["catchup"] is False
    assert dag["max_active_runs"] == 1


def test_families_and_full_refresh_can_be_chosen(dag: Dag) -> None:
    assert dag["params"] == ["families", "full_refresh", "since", "until"]


def test_tasks_that_reach_the_network_retry_with_growing_pauses(dag: Dag) -> None:
    for name in ("plan", "land", "certify", "copy_to_bronze", "publish"):
        assert dag["tasks"][name]["retries"] >= 2, name
        assert dag["tasks"][name]["backoff"], name


def test_grid_shows_the_file_name_of_each_mapped_task(dag: Dag) -> None:
    for name in ("land", "certify"):
        assert dag["tasks"][name]["map_index_template"] == "{{ file_name }}"


def test_file_travels_as_one_value(dag: Dag) -> None:
    """Airflow would write each key of a returned dict as an XCom of its own, ten requests a file."""
    for name in ("land", "publish"):
        assert dag["tasks"][name]["multiple_outputs"] is False, name


def test_everything_that_opens_the_warehouse_shares_its_one_slot(dag: Dag) -> None:
    outside = {"plan", "land", "to_certify", "certify", "report"}
    pools = {name: task["pool"] for name, task in dag["tasks"].items() if name not in outside}

    assert set(pools.values()) == {"warehouse"}
    assert any(".gold." in name for name in pools)


def test_one_bad_file_does_not_keep_the_others_from_bronze(dag: Dag) -> None:
    assert dag["tasks"]["copy_to_bronze"]["trigger_rule"] == "all_done"


def test_publish_waits_for_every_model_and_test(dag: Dag) -> None:
    assert dag["tasks"]["publish"]["trigger_rule"] == "all_success"
    dbt_tasks = [name for name in dag["tasks"] if name.startswith("dbt.")]

    assert len(dbt_tasks) > 30
    assert [name for name in dbt_tasks if "publish" not in _reachable(dag, name)] == []


def test_report_is_the_last_word_on_the_run(dag: Dag) -> None:
    leaves = [name for name, task in dag["tasks"].items() if not task["downstream"]]

    assert leaves == ["report"]
    assert dag["tasks"]["report"]["trigger_rule"] == "all_done"


def test_report_waits_for_every_model_also_when_one_has_failed(dag: Dag) -> None:
    models = {name for name in dag["tasks"] if name.startswith("dbt.")}

    assert {name for name in models if "report" not in dag["tasks"][name]["downstream"]} == set()


def test_every_gold_table_is_a_task(dag: Dag) -> None:
    for table in ("kpi_hprd_by_state_quarter", "kpi_turnover_by_state", "data_reconciliation"):
        assert any(f".gold.{table}" in name for name in dag["tasks"]), table


def test_parsing_the_dag_file_loads_no_client_and_no_warehouse(dag: Dag) -> None:
    assert dag["network"] == []


def test_tests_across_models_wait_until_all_models_are_built(dbt_tests: list[dict[str, Any]]) -> None:
    across = {test["name"] for test in dbt_tests if len(test["depends_on"]["nodes"]) > 1}
    tagged = {test["name"] for test in dbt_tests if "across_models" in test["tags"]}

    assert across
    assert across <= tagged, "tag these `across_models`, or they run before all their models exist"


def test_every_failed_task_leaves_its_reason_for_the_report(dag: Dag) -> None:
    assert {name for name, task in dag["tasks"].items() if task["on_failure"] != ["note_failure"]} == set()


def test_run_that_ends_without_its_report_is_told(dag: Dag) -> None:
    assert dag["on_failed_run"] == "on_failed_run"


def test_no_task_and_no_run_takes_longer_than_it_may(dag: Dag) -> None:
    longest = {name: task["longest"] for name, task in dag["tasks"].items()}
    assert longest == {**dict.fromkeys(longest, 2 * 3600), "report": 15 * 60}
    assert dag["longest_run"] == 12 * 3600


def test_dag_has_no_deadline_which_keeps_its_runs_from_being_cleared(dag: Dag) -> None:
    assert dag["deadline"] in (None, [])
