"""noisetamer: one program, a verb for each thing people do with it."""

import importlib
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType

from noisetamer import __version__
from noisetamer.base import fault_report, language
from noisetamer.base.errors import UserError
from noisetamer.base.interrupts import hear_again
from noisetamer.base.language import say
from noisetamer.base.loading import loading
from noisetamer.base.output import go_on_unread, room
from noisetamer.cli.parser import (
    Parser,
    add_language,
    asked_language,
    names_language,
    unknown,
    without_language,
)

# Verb: (module with add_options and run_command, what it does).
VERBS = {
    "demo": ("noisetamer.demo.command", "a simulated square, its boxes and the hub's page"),
    "simulate": ("noisetamer.simulate.command", "play a scenario to the real firmware"),
    "year": (
        "noisetamer.demo.year.command",
        "a simulated year of a street, for a hub to open; what was put in is known",
    ),
    "meter": ("noisetamer.sound.measure.command", "the firmware's meter over a recording"),
    "doctor": ("noisetamer.sound.measure.doctor", "what is wrong with a microphone's signal"),
    "verify-meter": (
        "noisetamer.sound.verify.command",
        "the meter's digital part against IEC 61672",
    ),
    "policy": ("noisetamer.cli.policy", "limits and stages: check, show, backtest"),
    "voice": ("noisetamer.unit.voice.command", "the messages a unit speaks: add, say, list"),
    "glyphs": (
        "noisetamer.cli.glyphs",
        "pack the characters that a panel 16 high can show",
    ),
    "calibrate": ("noisetamer.workshop.calibrate.command", "with a calibrator, or beside a meter"),
    "fleet": ("noisetamer.cli.fleet", "drift of all units, as charts"),
    "board": (
        "noisetamer.unit.boards.command",
        "what a board file wires, and what of it cannot work",
    ),
    "flash": ("noisetamer.cli.flash", "from blank boards on USB ports to units"),
    "burn-in": (
        "noisetamer.workshop.burn_in.command",
        "every part of a flashed unit tried, and signed",
    ),
    "replace": ("noisetamer.workshop.flash.replace_command", "new hardware in a unit's place"),
    "ledger": (
        "noisetamer.workshop.ledger.command",
        "what was done to every unit; reports, hand-over",
    ),
    "batch": (
        "noisetamer.workshop.ledger.batch_command",
        "what is left for each unit of a batch, and whether it is finished",
    ),
    "label": (
        "noisetamer.workshop.label.command",
        "labels of units: PDF and PNG, for sheet and roll",
    ),
    "admit": ("noisetamer.hub.import_units", "let units of a hand-over file report to a hub"),
    "hub": ("noisetamer.hub.command", "broker, store and live page for real units"),
    "city": (
        "noisetamer.hub.city.command",
        "a hub on many machines: cluster, workers, hubs; or all of it here, to try",
    ),
    "people": (
        "noisetamer.hub.privacy.command",
        "a hub's accounts, when the page is out of reach; what is kept about a person",
    ),
    "keys": ("noisetamer.cli.keys", "the root, and the list of keys that count, signed by it"),
    "update": ("noisetamer.cli.update", "signed releases for boxes, rolled out in cohorts"),
    "evidence": (
        "noisetamer.hub.evidence.command",
        "an incident in one file that proves itself",
    ),
    "complaints": (
        "noisetamer.hub.complaints.command",
        "complaints of residents into a hub: CSV and Excel of 110 and 12345",
    ),
    "permit": ("noisetamer.hub.permits.command", "a group's permit, verified without a network"),
    "report": (
        "noisetamer.hub.month_report.command",
        "a month of a square as PDF, for residents and for the office",
    ),
    "forward": (
        "noisetamer.hub.forward.command",
        "what a hub tells other platforms: check, show, and what they would get",
    ),
    "load": (
        "noisetamer.load.command",
        "thousands of boxes at a hub, faults on the way, and an account of every record",
    ),
    "bench": (
        "noisetamer.bench.command",
        "what this machine does with meter, simulation and hub, beside other programs",
    ),
    "export": ("noisetamer.hub.export.command", "levels out of a hub: CSV, Excel, Parquet"),
}
# Verbs of those who work where Chinese is read; what engineers run speaks English.
BILINGUAL = frozenset(
    {
        *("meter", "doctor", "policy", "calibrate", "fleet", "flash", "burn-in", "replace"),
        *("ledger", "batch", "label", "admit", "people", "update", "evidence", "complaints"),
        *("permit", "report", "forward"),
    }
)


def main(hear: Callable[[], None] = lambda: None) -> None:
    """hear: as of `run`."""
    go_on_unread()
    hear_again()
    code = run(sys.argv[1:], hear)
    # What is left is Python's own end: a Ctrl-C in it says nothing, and loses nothing.
    for stream in (sys.stdout, sys.stderr):
        with suppress(UserError):
            stream.flush()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(code)


def run(words: list[str], hear: Callable[[], None] = lambda: None) -> int:
    """Exit code: 0 done, 1 done and not as expected, 2 the user can mend it, 3 a fault of the
    program, 130 interrupted. hear: hears a Ctrl-C of before, from where it can be told."""
    # Only the verb that is wanted is imported: `meter` need not wait for a web server.
    verb = next((word for word in without_language(words) if not word.startswith("-")), "")
    wanted = verb if verb in VERBS else ""
    language.speak(asked_language(words) if _is_bilingual(wanted) else "en")
    try:
        hear()
        if verb and not wanted:
            raise UserError(f"{unknown(verb, VERBS)} ('noisetamer --help' says more).")
        if names_language(words) and not _is_bilingual(wanted):
            raise UserError("it speaks English only: leave out --lang.")
        with room():
            code = _run(words, wanted)
        # A full disk behind it is said now; at the interpreter's end it would be a traceback.
        sys.stdout.flush()
        return code
    except UserError as error:
        print(f"{f'noisetamer {wanted}'.strip()}: {say(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as stopped:
        # A verb that can say what is done and how to go on has said it.
        last_word = str(stopped) or "stopped before it was done"
        # Below the terminal's own ^C.
        begin = "\n" if sys.stderr.isatty() else ""
        print(f"{begin}noisetamer {wanted}: {say(last_word)}", file=sys.stderr)
        return 130
    except Exception as error:
        print(f"noisetamer {wanted}: {say(fault_report.keep(error))}", file=sys.stderr)
        return 3


def _is_bilingual(verb: str) -> bool:
    """Also where there is none, or none that we know."""
    return not verb or verb in BILINGUAL


def _loaded(module: str) -> ModuleType:
    if module in sys.modules:
        return sys.modules[module]
    with loading():
        return importlib.import_module(module)


def _run(words: list[str], wanted: str) -> int:
    parser = Parser(prog="noisetamer", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    modules = {}
    for name, (module, what) in VERBS.items():
        verb = verbs.add_parser(name, help=what, description=what)
        if name == wanted:
            modules[name] = _loaded(module)
            modules[name].add_options(verb)
    if _is_bilingual(wanted):
        add_language(parser)
    arguments = parser.parse_args(words)
    return modules[arguments.verb].run_command(arguments) or 0
