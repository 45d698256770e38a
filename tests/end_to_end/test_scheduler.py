"""The DAG under a real Airflow on PostgreSQL, through a night on call: a bad model, bad data, killed processes.

One Airflow serves all tests. They build on one another and run in order: a first run; a broken model, and its mending; data that
fails a test; its correction, during which processes are killed; runs that are cleared, and one that takes too long; the end of
everything. All settings are the default ones, but for a timeout of a minute where a run is to meet it. A server in Slack's place
gets the alerts.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from include.settings import REPOSITORY
from local.sample import SampleSize, write_sample
from tests.alerts.alert_receivers import running_webhook
from tests.emulators.drive_server import running_drive_server
from tests.end_to_end.airflow_api import wait_for
from tests.end_to_end.airflow_services import prepare_services, processes_in
from tests.end_to_end.on_call import STEP_SECONDS, OnCall
from tests.end_to_end.postgres import running_postgres

pytestmark = [pytest.mark.scheduler, pytest.mark.timeout(2400)]

STAFFING = "PBJ_Daily_Nurse_Staffing_Q2_2024.csv"
VACCINATION = "NH_CovidVaxProvider_20241027.csv"
FILES = {STAFFING, VACCINATION, "NH_ProviderInfo_Oct2024.csv", "NH_Penalties_Oct2024.csv"}
MODEL = Path("include/dbt_healthcare/models/silver/facts/fct_monthly_nurse_staffing.sql")
MODEL_TASK = "dbt.models.silver.facts.fct_monthly_nurse_staffing_model_build"
VACCINATION_TASK = "dbt.models.silver.facts.fct_covid_vaccination_model_build"
VACCINATION_TEST = "within_range_fct_covid_vaccination_0__100__staff_up_to_date_pct"

#: In whichever order the checkpoints list them.
BOTH_NOTES = {f"2 files are quarantined: {names}" for names in ("notes.csv, more notes.csv", "more notes.csv, notes.csv")}


@pytest.fixture(scope="module")
def on_call(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnCall]:
    folder = tmp_path_factory.mktemp("scheduler")
    for path in write_sample(folder / "rawdata", SampleSize(facilities=60, quarters=1, vintages=1)):
        if path.name not in FILES:
            path.unlink()
    with ExitStack() as everything:
        database = everything.enter_context(running_postgres())
        drive = everything.enter_context(running_drive_server(folder / "rawdata"))
        webhook = everything.enter_context(running_webhook())
        slack = {"ALERT_SLACK": "true", "AIRFLOW_CONN_SLACK_DEFAULT": webhook.connection}
        airflow = prepare_services(folder, database.url, drive.url, **slack)
        everything.callback(airflow.stop)
        api = everything.enter_context(closing(airflow.start()))
        yield OnCall(airflow, api, drive, database.folder, webhook, everything)


@pytest.fixture(scope="module")
def first_gold() -> dict[str, list[tuple[Any, ...]]]:
    """What the first run published, for a later one that loads the same rows; filled by the first test."""
    return {}


def test_first_run_publishes_gold_and_names_every_file(on_call: OnCall, first_gold: dict[str, list[tuple[Any, ...]]]) -> None:
    on_call.api.unpause()
    on_call.trigger()
    on_call.expect("success")

    tasks = on_call.tasks()
    assert {task.state for task in tasks} == {"success"}
    for step in ("land", "certify"):
        assert {task.label for task in tasks if task.task_id == step} == FILES
    assert on_call.home.manifest()["run_id"] == on_call.run_id
    assert on_call.home.published("kpi_hprd_by_state_quarter")
    first_gold.update(on_call.gold())


def test_broken_model_stops_publication_and_the_last_good_gold_stands(on_call: OnCall) -> None:
    before = on_call.published_files()
    model, staffing = on_call.airflow.code / MODEL, on_call.airflow.rawdata / STAFFING
    model.write_text(model.read_text(encoding="utf-8").replace("select * from final", "select no_such_column from final"))
    lines = staffing.read_bytes().splitlines(keepends=True)
    left_out = lines[1].partition(b",")[0]
    staffing.write_bytes(b"".join(line for line in lines if not line.startswith(left_out)))

    on_call.trigger()
    on_call.expect("failed")

    assert on_call.tasks_in("failed") == {MODEL_TASK, "report"}
    assert on_call.tasks_in("failed", "upstream_failed") == on_call.api.downstream(MODEL_TASK)
    assert "publish" in on_call.tasks_in("upstream_failed")
    assert on_call.published_files() == before
    assert on_call.last_to_start() == "report"
    assert "no_such_column" in on_call.log_of("report")
    text = on_call.wait_for_alert("A task failed")
    assert "no_such_column" in text
    assert f"/tasks/{MODEL_TASK}|Log>" in text
    assert on_call.alerts() == [f"A task failed: {MODEL_TASK}"]


def test_mended_model_is_cleared_with_its_downstream_and_new_gold_is_published(on_call: OnCall) -> None:
    red, before = on_call.tasks_in("failed", "upstream_failed"), on_call.home.manifest()["version"]
    green = {task.id for task in on_call.tasks() if task.state == "success"}
    shutil.copy2(REPOSITORY / MODEL, on_call.airflow.code / MODEL)

    assert on_call.api.clear(on_call.run_id, [MODEL_TASK]) == red
    on_call.expect("success")

    assert on_call.tasks_in("failed", "upstream_failed") == set()
    assert green < {task.id for task in on_call.tasks()}, "a task that was green has run again"
    assert on_call.home.manifest()["version"] > before
    (nation,) = [row for row in on_call.home.published("kpi_hprd_by_state_quarter") if row["state"] == "US"]
    assert nation["facilities"] == len({row["ccn"] for row in on_call.home.published("kpi_hprd_by_facility_month")})
    assert on_call.alerts() == [f"Recovered: A task failed: {MODEL_TASK}"]


def test_data_that_fails_a_test_is_not_published_and_the_report_names_the_test(on_call: OnCall) -> None:
    before = on_call.published_files()
    path = on_call.airflow.rawdata / VACCINATION
    header, first, *others = path.read_text(encoding="utf-8").splitlines(keepends=True)
    ccn, state, residents, _, date = first.split(",")
    path.write_text("".join([header, ",".join([ccn, state, residents, '"150.0"', date]), *others]), encoding="utf-8")
    for name in ("notes.csv", "more notes.csv"):
        (on_call.airflow.rawdata / name).write_text(name, encoding="utf-8")

    on_call.trigger()
    on_call.expect("failed")

    assert on_call.tasks_in("failed") == {VACCINATION_TASK, "report", "certify"}
    assert "publish" in on_call.tasks_in("upstream_failed")
    assert on_call.published_files() == before
    reason = f"failed data test {VACCINATION_TASK}: {VACCINATION_TEST}: Got 1 result, configured to fail if != 0"
    assert reason in on_call.log_of("report")
    refused = on_call.wait_for_alert("2 files are quarantined")
    assert "matches no CMS file family" in refused
    assert "/tasks/certify/mapped/" in refused
    assert "<docs/runbook.md#unknown_family|Runbook>" in refused
    data, files = on_call.alerts()
    assert data == f"The data failed a test: {VACCINATION_TASK}"
    assert files in BOTH_NOTES


def test_causes_that_last_are_not_told_again(on_call: OnCall) -> None:
    assert on_call.api.clear(on_call.run_id, ["report"]) == {"report"}
    on_call.expect("failed")
    assert on_call.alerts() == []


def test_landing_whose_worker_is_killed_is_noticed_by_its_silence_and_tried_again(on_call: OnCall, tmp_path: Path) -> None:
    write_sample(tmp_path, SampleSize(facilities=60, quarters=1, vintages=1))
    for name in ("notes.csv", "more notes.csv"):
        (on_call.airflow.rawdata / name).unlink()
    for name in (STAFFING, VACCINATION):  # corrected: the rows of the first run, in a file that was never seen
        content = (tmp_path / name).read_bytes()
        (on_call.airflow.rawdata / name).write_bytes(_with_other_line_ends(content))
    with on_call.reading_is_held(STAFFING) as landing:
        process = on_call.airflow.task_processes()[landing.id]
        worker = process.parent()
        assert worker is not None
        worker.kill()  # first: it would report the end of its task
        process.kill()

    wait_for(lambda: on_call.now(landing).state == "success", STEP_SECONDS, "the second try")
    assert on_call.now(landing).try_number == 2
    assert on_call.now(landing).label == STAFFING
    assert "heartbeat timeout" in on_call.api.events(on_call.run_id)


def _with_other_line_ends(content: bytes) -> bytes:
    """Some of CMS's files have these and some those; to a reader they are the same rows."""
    return content.replace(b"\r\n", b"\n") if b"\r\n" in content else content.replace(b"\n", b"\r\n")


