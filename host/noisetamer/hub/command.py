"""The command line of the hub: `noisetamer hub`."""

import argparse
from dataclasses import replace
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.loading import loading
from noisetamer.hub import at_database, logs
from noisetamer.hub.city import layout as city_layout
from noisetamer.hub.log import stamp_command, witness_command
from noisetamer.hub.maintenance import backup, move_command
from noisetamer.hub.maintenance.check import check
from noisetamer.hub.maintenance.repair import repair
from noisetamer.hub.options import Options
from noisetamer.hub.people.people import note_command
from noisetamer.hub.process import alone_in
from noisetamer.hub.registry import Units, registered


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of `noisetamer hub`."""
    parser.add_argument("--data", type=Path, metavar="DIR", help="all it keeps")
    parser.add_argument("--bind", default="127.0.0.1", metavar="ADDRESS", help="0.0.0.0: all")
    parser.add_argument("--port", type=int, default=8080, help="of the page; 0: a free one")
    parser.add_argument("--mqtt-port", type=int, default=8883, help="for the units; 0: a free one")
    parser.add_argument(
        "--name", action="append", default=[], help="host name or address units connect to"
    )
    parser.add_argument(
        "--https",
        action="store_true",
        default=None,
        help="also on this machine alone; beyond it the page is always HTTPS",
    )
    parser.add_argument(
        "--plain-http",
        dest="https",
        action="store_false",
        help="beyond this machine too: where a proxy before it has the certificate",
    )
    parser.add_argument(
        "--certificate", type=Path, metavar="FILE", help="your own, PEM with its chain"
    )
    parser.add_argument("--key", type=Path, metavar="FILE", help="of --certificate, PEM")
    parser.add_argument(
        "--enrol",
        action="append",
        default=[],
        metavar="ID[=PLACE]",
        help="admit a unit; the page names it by its place: SIM-0001=东门广场",
    )
    parser.add_argument(
        "--utc-offset", type=float, default=8.0, metavar="H", help="of the square's clock"
    )
    parser.add_argument(
        "--no-tell-time",
        action="store_true",
        help="leave the units their clocks: for simulated ones, which live at another time",
    )
    parser.add_argument(
        "--inbox",
        action="store_true",
        help="show here what phones would be sent, and send it nowhere: for drills",
    )
    parser.add_argument(
        "--keep-days",
        type=int,
        metavar="N",
        help="let go of seconds that are older, once they are in --export-to; for ever by default",
    )
    parser.add_argument(
        "--export-to", type=Path, metavar="FOLDER", help="where they are put, best on another disk"
    )
    parser.add_argument(
        "--database",
        metavar="URL",
        help="postgresql://USER:PASSWORD@HOST/NAME: where the stores are from the first start on; "
        "files in --data by default",
    )
    parser.add_argument(
        "--log", choices=(logs.TEXT, logs.JSON), default=logs.TEXT, help="form of what it says"
    )
    parser.add_argument(
        "--log-key",
        default="",
        metavar="pkcs11:...",
        help="a token that signs what the hub vouches for; a file of its own by default",
    )
    parser.add_argument(
        "--with-parent", action="store_true", help="end when standard input closes"
    )
    tasks = parser.add_subparsers(dest="task", metavar="TASK")
    making = tasks.add_parser("backup", help="all of a hub in one file, while it runs")
    making.add_argument("folder", type=Path, metavar="FOLDER", help="where the file is put")
    restoring = tasks.add_parser("restore", help="a hub again, in an empty folder")
    restoring.add_argument("file", type=Path, metavar="FILE", help="that backup made")
    tasks.add_parser("check", help="whether all that a hub keeps is sound")
    repairing = tasks.add_parser("repair", help="what check calls damaged, while no hub runs")
    repairing.add_argument(
        "--from",
        dest="archive",
        type=Path,
        metavar="FILE",
        help="a backup, to fill the gaps",
    )
    move_command.add_options(
        tasks.add_parser("move", help="all stores to a PostgreSQL database, or back into files")
    )
    revoking = tasks.add_parser("revoke", help="let a unit in no more, from the next second on")
    revoking.add_argument("unit", metavar="ID", help="what it reported stays")
    keying = tasks.add_parser("keys", help="the key list that counts here, or a newer one")
    keying.add_argument(
        "file", type=Path, nargs="?", metavar="KEYS.list", help="to count from now"
    )
    keying.add_argument("--root", type=Path, metavar="ROOT.pub", help="that signed it")
    keying.add_argument(
        "--replace-root", default="", metavar="FINGERPRINT", help="where the old one was lost"
    )
    witness_command.add_options(
        tasks.add_parser("witness", help="hubs that vouch for each other's logs")
    )
    stamp_command.add_options(
        tasks.add_parser("stamps", help="time stamps on the log, by an authority outside")
    )
    for task in tasks.choices.values():
        # it may stand before or behind the task
        task.add_argument("--data", type=Path, metavar="DIR", default=argparse.SUPPRESS)


def run_command(arguments: argparse.Namespace) -> int:
    """0; 1 where a check finds something ill. Raises UserError for what the user can mend."""
    if arguments.data is None:
        raise UserError(
            "the following arguments are required: --data ('noisetamer hub --help' says more)."
        )
    if arguments.database and not arguments.task:
        at_database.keep_at(arguments.data, arguments.database)
    if arguments.task == "backup":
        made = backup.make(arguments.data, arguments.folder)
        print(f"{made}: {made.stat().st_size / 1e6:.1f} MB, every byte read again and right")
        if lacks := at_database.what_a_backup_lacks(arguments.data):
            print(lacks)
        return 0
    if arguments.task == "restore":
        count = backup.restore(arguments.file, arguments.data)
        print(f"{arguments.data}: {count} files; now: noisetamer hub --data {arguments.data}")
        return 0
    if arguments.task == "repair":
        with alone_in(arguments.data), at_database.alone_there(arguments.data):
            said = list(repair(arguments.data, arguments.archive))
        print("\n".join(said) or f"{arguments.data}: nothing is damaged")
        return 0
    if arguments.task == "move":
        with alone_in(arguments.data), at_database.alone_there(arguments.data):
            move_command.run(arguments)
        return 0
    if arguments.task == "revoke":
        file = arguments.data / "units.sqlite"
        if arguments.unit not in {unit.id for unit in registered(file)}:
            raise UserError(f"{arguments.unit}: no such unit may report to {arguments.data}")
        note_command(arguments.data, "unit_revoked", arguments.unit, {})
        Units(file).revoke(arguments.unit)
        print(f"{arguments.unit}: its secrets open nothing any more")
        return 0
    if arguments.task == "witness":
        witness_command.run(arguments)
        return 0
    if arguments.task == "stamps":
        return stamp_command.run(arguments)
    if arguments.task == "keys":
        _keys(arguments.data, arguments.file, arguments.root, arguments.replace_root)
        return 0
    if arguments.task == "check":
        ill = False
        for one in check(arguments.data):
            print(f"{'!' if one.ill else ' '} {one.what}: {one.said}", flush=True)
            ill |= one.ill
        return int(ill)
    if (arguments.data / city_layout.FILE).exists():
        raise UserError(
            f"{arguments.data} is the folder of a city: 'noisetamer city hub' runs a hub of it."
        )
    # here: the other tasks need not wait for a web server
    with loading():
        from noisetamer.hub.serve import run

    run(replace(options(arguments), at_terminal=not arguments.with_parent))
    return 0


def _keys(data: Path, file: Path | None, root_file: Path | None, replacing: str) -> None:
    # only now: a hub that starts need not wait for it
    from noisetamer.hub import key_files
    from noisetamer.proof import key_list, public_key, root

    if file is not None:
        if not data.is_dir():
            raise UserError(f"There is no hub in {data}: start it there once.")
        if root_file is None and not (data / root.PUBLIC).exists():
            raise UserError(f"{data} has no root yet: name the one that signed it by --root.")
        new = key_files.check(data, file, root_file or data / root.PUBLIC, replacing)
        note_command(data, "keys_installed", f"#{new.number}", {"keys": len(new.keys)})
        key_files.install(data, new, root_file or data / root.PUBLIC)
    keys, by = key_files.keys_of(data), key_files.root_of(data)
    if keys is None or by is None:
        print(f"{data}: no key list yet; 'noisetamer keys' makes one")
        return
    print(f"root {public_key.fingerprint(by)}")
    print("\n".join(key_list.lines(keys)))


def options(arguments: argparse.Namespace) -> Options:
    """What was asked for."""
    return Options(
        data=arguments.data,
        bind=arguments.bind,
        port=arguments.port,
        mqtt_port=arguments.mqtt_port,
        names=arguments.name,
        enrol=arguments.enrol,
        utc_offset=arguments.utc_offset,
        https=arguments.https,
        certificate=arguments.certificate,
        key=arguments.key,
        tell_time=not arguments.no_tell_time,
        exit_with_stdin=arguments.with_parent,
        inbox=arguments.inbox,
        log=arguments.log,
        log_key=arguments.log_key,
        keep_days=arguments.keep_days,
        export_to=arguments.export_to,
    )
