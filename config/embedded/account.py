"""Who runs the servers, and running programs as that account."""

import contextlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

START_SECONDS = 120  # crash recovery after a hard stop may have gigabytes of log to replay


class EmbeddedServerError(Exception):
    """An embedded server cannot be started or stopped; the message says what to do."""


@dataclass(frozen=True)
class Account:
    """Who runs the servers. The ids are None where the caller runs them itself."""

    name: str
    uid: int | None = None
    gid: int | None = None


def server_account() -> Account:
    """Return who runs the servers: the caller, or an existing plain account where that is root."""
    if os.geteuid() != 0:
        return Account("you")
    for name in ("tongchou", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedServerError(
        "PostgreSQL does not run as root, and there is no account `tongchou` or `nobody`."
    )


def run(account: Account, program: Path | str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program as the account, without our environment, which may hold secrets."""
    return subprocess.run(
        [str(program), *arguments],
        user=account.uid,
        group=account.gid,
        extra_groups=None if account.uid is None else [],
        cwd="/",
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        umask=0o077,
        check=False,
        timeout=START_SECONDS + 30,
    )


def can_enter(account: Account, folder: Path) -> bool:
    return run(account, "/bin/sh", "-c", 'cd "$1"', "sh", str(folder)).returncode == 0


def own_folder(account: Account, folder: Path) -> None:
    """Make a folder that belongs to the account and to nobody else."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        if account.uid is not None and account.gid is not None:
            os.chown(folder, account.uid, account.gid)
    # A folder under /tmp could have been laid there by someone else.
    owner = os.geteuid() if account.uid is None else account.uid
    if folder.is_symlink() or folder.stat().st_uid != owner:
        raise EmbeddedServerError(f"{folder} does not belong to the account of the servers.")


def write(account: Account, path: Path, text: str) -> None:
    """Write a file that only the account may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        if account.uid is not None and account.gid is not None:
            os.fchown(file.fileno(), account.uid, account.gid)
        file.write(text)


def version_of(account: Account, program: Path) -> str | None:
    """Return what `--version` prints, or None where the account cannot run the program."""
    try:
        answer = run(account, program, "--version")
    except OSError:
        return None
    return answer.stdout if answer.returncode == 0 else None


def folder_of_package(name: str) -> Path:
    """Return the folder of an installed package without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedServerError(
            f"The package {name} is not installed. Run `make setup`, or set DATABASE_URL and"
            " REDIS_URL to use servers of your own."
        )
    return Path(spec.origin).parent


def readable_copy(servers: Path, package: Path, parts: Sequence[str], probe: Path) -> Path:
    """Copy parts of an installed package beside the data, for an account that cannot read it.

    The copy is named by the program's size and time, so that a new wheel makes a new copy.
    """
    stamp = probe.stat()
    copy = servers / f"bin-{probe.name}-{stamp.st_size}-{int(stamp.st_mtime)}"
    if not copy.exists():
        for old in servers.glob(f"bin-{probe.name}-*"):
            shutil.rmtree(old)
        unfinished = copy.with_suffix(".new")
        for part in parts:
            if (package / part).is_dir():
                shutil.copytree(package / part, unfinished / part, symlinks=True)
            else:
                (unfinished / part).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(package / part, unfinished / part)
        for made in (unfinished, *unfinished.rglob("*")):
            made.chmod(made.stat().st_mode | (0o755 if made.is_dir() else 0o444))
        unfinished.rename(copy)
    return copy