def test_dbt_task_that_is_killed_at_the_warehouse_is_tried_again_and_gold_comes_out_the_same(
    on_call: OnCall, first_gold: dict[str, list[tuple[Any, ...]]]
) -> None:
    killed = on_call.kill_a_model()
    on_call.expect("success")

    (again,) = [task for task in on_call.tasks() if task.task_id == killed.task_id]
    assert (again.state, again.try_number) == ("success", 2)
    remembered = {"restatements"}  # that the figures were others in between
    assert {**on_call.gold(), **dict.fromkeys(remembered)} == {**first_gold, **dict.fromkeys(remembered)}
    assert all(row["balanced"] for row in on_call.home.published("data_reconciliation"))
    recovered = sorted(on_call.alerts())
    assert recovered[1] == f"Recovered: The data failed a test: {VACCINATION_TASK}"
    assert recovered[0].removeprefix("Recovered: ") in BOTH_NOTES


def test_family_that_no_file_comes_for_is_told_once_and_recovers(on_call: OnCall) -> None:
    for days, told in ((50, ["A source is stale: nh_penalties"]), (50, []), (1, ["Recovered: A source is stale: nh_penalties"])):
        on_call.make_older("NH_Penalties_Oct2024.csv", days)
        on_call.trigger()
        on_call.expect("success")
        assert on_call.alerts() == told


