"""How one hub runs, as its command line says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from noisetamer.hub import logs
from noisetamer.hub.bus.client import GATHER_SECONDS

if TYPE_CHECKING:  # tasks that serve nothing read options too
    from fastapi import FastAPI


@dataclass(frozen=True)
class Options:
    """How one hub runs.

    bind: address of the page and of the broker's MQTT listener; ports: 0 for a free one;
    names: further host names or addresses units may use, the first is the one they are told;
    enrol: units to admit, "ID" or "ID=PLACE"; utc_offset: of the square's local time, h;
    https: of the page; None: where it is opened to the network; certificate, key: the user's;
    tell_time: to the units;
    exit_with_stdin: end when standard input closes; at_terminal: say more than a program would
    read; gather: s that reports may join a batch;
    inbox: show what phones would get, and send it nowhere;
    keep_days, export_to: how long seconds are kept, and where they are put then, None: for ever;
    log: its form, of `logs`; log_key: the key of the log that proves what was recorded, a file or
    pkcs11:..., '' is the hub's own file; extend: adds to the web application; lock: the file
    that says that such a hub runs in `data`.
    """

    data: Path
    bind: str = "127.0.0.1"
    port: int = 8080
    mqtt_port: int = 8883
    names: Sequence[str] = ()
    enrol: Sequence[str] = ()
    utc_offset: float = 8.0
    https: bool | None = None
    certificate: Path | None = None
    key: Path | None = None
    tell_time: bool = True
    exit_with_stdin: bool = False
    at_terminal: bool = False
    gather: float = GATHER_SECONDS
    inbox: bool = False
    log: str = logs.TEXT
    log_key: str = ""
    keep_days: int | None = None
    export_to: Path | None = None
    lock: str = "lock"
    extend: "Callable[[FastAPI], None] | None" = None
