"""The words of the page "Data landing": what stands first, what is said of each file version, what a filter keeps."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from include.ingest.checkpoints import Checkpoint, Status
from include.on_call.landing_page.runs import Run, Runs
from include.on_call.landing_page.versions import Filter, Version, count_by_status, describe_versions
from tests.checkpoints import checkpoint_of as checkpoint


def described(*checkpoints: Checkpoint, runs: Runs | None = None) -> list[Version]:
    return describe_versions(checkpoints, checkpoints, runs or Runs())


class TestOrder:
    def test_refused_files_stand_first_and_loaded_ones_last(self) -> None:
        versions = described(
            checkpoint("a.csv", Status.LOADED), checkpoint("b.csv", Status.LANDED), checkpoint("z.csv", Status.QUARANTINED)
        )
        assert [version.name for version in versions] == ["z.csv", "b.csv", "a.csv"]

    def test_statuses_are_counted_in_the_same_order(self) -> None:
        counts = count_by_status([checkpoint("a", Status.LOADED), checkpoint("b", Status.LOADED), checkpoint("c", Status.LANDED)])
        assert [(str(status), count) for status, count in counts.items() if count] == [("LANDED", 1), ("LOADED", 2)]


class TestFilter:
    KNOWN = checkpoint("NH_Penalties_Feb2025.csv", Status.LOADED, md5="0cc175b9", family="nh_penalties", period="2025-02")

    @pytest.mark.parametrize("text", ["", "penalties", "2025-02", "0CC175", "loaded", "  feb2025   nh_penalties "])
    def test_words_are_looked_for_in_name_family_period_md5_and_status(self, text: str) -> None:
        assert Filter.of_query(text, "").has_words_of(self.KNOWN)

    @pytest.mark.parametrize("text", ["ownership", "penalties 2024", "quarantined"])
    def test_every_word_must_occur(self, text: str) -> None:
        assert not Filter.of_query(text, "").has_words_of(self.KNOWN)

    def test_refused_file_is_found_by_the_family_and_period_of_its_name(self) -> None:
        refused = checkpoint("NH_Penalties_Mar2025.csv", Status.QUARANTINED, reason="bad")
        assert Filter.of_query("nh_penalties 2025-03", "").has_words_of(refused)
        (version,) = described(checkpoint("notes.csv", Status.QUARANTINED, reason="bad"))
        assert (version.family, version.period) == ("", "")

    def test_it_goes_into_the_address_and_comes_back(self) -> None:
        assert Filter.of_query("a&b <c>", "LOADED").as_query() == "?q=a%26b+%3Cc%3E&status=LOADED"
        assert Filter().as_query() == ""

    def test_status_that_does_not_exist_filters_nothing(self) -> None:
        assert Filter.of_query("", "<script>").status is None


class TestVersion:
    def test_loaded_rows_are_told_of_loaded_versions_only(self) -> None:
        loaded, certified = described(
            checkpoint("b", Status.LOADED, rows_certified=7), checkpoint("a", Status.CERTIFIED, rows_certified=7)
        )[::-1]
        assert (loaded.rows_loaded, certified.rows_loaded) == (7, None)

    def test_characters_that_turn_the_writing_direction_are_shown(self) -> None:
        (version,) = described(checkpoint("invoice\u202evsc.exe", Status.LANDED))
        assert "\u202e" not in version.name
        assert "\\u202e" in version.name

    def test_refusal_tells_its_reason_but_no_novel(self) -> None:
        (version,) = described(checkpoint("a", Status.QUARANTINED, reason="column " * 10_000))
        assert 1000 < len(version.note) < 3000

    @pytest.mark.parametrize(("rejected", "words"), [(1, "1 record was"), (1200, "1,200 records were"), (0, "")])
    def test_rejected_records_are_pointed_to(self, rejected: int, words: str) -> None:
        (version,) = described(checkpoint("a", Status.LOADED, rows_rejected=rejected))
        assert version.note.startswith(words)
        assert bool(version.note) == bool(words)

    def test_repeat_names_its_original(self) -> None:
        (version,) = described(checkpoint("a", Status.LOADED, duplicate_of="b.csv"))
        assert "b.csv" in version.note

    def test_what_a_living_run_works_on_has_no_buttons(self) -> None:
        (version,) = described(checkpoint("a", Status.LANDED, lease_owner="run-1", lease_expires_at=int(time.time()) + 30))
        assert (version.can_be_retried, version.can_be_forgotten) == (False, False)
        assert "run-1" in version.note

    def test_what_a_dead_run_left_has_them(self) -> None:
        (version,) = described(checkpoint("a", Status.LANDED, lease_owner="run-1", lease_expires_at=int(time.time()) - 30))
        assert (version.can_be_retried, version.can_be_forgotten) == (True, True)
        assert "the next run continues" in version.note

    @pytest.mark.parametrize(
        ("status", "can_be_retried"),
        [("QUARANTINED", True), ("LANDED", True), ("CERTIFIED", True), ("DISCOVERED", False), ("LOADED", False)],
    )
    def test_retry_is_offered_where_there_is_something_to_send_back(self, status: str, can_be_retried: bool) -> None:
        (version,) = described(checkpoint("a", Status(status)))
        assert version.can_be_retried is can_be_retried

    def test_version_that_left_the_folder_is_not_retried(self) -> None:
        new, old = described(
            checkpoint("a", Status.QUARANTINED, file_id="1", md5="old", modified_at="2025-01-01T00:00:00Z"),
            checkpoint("a", Status.LANDED, file_id="1", md5="new", modified_at="2025-02-01T00:00:00Z"),
        )[::-1]
        assert (new.is_replaced, new.can_be_retried) == (False, True)
        assert (old.is_replaced, old.can_be_retried, old.can_be_forgotten) == (True, False, True)


def moment(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 1, 2, hour, minute, tzinfo=UTC)


class TestRuns:
    RUNS = Runs((Run("first", moment(3), moment(3, 30)), Run("second", moment(5), None)))

    def test_run_that_was_going_on_landed_the_file(self) -> None:
        assert self.RUNS.at("2026-01-02T03:04:05+00:00") == "first"
        assert self.RUNS.at("2026-01-02T05:04:05+00:00") == "second"

    def test_none_is_guessed_between_runs_or_where_two_ran(self) -> None:
        assert self.RUNS.at("2026-01-02T04:00:00+00:00") is None
        assert self.RUNS.at(None) is None
        side_by_side = Runs((*self.RUNS.known, Run("third", moment(3, 1), moment(3, 20))))
        assert side_by_side.at("2026-01-02T03:04:05+00:00") is None

    def test_run_that_airflow_has_deleted_is_no_link(self) -> None:
        (version,) = described(
            checkpoint("a", Status.LOADED, landed_at="2026-01-02T03:04:05+00:00", run_id="gone"), runs=self.RUNS
        )
        assert [(link.what, link.run_id, link.is_there) for link in version.runs] == [
            ("landed", "first", True),
            ("loaded", "gone", False),
        ]