def test_run_is_cleared_while_it_runs_and_again_when_it_is_red(on_call: OnCall) -> None:
    (on_call.airflow.rawdata / "notes.csv").write_text("notes", encoding="utf-8")
    with on_call.reading_is_held("notes.csv") as landing:
        on_call.api.clear_run(on_call.run_id)
        wait_for(lambda: landing.id not in on_call.airflow.task_processes(), STEP_SECONDS, "the end of the first try")
    on_call.expect("failed")
    assert on_call.tasks_in("failed") == {"certify", "report"}
    assert on_call.alerts() == ["A file is quarantined: notes.csv"]

    red = on_call.tasks()
    on_call.api.clear_run(on_call.run_id)
    on_call.expect("failed")
    assert on_call.tasks_in("failed") == {"report"}, "nothing is new but the file that was refused"
    for task_id in ("plan", "copy_to_bronze", "report"):
        (before,) = [task for task in red if task.task_id == task_id]
        assert on_call.now(before).try_number == before.try_number + 1
    assert on_call.alerts() == []


def test_red_run_is_cleared_with_the_mouse_in_airflows_page(on_call: OnCall, browser: Any) -> None:
    (on_call.airflow.rawdata / "notes.csv").unlink()
    with closing(browser.new_context(viewport={"width": 1360, "height": 850})) as context:
        page = context.new_page()
        page.goto(on_call.run_url)
        page.fill("input[name=username]", on_call.airflow.login["username"])
        page.fill("input[name=password]", on_call.airflow.login["password"])
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text("Failed").first.wait_for(timeout=60_000)
        page.get_by_role("button", name="Press shift+c to clear").click(timeout=60_000)
        page.get_by_role("button", name="Clear existing tasks").click()
        page.get_by_role("button", name="Confirm").click()
        page.get_by_text("Running").first.wait_for(timeout=60_000)
    on_call.expect("success")
    assert on_call.alerts() == ["Recovered: A file is quarantined: notes.csv"]


