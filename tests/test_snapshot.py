"""The last good snapshot on disk: private, whole, of the same account only, and no secrets in it."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevo_api import Pipeline
from monitor.snapshot import Snapshot, SnapshotFile, without_secrets
from tests.account_house import House, house_on

ACCOUNT = "0123456789abcdef"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_on(tmp_path) as house:
        yield house


texts = st.none() | st.text()
pipelines = st.builds(
    Pipeline,
    id=st.text(),
    **dict.fromkeys(
        (
            "name",
            "status",
            "health_status",
            "source_name",
            "source_type",
            "destination_name",
            "destination_type",
            "schedule_type",
            "schedule_value",
        ),
        texts,
    ),
    raw=st.just({"webhook_url": "https://hooks.example/secret"}),
)


@settings(deadline=None, max_examples=40)
@given(rows=st.lists(pipelines), answered_at=st.floats(min_value=0, max_value=1e10))
def test_what_is_saved_comes_back_without_what_is_not_shown(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Pipeline], answered_at: float
) -> None:
    file = SnapshotFile(tmp_path_factory.getbasetemp() / "round", ACCOUNT)
    file.save(Snapshot(tuple(rows), answered_at, generation=3))
    back = file.load()
    assert back == Snapshot(tuple(rows), answered_at)
    assert "secret" not in repr([one.raw for one in back.pipelines])


def test_a_restart_during_an_outage_shows_the_rows_from_disk(house: House) -> None:
    rows = house.watched().view().snapshot
    assert rows is not None
    house.sandbox.faults.order("status", status=503)
    house.clock.move(300)
    account = house.account()
    first = account.view()
    assert first.snapshot is not None
    assert first.snapshot.pipelines == rows.pipelines
    assert (first.age, first.confirmed) == (300, False)
    later = house.pass_time(account, 60)
    assert later.snapshot is first.snapshot
    assert later.trouble is not None
    assert not later.confirmed
    assert later.age is not None
    assert later.age > 300
    house.sandbox.faults.clear()
    assert house.pass_time(account, 60).confirmed


def test_a_restart_does_not_wait_when_there_are_rows_on_disk(house: House) -> None:
    house.watched()
    house.sandbox.faults.order("hang")
    account = house.account(threads=True)
    assert account.view(wait=60).snapshot is not None
    account.close()


def test_only_the_owner_may_read_the_file(house: House) -> None:
    house.watched()
    [file] = house.folder.glob("snapshot-*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(house.folder.stat().st_mode) == 0o700


def test_the_file_holds_only_what_the_pages_show(house: House) -> None:
    house.watched()
    [file] = house.folder.glob("snapshot-*.json")
    saved = file.read_text()
    kinds = {name for row in json.loads(saved)["pipelines"] for name in row}
    assert kinds == {
        "id",
        "name",
        "status",
        "health_status",
        "source_name",
        "source_type",
        "destination_name",
        "destination_type",
        "schedule_type",
        "schedule_value",
    }
    hooks = [str(one.raw["webhook_url"]) for one in house.client().list_pipelines() if "webhook_url" in one.raw]
    assert hooks
    assert not any(hook in saved for hook in hooks)


@pytest.mark.parametrize("name", ["postgres://ann:pa:ss@host/db", "sftp://t0ken@host", "x jdbc:mysql://a:p@b@h"])
def test_a_user_in_an_address_is_masked(name: str) -> None:
    pipeline = Pipeline.from_json({"id": 1, "source": {"name": name}, "webhook_url": "https://hooks.example/t0ken"})
    shown = without_secrets(pipeline)
    assert shown.name is not None
    assert shown.name.split("://")[1].startswith("…@h")
    assert shown.source_name == shown.name
    assert shown.raw == {}


def test_what_pages_get_holds_nothing_but_the_shown_fields(house: House) -> None:
    snapshot = house.watched().view().snapshot
    assert snapshot is not None
    assert not any(one.raw or (one.schedule and one.schedule.raw) for one in snapshot.pipelines)


def test_another_account_never_sees_the_file(house: House) -> None:
    account = house.watched()
    other = house.client(house.sandbox.member_key, house.sandbox.member_secret)
    assert house.account(other).view().snapshot is None
    [file] = house.folder.glob("snapshot-*.json")
    file.rename(house.folder / f"snapshot-{other.fingerprint}.json")
    assert house.account(other).view().snapshot is None
    assert account.view().snapshot is not None


def test_an_account_whose_address_changes_may_be_known_by_another_name(house: House) -> None:
    house.watched(fingerprint="sample")
    other = house.client(house.sandbox.member_key, house.sandbox.member_secret)
    assert house.account(other, fingerprint="sample").view().snapshot is not None


def test_a_clock_set_back_since_the_last_answer_makes_no_negative_age(house: House) -> None:
    house.watched()
    house.clock.move(-7_200)
    account = house.account()
    assert account.view().age == 0
    house.clock.move(30)
    assert account.view().age == 30


def good() -> dict[str, Any]:
    row = {"id": "1", "name": "A", "status": "ACTIVE", "health_status": "OK", "source_name": None}
    row |= {"source_type": "MySQL", "destination_name": None, "destination_type": None}
    row |= {"schedule_type": None, "schedule_value": None}
    return {"version": 2, "account": ACCOUNT, "answered_at": 1.5, "pipelines": [row]}


def test_a_good_file_is_read(tmp_path: Path) -> None:
    (tmp_path / f"snapshot-{ACCOUNT}.json").write_text(json.dumps(good()))
    assert SnapshotFile(tmp_path, ACCOUNT).load() is not None


@pytest.mark.parametrize(
    "change",
    [
        {"version": 1},
        {"account": "another"},
        {"answered_at": None},
        {"answered_at": "1"},
        {"answered_at": float("nan")},
        {"answered_at": True},
        {"pipelines": None},
        {"pipelines": "text"},
        {"pipelines": [None]},
        {"pipelines": [{}]},
        {"pipelines": [{**good()["pipelines"][0], "id": 1}]},
        {"pipelines": [{**good()["pipelines"][0], "name": ["x"]}]},
        {"pipelines": [{**good()["pipelines"][0], "schedule_value": 30}]},
    ],
)
def test_an_odd_file_is_ignored_with_a_line_in_the_log(
    tmp_path: Path, change: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / f"snapshot-{ACCOUNT}.json").write_text(json.dumps({**good(), **change}))
    assert SnapshotFile(tmp_path, ACCOUNT).load() is None
    assert "cannot be read" in caplog.text


def test_a_huge_file_is_not_even_read(tmp_path: Path) -> None:
    content = json.dumps(good()).encode()
    (tmp_path / f"snapshot-{ACCOUNT}.json").write_bytes(content + b" " * 64_000_000)
    assert SnapshotFile(tmp_path, ACCOUNT).load() is None


@settings(deadline=None, max_examples=40)
@given(content=st.binary() | st.from_regex(rb"\{.*\}") | st.sampled_from([b"[" * 100_000, b"null", b"[]", b'"x"']))
def test_no_bytes_on_disk_stop_the_dashboard(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / f"snapshot-{ACCOUNT}.json").write_bytes(content)
    assert SnapshotFile(folder, ACCOUNT).load() is None


def test_a_failed_save_leaves_the_last_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = SnapshotFile(tmp_path, ACCOUNT)
    file.save(Snapshot((), 1.0))

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    file.save(Snapshot((), 2.0))
    monkeypatch.undo()
    kept = file.load()
    assert kept is not None
    assert kept.answered_at == 1.0
    assert len(list(tmp_path.iterdir())) == 1


def test_the_dashboard_works_where_nothing_can_be_written(house: House) -> None:
    house.folder.parent.joinpath("file").write_text("in the way")
    account = house.watched(data_dir=house.folder.parent / "file" / "below")
    assert account.view().confirmed
    assert house.watched(data_dir=None).view().confirmed
    assert not house.folder.exists()
