"""The state machine in DynamoDB: conditional writes, and leases that are held, run out and are taken over."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from include.contracts.drift import LayoutNotice, NoticeKind
from include.contracts.errors import UnknownFamilyError
from include.ingest.checkpoints import TTL_ATTRIBUTE, Certified, Checkpoint, CheckpointTable, Landed, Lease, Loaded, Status
from include.ingest.errors import FileChangedWhileReadError, LeaseHeldError
from include.ingest.file_version import FileVersion
from include.settings import Settings
from tests.checkpoints import recorded

FILE = FileVersion.named("id-1", "md5-1", "NH_Penalties_Feb2025.csv", 10, "2024-10-01T00:00:00.000Z")
NEXT_VERSION = FileVersion.named("id-1", "md5-2", FILE.name, 11, "2024-10-02T00:00:00.000Z")


LANDED = Landed("k", "2024-10-02T00:00:00+00:00")

Abandon = Callable[[CheckpointTable, Checkpoint, str], Lease]


@pytest.fixture
def table_of(settings: Settings, dynamodb: Any) -> Callable[[int], CheckpointTable]:
    """The table as a run sees it whose leases last so many seconds."""
    return lambda seconds: CheckpointTable(dynamodb.Table(settings.dynamodb_table), seconds)


@pytest.fixture
def table(table_of: Callable[[int], CheckpointTable]) -> CheckpointTable:
    return table_of(60)


@pytest.fixture
def item(settings: Settings, dynamodb: Any) -> Callable[[], dict[str, Any]]:
    """The version as DynamoDB holds it."""
    key = {"file_id": FILE.file_id, "file_md5": FILE.file_md5}
    return lambda: dict(dynamodb.Table(settings.dynamodb_table).get_item(Key=key)["Item"])


@pytest.fixture
def hasty(table_of: Callable[[int], CheckpointTable]) -> CheckpointTable:
    """Leases that have run out as soon as they are given, and no patience."""
    return table_of(-2)


@pytest.fixture
def abandon() -> Abandon:
    """Claims a version as a run does that is killed or asleep: the lease is not given back."""
    kept_from_the_garbage_collector = []

    def claim(table: CheckpointTable, checkpoint: Checkpoint, owner: str) -> Lease:
        context = table.claim(checkpoint, owner)
        kept_from_the_garbage_collector.append(context)
        return context.__enter__()

    return claim


class TestStateMachine:
    def test_new_version_is_discovered_with_the_documented_attributes(self, table: CheckpointTable) -> None:
        found = table.discover(FILE)
        assert found == Checkpoint(
            "id-1", "md5-1", FILE.name, Status.DISCOVERED, found.timestamp, size=10, modified_at=FILE.modified_at
        )
        assert found.version == FILE
        assert found.timestamp > "2024"

    def test_known_version_is_left_as_it_is(self, table: CheckpointTable) -> None:
        with table.claim(table.discover(FILE), "run-1") as lease:
            landed = lease.advance(Status.LANDED, LANDED)
        assert table.discover(FILE) == landed

    def test_changed_content_is_a_new_version_beside_the_old(self, table: CheckpointTable) -> None:
        table.discover(FILE)
        table.discover(NEXT_VERSION)
        assert {found.file_md5 for found in table.versions_of("id-1")} == {"md5-1", "md5-2"}
        assert {found.file_md5 for found in table.all()} == {"md5-1", "md5-2"}

    def test_version_goes_through_all_states_and_keeps_what_each_step_recorded(self, table: CheckpointTable) -> None:
        notices = (LayoutNotice("Mood", NoticeKind.NEW), LayoutNotice("State", NoticeKind.WITHDRAWN))
        certified = Certified(
            "nh_penalties",
            "2025-02",
            "utf-8",
            9,
            7,
            2,
            "b",
            "r",
            facilities=5,
            unmapped=("Mood",),
            notices=notices,
            certification=2,
        )
        steps: list[tuple[Status, Any]] = [
            (Status.LANDED, LANDED),
            (Status.CERTIFIED, certified),
            (Status.LOADED, Loaded("r", "2024-10-03 00:00:00")),
        ]
        times = [table.discover(FILE).timestamp]
        for status, done in steps:
            with table.claim(table.get("id-1", "md5-1"), "run-1") as lease:
                times.append(lease.advance(status, done).timestamp)
        loaded = table.get("id-1", "md5-1")
        assert loaded.status is Status.LOADED
        assert [loaded.landed, loaded.certified, loaded.loaded] == [done for _, done in steps]
        assert type(recorded(loaded.certified).rows_certified) is int
        assert times == sorted(set(times))

    def test_quarantined_version_tells_code_and_reason(self, table: CheckpointTable) -> None:
        error = UnknownFamilyError(FILE.name)
        with table.claim(table.discover(FILE), "run-1") as lease:
            lease.quarantine(error)
        known = table.get("id-1", "md5-1")
        assert known.status is Status.QUARANTINED
        assert (recorded(known.refusal).error_code, recorded(known.refusal).reason) == ("unknown_family", str(error))

    def test_reset_takes_the_complaint_away_and_can_take_a_new_name(self, table: CheckpointTable) -> None:
        with table.claim(table.discover(FILE), "run-1") as lease:
            refused = lease.quarantine(UnknownFamilyError(FILE.name))
        table.reset(refused, Status.DISCOVERED, "renamed.csv")
        again = table.get("id-1", "md5-1")
        assert (again.status, again.filename) == (Status.DISCOVERED, "renamed.csv")
        assert again.refusal is None

    def test_complaint_of_a_failed_try_is_gone_when_the_next_succeeds(self, table: CheckpointTable) -> None:
        error = FileChangedWhileReadError(FILE.name, "md5-1", "md5-2")
        with table.claim(table.discover(FILE), "run-1") as lease:
            lease.record(error_code=error.code, reason=str(error))
        assert recorded(table.get("id-1", "md5-1").refusal).reason == str(error)
        with table.claim(table.get("id-1", "md5-1"), "run-1") as lease:
            lease.advance(Status.LANDED)
        assert table.get("id-1", "md5-1").refusal is None

    def test_versions_of_a_state_and_run_are_found_among_all(self, table: CheckpointTable) -> None:
        for file, run in ((FILE, "run-1"), (NEXT_VERSION, "run-2")):
            with table.claim(table.discover(file), run) as lease:
                lease.advance(Status.LOADED, run_id=run)
        table.discover(replace(FILE, file_id="id-2"))
        assert [found.file_id for found in table.all(status=Status.DISCOVERED)] == ["id-2"]
        assert [found.file_md5 for found in table.all(status=Status.LOADED, run_id="run-2")] == ["md5-2"]
        assert list(table.all(status=Status.QUARANTINED)) == []

    def test_every_page_of_the_table_is_read(self, table: CheckpointTable) -> None:
        padding = "x" * 300_000
        for number in range(5):  # DynamoDB gives at most 1 MB a page
            with table.claim(table.discover(FileVersion.named(f"id-{number}", "md5", "a.csv", 1, "t")), "run-1") as lease:
                lease.record(reason=padding)
        assert {found.file_id for found in table.all()} == {f"id-{number}" for number in range(5)}

    def test_deleted_version_is_gone_and_neither_claim_nor_reset_brings_it_back(self, hasty: CheckpointTable) -> None:
        known = hasty.discover(FILE)
        hasty.delete(known)
        assert list(hasty.all()) == []
        with pytest.raises(KeyError), hasty.claim(known, "run-1"):
            pass
        with pytest.raises(KeyError):
            hasty.reset(known, Status.DISCOVERED)
        assert list(hasty.all()) == []

    def test_error_that_is_no_lost_condition_is_not_taken_for_one(self, dynamodb: Any) -> None:
        absent = CheckpointTable(dynamodb.Table("no-such-table"), 60)
        with pytest.raises(ClientError, match="ResourceNotFound"):
            absent.discover(FILE)


class TestLease:
    def test_held_lease_keeps_others_out_and_says_who_holds_it(
        self, table: CheckpointTable, hasty: CheckpointTable, abandon: Abandon
    ) -> None:
        with table.claim(table.discover(FILE), "run-1") as lease:
            with pytest.raises(LeaseHeldError, match=r"worked on by 'run-1' \(its lease ends in [56]\d s\)"):
                abandon(hasty, lease.checkpoint, "run-2")
            assert recorded(table.get("id-1", "md5-1").holder).lease_owner == "run-1"

    def test_lease_is_given_back_after_work_and_after_an_error(self, table: CheckpointTable) -> None:
        known = table.discover(FILE)
        with table.claim(known, "run-1"):
            pass
        assert table.get("id-1", "md5-1").holder is None
        with pytest.raises(ZeroDivisionError), table.claim(known, "run-1"):
            raise ZeroDivisionError
        assert table.get("id-1", "md5-1").holder is None

    def test_lease_is_given_back_when_the_worker_is_interrupted(self, table: CheckpointTable) -> None:
        with pytest.raises(KeyboardInterrupt), table.claim(table.discover(FILE), "run-1"):
            raise KeyboardInterrupt
        assert table.get("id-1", "md5-1").holder is None

    def test_same_run_takes_its_own_lease_up_again(self, table: CheckpointTable, abandon: Abandon) -> None:
        known = table.discover(FILE)
        abandon(table, known, "run-1")
        with table.claim(known, "run-1") as lease:
            assert lease.advance(Status.LANDED).status is Status.LANDED

    def test_lease_of_a_dead_run_is_waited_for_and_taken_over(
        self, table_of: Callable[[int], CheckpointTable], abandon: Abandon
    ) -> None:
        table = table_of(2)
        known = table.discover(FILE)
        abandon(table, known, "dead-run")
        began = time.time()
        with table.claim(known, "next-run") as lease:
            assert time.time() - began > 1
            assert lease.advance(Status.LANDED).status is Status.LANDED

    def test_run_that_lost_its_lease_cannot_overwrite_its_successor(
        self, table: CheckpointTable, hasty: CheckpointTable, abandon: Abandon
    ) -> None:
        known = hasty.discover(FILE)
        sleeper = abandon(hasty, known, "sleeper")
        with table.claim(known, "successor") as lease:
            for write in (sleeper.renew, lambda: sleeper.record(upload_id="u"), lambda: sleeper.advance(Status.LANDED)):
                with pytest.raises(LeaseHeldError):
                    write()
            lease.advance(Status.LANDED, Landed("successor's", "2024-10-02T00:00:00+00:00"))
        with pytest.raises(LeaseHeldError):
            sleeper.advance(Status.LANDED, Landed("sleeper's", "2024-10-02T00:00:00+00:00"))
        assert recorded(table.get("id-1", "md5-1").landed).raw_key == "successor's"

    def test_first_try_of_a_cleared_task_can_write_nothing_once_the_second_has_begun(
        self, table: CheckpointTable, abandon: Abandon
    ) -> None:
        """Both are the same run; a task that was taken for dead may still live somewhere."""
        known = table.discover(FILE)
        first = abandon(table, known, "run-1")
        with table.claim(known, "run-1") as second:
            for write in (first.renew, lambda: first.record(upload_id="u"), lambda: first.advance(Status.LANDED)):
                with pytest.raises(LeaseHeldError):
                    write()
            second.advance(Status.LANDED, Landed("second's", "2024-10-02T00:00:00+00:00"))
        assert recorded(table.get("id-1", "md5-1").landed).raw_key == "second's"

    def test_lease_that_a_dead_run_wrote_with_a_clock_an_hour_ahead_is_taken_over(
        self, table_of: Callable[[int], CheckpointTable], abandon: Abandon
    ) -> None:
        table = table_of(2)
        known = table.discover(FILE)
        abandon(table_of(3600), known, "dead-run")
        with table.claim(known, "next-run") as lease:
            assert lease.advance(Status.LANDED).status is Status.LANDED

    def test_lease_of_a_dead_run_is_taken_over_however_slowly_dynamodb_answers(
        self, table_of: Callable[[int], CheckpointTable], dynamodb: Any, abandon: Abandon
    ) -> None:
        table = table_of(1)
        known = table.discover(FILE)
        abandon(table_of(3600), known, "dead-run")
        events, answer_slowly = dynamodb.meta.client.meta.events, lambda **_: time.sleep(1.6)
        events.register("before-call.dynamodb", answer_slowly)
        try:
            with table.claim(known, "next-run") as lease:
                assert recorded(lease.checkpoint.holder).lease_owner == "next-run"
        finally:
            events.unregister("before-call.dynamodb", answer_slowly)

    def test_lease_that_is_renewed_is_not_taken_over_however_long_one_waits(
        self, table_of: Callable[[int], CheckpointTable], abandon: Abandon
    ) -> None:
        table = table_of(2)
        with table.claim(table.discover(FILE), "living-run") as lease, ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(abandon, table, lease.checkpoint, "next-run")
            while not waiting.done():
                lease.renew()
                time.sleep(0.2)
            with pytest.raises(LeaseHeldError, match="'living-run'"):
                waiting.result()
            lease.advance(Status.LANDED)

    def test_last_write_whose_answer_was_lost_is_known_as_done_when_boto3_sends_it_again(
        self, table: CheckpointTable, dynamodb: Any
    ) -> None:
        def lose_the_first_answer(attempts: int, **_: Any) -> int | None:
            return 0 if attempts == 1 else None

        with table.claim(table.discover(FILE), "run-1") as lease:
            dynamodb.meta.client.meta.events.register_first("needs-retry.dynamodb.UpdateItem", lose_the_first_answer)
            try:
                assert lease.advance(Status.LANDED, Landed("k", "2024-10-02T00:00:00+00:00")).status is Status.LANDED
            finally:
                dynamodb.meta.client.meta.events.unregister("needs-retry.dynamodb.UpdateItem", lose_the_first_answer)
        assert recorded(table.get("id-1", "md5-1").landed).raw_key == "k"

    def test_lost_lease_is_not_given_back_in_the_name_of_its_successor(
        self, table: CheckpointTable, hasty: CheckpointTable, abandon: Abandon
    ) -> None:
        known = hasty.discover(FILE)
        with hasty.claim(known, "sleeper"):
            abandon(table, known, "successor")
        assert recorded(table.get("id-1", "md5-1").holder).lease_owner == "successor"

    def test_renewal_puts_the_end_of_the_lease_off(self, table_of: Callable[[int], CheckpointTable]) -> None:
        with table_of(5).claim(table_of(5).discover(FILE), "run-1") as lease:
            first = recorded(table_of(5).get("id-1", "md5-1").holder).lease_expires_at
            table_of(500).renew(lease)
            assert recorded(table_of(5).get("id-1", "md5-1").holder).lease_expires_at >= first + 490

    def test_lease_that_a_killed_run_left_before_anything_was_landed_expires_in_a_month(
        self, table: CheckpointTable, abandon: Abandon, item: Callable[[], dict[str, Any]]
    ) -> None:
        lease = abandon(table, table.discover(FILE), "run-1")
        lease.record(upload_id="u")
        left = item()
        assert float(left[TTL_ATTRIBUTE]) - time.time() == pytest.approx(30 * 24 * 3600, abs=60)
        assert left[TTL_ATTRIBUTE] > left["lease_expires_at"]

    def test_checkpoint_never_expires(self, table: CheckpointTable, abandon: Abandon, item: Callable[[], dict[str, Any]]) -> None:
        """Neither when its lease was given back, nor when the version is landed, nor when a run is killed after that."""
        with table.claim(table.discover(FILE), "run-1") as lease:
            lease.renew()
        assert TTL_ATTRIBUTE not in item()
        with table.claim(table.discover(FILE), "run-1") as lease:
            lease.renew()
            landed = lease.advance(Status.LANDED, Landed("k", "2024-10-02T00:00:00+00:00"))
        assert TTL_ATTRIBUTE not in item()
        killed = abandon(table, landed, "run-1")
        killed.renew()
        killed.record(error_code="x", reason="y")
        assert TTL_ATTRIBUTE not in item()

    def test_checkpoint_does_not_expire_although_its_plan_is_older_than_its_landing(
        self, table: CheckpointTable, abandon: Abandon, item: Callable[[], dict[str, Any]]
    ) -> None:
        as_planned = table.discover(FILE)
        with table.claim(as_planned, "run-1") as lease:
            lease.advance(Status.LANDED, Landed("k", "2024-10-02T00:00:00+00:00"))
        abandon(table, as_planned, "run-2").renew()
        assert TTL_ATTRIBUTE not in item()

    def test_version_that_was_reset_does_not_expire(
        self, table_of: Callable[[int], CheckpointTable], abandon: Abandon, item: Callable[[], dict[str, Any]]
    ) -> None:
        hasty = table_of(-2)
        lease = abandon(hasty, hasty.discover(FILE), "run-1")
        lease.record(upload_id="u")
        hasty.reset(lease.checkpoint, Status.DISCOVERED)
        assert TTL_ATTRIBUTE not in item()

    def test_version_that_is_worked_on_is_not_reset(self, table: CheckpointTable) -> None:
        with table.claim(table.discover(FILE), "run-1") as lease:
            with pytest.raises(LeaseHeldError, match="'run-1'"):
                table.reset(lease.checkpoint, Status.DISCOVERED)
            lease.advance(Status.LANDED)
        assert table.get("id-1", "md5-1").status is Status.LANDED

    def test_of_many_that_claim_at_once_one_does_the_work(self, table_of: Callable[[int], CheckpointTable]) -> None:
        known = table_of(60).discover(FILE)

        def work(number: int) -> bool:
            with table_of(60).claim(known, f"run-{number}") as lease:
                if lease.checkpoint.status is not Status.DISCOVERED:
                    return False
                lease.advance(Status.LANDED, Landed(f"run-{number}", "2024-10-02T00:00:00+00:00"))
                return True

        with ThreadPoolExecutor(6) as pool:
            assert sorted(pool.map(work, range(6))) == [False] * 5 + [True]
