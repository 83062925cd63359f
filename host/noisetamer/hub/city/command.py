"""The command line of a city: `noisetamer city`."""

import argparse
import re
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.hub import logs

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
"""Of a broker: it is a folder, and an instance of a systemd unit."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of `noisetamer city`."""
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    up = tasks.add_parser("up", help="a whole city on this machine, to try and to look at")
    up.add_argument("--local", type=Path, required=True, metavar="DIR", help="all it keeps")
    up.add_argument("--units", type=int, default=0, metavar="N", help="let in SIM-0001 to N")
    up.add_argument("--workers", type=int, default=2, metavar="N")
    up.add_argument("--hubs", type=int, default=2, metavar="N")
    up.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    preparing = tasks.add_parser("prepare", help="the folder that each machine of a city gets")
    preparing.add_argument(
        "--broker",
        action="append",
        default=[],
        metavar="NAME=ADDRESS",
        help="three of them, as machines of the city reach them",
    )
    preparing.add_argument(
        "--name",
        action="append",
        default=[],
        help="host name units connect to; it leads to all brokers",
    )
    preparing.add_argument(
        "--database", required=True, metavar="URL", help="postgresql://..., as workers reach it"
    )
    renewing = tasks.add_parser("renew", help="certificates of the brokers, for two years more")
    broker = tasks.add_parser("broker", help="one broker of the cluster")
    broker.add_argument("--name", required=True, help="in city.toml")
    broker.add_argument("--bind", default="0.0.0.0", metavar="ADDRESS")
    worker = tasks.add_parser("worker", help="stores what boxes report; as many as you like")
    hub = tasks.add_parser("hub", help="pages and calls; as many as you like")
    hub.add_argument("--name", required=True, help="of this one; a page address is its own")
    hub.add_argument("--bind", default="127.0.0.1", metavar="ADDRESS", help="0.0.0.0: all")
    hub.add_argument("--port", type=int, default=8080, help="of the page; 0: a free one")
    hub.add_argument(
        "--utc-offset", type=float, default=8.0, metavar="H", help="of the squares' clock"
    )
    hub.add_argument(
        "--plain-http",
        dest="https",
        action="store_false",
        default=None,
        help="beyond this machine too: where a proxy before it has the certificate",
    )
    hub.add_argument("--inbox", action="store_true", help="show calls here, send them nowhere")
    for task in (preparing, renewing, broker, worker, hub):
        task.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder")
    for task in (broker, worker, hub):
        task.add_argument("--log", choices=(logs.TEXT, logs.JSON), default=logs.TEXT)
        task.add_argument(
            "--with-parent", action="store_true", help="end when standard input closes"
        )


def run_command(arguments: argparse.Namespace) -> int:
    """Raises UserError for what the user can mend."""
    # only what is wanted is imported
    match arguments.task:
        case "up":
            from noisetamer.hub.city import up

            if arguments.workers < 1 or arguments.hubs < 1 or arguments.units < 0:
                raise UserError("A city has at least one worker and one hub: --workers, --hubs.")
            size = up.Size(arguments.workers, arguments.hubs)
            up.run(arguments.local, arguments.units, size, arguments.with_parent)
        case "prepare":
            _prepare(arguments)
        case "renew":
            _renew(arguments.data)
        case "broker":
            from noisetamer.hub.city import broker

            broker.run(
                broker.Options(
                    *(arguments.data.resolve(), arguments.name, arguments.bind),
                    *(arguments.log, arguments.with_parent),
                )
            )
        case "worker":
            from noisetamer.hub.city import worker

            worker.run(
                worker.Options(arguments.data.resolve(), arguments.log, arguments.with_parent)
            )
        case "hub":
            from noisetamer.hub.city import hub

            hub.run(arguments)
    return 0


def _prepare(arguments: argparse.Namespace) -> None:
    import secrets

    from noisetamer.base.database import place
    from noisetamer.hub.city import layout
    from noisetamer.hub.city.prepare import prepare

    data: Path = arguments.data
    try:
        place.checked(arguments.database)
    except UserError as error:
        raise UserError(f"--database {arguments.database} {error}") from None
    if (data / layout.FILE).exists():
        raise UserError(f"{data} is prepared already; name another folder with --data.")
    brokers = []
    for told in arguments.broker:
        name, _, host = told.partition("=")
        if not _NAME.fullmatch(name) or not host:
            raise UserError(f"--broker {told}: say NAME=ADDRESS, for example nats-1=10.0.0.11.")
        brokers.append(layout.Server(name, host, 4222, 8883, 6222))
    if len({one.name for one in brokers}) < len(brokers):
        raise UserError("Two brokers have one name: give each --broker its own.")
    if len(brokers) not in (3, 5):
        raise UserError("A city has 3 brokers (or 5): give --broker as often.")
    city = layout.Layout(
        layout.PARTS, secrets.token_urlsafe(32), secrets.token_urlsafe(32), tuple(brokers)
    )
    prepare(data, city, arguments.name, arguments.database)
    print(
        f"{data}: copy it to each machine; the authority's key, certificates/ca.key, stays here."
    )


def _renew(data: Path) -> None:
    import datetime

    from noisetamer.hub.city.prepare import renew

    for name, ends in renew(data, datetime.datetime.now(datetime.UTC)).items():
        print(
            f"{name}: until {ends:%Y-%m-%d}; copy {data}/certificates/{name} to its machine and to"
            " the hubs', where it is taken up within a minute"
        )