def test_run_that_ended_red_is_not_reported_as_late_when_its_time_is_over(on_call: OnCall) -> None:
    notes = on_call.airflow.rawdata / "notes.csv"
    notes.write_text("more notes", encoding="utf-8")
    with on_call.longest_run(minutes=1):
        on_call.trigger()
        on_call.expect("failed")
        assert on_call.alerts() == ["A file is quarantined: notes.csv"]

        time.sleep(75)
        assert on_call.alerts() == []
        assert on_call.api.state(on_call.run_id) == "failed"
    notes.unlink()


def test_cleared_run_that_takes_too_long_is_stopped_told_once_and_continues_when_it_is_cleared_again(on_call: OnCall) -> None:
    """The red run of the test before: it began more than a minute ago, and its report has told everything that there was."""
    for name in (STAFFING, VACCINATION):
        path = on_call.airflow.rawdata / name
        header, rows = path.read_bytes().split(b"\n", maxsplit=1)
        path.write_bytes(_with_other_line_ends(header + b"\n") + rows)  # the same rows, in a file that was never seen
    reads: list[str] = []
    on_call.drive.on_media(lambda read: reads.append(read.name))
    clear = partial(on_call.api.clear_run, on_call.run_id)
    with on_call.longest_run(minutes=1), on_call.reading_is_held(STAFFING, clear) as landing:
        on_call.expect("failed")
        text = on_call.wait_for_alert("A run took too long and was stopped")
        wait_for(lambda: landing.id not in on_call.airflow.task_processes(), STEP_SECONDS, "the end of the landing")
    assert on_call.now(landing).state == "skipped"
    assert "Airflow stopped it: it was not done within 1 minutes (RUN_TIMEOUT_MINUTES). It was at land" in text
    assert 'Clear the run with "Clear existing tasks": it continues where it stopped.' in text
    assert f"<{on_call.airflow.url}/dags/healthcare_pipeline/runs/manual__" in text
    assert "<docs/runbook.md#timed_out_run|Runbook>" in text
    assert on_call.alerts() == [f"A run took too long and was stopped: {on_call.run_id}"]

    on_call.api.clear_run(on_call.run_id)
    on_call.expect("success")
    assert reads.count(VACCINATION) == 1, "a file that had landed was read again"
    stopped = f"Recovered: A run took too long and was stopped: {on_call.run_id}"
    assert on_call.alerts() == ["Recovered: A file is quarantined: notes.csv", stopped]


def test_no_log_holds_a_secret(on_call: OnCall) -> None:
    environment = on_call.airflow.environment
    names = ("AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__API__SECRET_KEY", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
    secrets = [*(environment[name] for name in names), on_call.airflow.login["password"], "hidden-token"]
    logs = [path for folder in (on_call.airflow.folder / "logs", on_call.home.home) for path in folder.rglob("*.log")]
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in logs}
    assert any("land" in str(path) for path in logs)
    assert [path.name for path, text in texts.items() if any(secret in text for secret in secrets)] == []


def test_run_whose_report_is_killed_is_told_by_airflow_and_recovers_when_it_is_cleared(on_call: OnCall) -> None:
    on_call.trigger()
    on_call.kill("report")
    on_call.expect("failed")
    on_call.wait_for_alert("A run failed without a report")
    assert on_call.alerts() == [f"A run failed without a report: {on_call.run_id}"]

    assert on_call.api.clear(on_call.run_id, ["report"]) == {"report"}
    on_call.expect("success")
    assert on_call.alerts() == [f"Recovered: A run failed without a report: {on_call.run_id}"]


def test_nothing_is_left_running(on_call: OnCall) -> None:
    folders = (on_call.airflow.folder, on_call.database)
    assert len(processes_in(*folders)) > len(on_call.airflow.programs)

    on_call.everything.close()

    assert processes_in(*folders) == []
