"""Processes and sockets: what runs, what listens, what is gone."""

import socket
import subprocess
import time
from pathlib import Path


def listens(path: Path, *, say: bytes = b"", hear: bytes = b"") -> bool:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(5)
            line.connect(str(path))
            if say:
                line.sendall(say)
                return line.recv(64).startswith(hear)
            return True
    except OSError:
        return False


def runs(pid: int, *words: str) -> bool:
    """Tell whether the process lives and names one of the words on its command line.

    The number alone proves nothing: after a restart of the machine it belongs to someone else.
    """
    try:
        line = (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        )
    except OSError:
        if Path("/proc/self").exists():
            return False
        ps = ["ps", "-o", "command=", "-p", str(pid)]
        line = subprocess.run(ps, capture_output=True, text=True, check=False).stdout
    return any(word in line for word in words)


def gone(pid: int, folder: Path | str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while runs(pid, str(folder)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def tail(log: Path, lines: int = 12) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
