"""The folders and the secrets of one instance."""

import contextlib
import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.embedded.account import (
    Account,
    EmbeddedServerError,
    can_enter,
    server_account,
    write,
)

# Unix socket paths end at 107 bytes; PostgreSQL appends "/.s.PGSQL.5432" to the folder.
LONGEST_SOCKET_FOLDER = 90

DATABASE_URLS = {
    "DATABASE_URL": "tongchou",
    "DATABASE_URL_WEB": "tongchou_web",
    "DATABASE_URL_WORKER": "tongchou_worker",
}
INSTANCE_SECRETS = ("SECRET_KEY", "IDENTITY_ENCRYPTION_KEYS", "IDENTITY_DIGEST_KEY")


@dataclass(frozen=True)
class Instance:
    """The folders of one instance. `servers` is the home, unless the account cannot reach it."""

    home: Path
    servers: Path
    sockets: Path
    secrets: dict[str, str]

    @property
    def data(self) -> Path:
        return self.servers / "pg"

    @property
    def valkey(self) -> Path:
        return self.servers / "valkey"

    @property
    def logs(self) -> Path:
        return self.servers / "log"

    @property
    def broker_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def prepared(self) -> Path:
        """The mark that roles and database exist; written last."""
        return self.servers / "prepared"

    def database_url(self, role: str, database: str = "tongchou") -> str:
        """Return the address that connects as this role. The host is the socket's folder."""
        return f"postgresql://{role}:{self.secrets[role]}@/{database}?host={self.sockets}&port=5432"

    def broker_url(self) -> str:
        """Return the address as kombu and Celery read it (redis-py alone calls it `unix://`)."""
        return f"redis+socket://{self.broker_socket}?virtual_host=0"


def open_instance(home: Path) -> Instance | None:
    """Read the instance of a home that has one."""
    try:
        kept: dict[str, str] = json.loads((home / "secrets.json").read_text())
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise EmbeddedServerError(
            f"{home} belongs to another user. Set TONGCHOU_HOME to a folder of your own."
        ) from error
    return Instance(
        home=home, servers=Path(kept["servers"]), sockets=Path(kept["sockets"]), secrets=kept
    )


def create_instance(home: Path) -> Instance:
    """Make the secrets of a new instance and choose the folders of its servers. Under the lock."""
    account = server_account()
    name = secrets.token_hex(4)
    servers = home
    if not can_enter(account, home):
        # Parents are not ours to open: the data of the servers goes where their account may go.
        servers = Path("/var/lib/tongchou" if os.access("/var/lib", os.W_OK) else "/var/tmp") / name
        servers.mkdir(parents=True, mode=0o711)
        if not can_enter(account, servers):
            raise EmbeddedServerError(
                f"The account {account.name}, which runs the servers, cannot enter {home} nor"
                f" {servers}. Set TONGCHOU_HOME to a folder that it can reach."
            )
    sockets = servers / "run"
    plain = re.fullmatch(r"[A-Za-z0-9/._-]+", str(sockets))
    if not plain or len(os.fsencode(sockets)) > LONGEST_SOCKET_FOLDER:
        sockets = Path("/tmp") / f"tongchou-{name}"
    kept = {
        "servers": str(servers),
        "sockets": str(sockets),
        "SECRET_KEY": secrets.token_hex(32),
        "IDENTITY_ENCRYPTION_KEYS": f"1:{secrets.token_hex(16)}",
        "IDENTITY_DIGEST_KEY": secrets.token_hex(16),
        "tongchou_admin": secrets.token_hex(16),
    }
    kept |= {role: secrets.token_hex(16) for role in DATABASE_URLS.values()}
    written = home / "secrets.json.new"
    written.unlink(missing_ok=True)
    write(Account("you"), written, json.dumps(kept, indent=1))
    written.rename(home / "secrets.json")
    return Instance(home=home, servers=servers, sockets=sockets, secrets=kept)


@contextlib.contextmanager
def lock(home: Path) -> Iterator[None]:
    """Let one process at a time start or stop the servers of a home, which is made if missing."""
    try:
        # A new or empty folder is ours: the account of the servers must be able to pass through.
        if not home.is_dir() or not any(home.iterdir()):
            home.mkdir(parents=True, exist_ok=True)
            home.chmod(0o711 if os.geteuid() == 0 else 0o700)
        file = (home / "lock").open("w")
    except OSError as error:
        raise EmbeddedServerError(
            f"The instance needs a folder, but {home}: {error.strerror}."
            " Set TONGCHOU_HOME to a folder that you may write."
        ) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
