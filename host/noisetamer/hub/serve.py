"""Run the hub: certificates, broker, ingest, live page; one process, one data folder."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import uvicorn

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub import logs
from noisetamer.hub.around import Around, around_of
from noisetamer.hub.bus import ports
from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.cameras.album import Album, Asked, Kept
from noisetamer.hub.cameras.photographer import Photographer, camera_of
from noisetamer.hub.cameras.settings import KIND as CAMERA
from noisetamer.hub.forward import format as forward_format
from noisetamer.hub.forward.figures import Figures
from noisetamer.hub.forward.forwarding import Forwarding
from noisetamer.hub.health import Health
from noisetamer.hub.incidents.cases import Sources
from noisetamer.hub.incidents.directory import directory
from noisetamer.hub.incidents.incident import TO_PHONES
from noisetamer.hub.incidents.incidents import Incidents
from noisetamer.hub.incidents.roster import Playing
from noisetamer.hub.intake import Intake, OwnIntake, Takers
from noisetamer.hub.level_metrics import Levels
from noisetamer.hub.live import Live
from noisetamer.hub.log import schema as log_schema
from noisetamer.hub.log.feeder import Feeder
from noisetamer.hub.log.log import Log
from noisetamer.hub.log.outside import Outside
from noisetamer.hub.log.signing import log_signer
from noisetamer.hub.maintenance.inspection import Inspection
from noisetamer.hub.metrics import Metrics, of_the_hub, token
from noisetamer.hub.options import Options
from noisetamer.hub.orders.ledger import Ledger
from noisetamer.hub.orders.orders import Orders
from noisetamer.hub.orders.voices import Voices
from noisetamer.hub.people import page_address
from noisetamer.hub.people.audit import COMMAND_LINE
from noisetamer.hub.people.people import People
from noisetamer.hub.permits.drift import DriftWatch
from noisetamer.hub.phones.permit_news import PermitNews
from noisetamer.hub.phones.phones import Phones
from noisetamer.hub.process import allow_many_files, alone_in, stop_on_signal
from noisetamer.hub.quota import Quotas
from noisetamer.hub.reached import certificate_of, for_phones, for_units, name_of
from noisetamer.hub.registry import UNIT_ID, Units
from noisetamer.hub.squares.squares import Squares, square_of
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.writer import StoreError
from noisetamer.hub.surroundings import Surroundings, calls_are_late, of_chains
from noisetamer.hub.time_teller import TimeTeller
from noisetamer.hub.updates.around import updates_of
from noisetamer.hub.upkeep import Upkeep
from noisetamer.hub.web.app import create_app
from noisetamer.hub.web.https.certificate import keep
from noisetamer.hub.web.patience import ImpatientProtocol
from noisetamer.hub.web.server import ACCEPTED_AT_ONCE, HSTS, Server

_log = logging.getLogger("noisetamer.hub")


def run(options: Options, intake_of: Callable[[Options, Units], Intake] = OwnIntake) -> None:
    """Run the hub until SIGINT or SIGTERM. intake_of: how reports come to it. Raises UserError for
    what the user can mend."""
    if not -14 <= options.utc_offset <= 14:
        raise UserError(
            f"{options.utc_offset:g} h is no offset from UTC: give -14 to 14 with --utc-offset."
        )
    if (options.certificate is None) != (options.key is None):
        raise UserError("A certificate and its private key go together: --certificate and --key.")
    if (options.keep_days is None) != (options.export_to is None):
        raise UserError("--keep-days and --export-to belong together: give both, or neither.")
    options = replace(options, data=options.data.resolve())
    allow_many_files()
    logs.set_up(options.log)
    with alone_in(options.data, options.lock):
        try:
            asyncio.run(_hub(options, intake_of))
            if options.at_terminal:
                print(f"ended: all that it acknowledged is in {options.data}")
        except ExceptionGroup as group:
            mendable, faults = group.split((UserError, *_MENDABLE))
            if faults or not mendable:
                raise
            raise _mended_by(mendable.exceptions[0], options) from None
        except _MENDABLE as error:
            raise _mended_by(error, options) from error


_MENDABLE = (StoreError, OSError, database.Error)


def _mended_by(error: Exception, options: Options) -> UserError:
    if isinstance(error, UserError | StoreError):
        return UserError(str(error))
    if isinstance(error, database.ServerError):
        return UserError(f"The hub has ended: {error}.")
    return UserError(
        f"The data folder {options.data} cannot be written ({error}): "
        "free space, mend its rights, or name another with --data."
    )


def enrol(asked: Sequence[str], units: Units, people: People) -> None:
    """Admit "ID" or "ID=PLACE"; what is new is written down, before it is done. UserError."""
    known = {unit.id for unit in units.all()}
    for unit in asked:
        id, _, place = unit.partition("=")
        if id not in known and UNIT_ID.fullmatch(id):
            detail = {"square": place}
            people.audit(time.time(), COMMAND_LINE.name, "unit_admitted", id, detail=detail)
        units.enrol(id, square=place)
        known.add(id)


async def _hub(options: Options, intake_of: Callable[[Options, Units], Intake]) -> None:
    data = options.data
    units = Units(data / "units.sqlite")
    people = People(data / "people.sqlite")
    enrol(options.enrol, units, people)
    with ports.listen(options.bind, options.port, "--port") as page:
        intake = intake_of(options, units)
        queries = Queries(data / "hub.sqlite")
        squares = Squares(data / "squares.sqlite")
        bus = intake.bus
        commands = Commands(bus.publish)
        commands.know(units.command_keys())
        live = Live(commands)
        teller = TimeTeller(commands, [id for id, online in queries.online().items() if online])
        orders = Orders(
            Ledger(data / "orders.sqlite"),
            bus.publish,
            units.command_key,
            people.audit,
            lambda unit: unit in live.states and live.states[unit].online is True,
            queries.feed,
            by_their_clocks=not options.tell_time,
        )
        around = around_of(data, options.utc_offset, name_of(options))
        incidents = Incidents(
            data / "incidents.sqlite",
            queries,
            Sources(
                setting=lambda square: squares.setting(square, "escalation"),
                directory=lambda: directory(people),
                pictures=lambda square: camera_of(squares.setting(square, CAMERA)).on,
                playing=lambda square, at: _playing(around, square, at),
                audit=people.audit,
            ),
            options.utc_offset,
            last_alive=intake.last_alive,
            restored=intake.restored,
        )
        album = Album(data)
        photographer = Photographer(
            album,
            lambda square: squares.setting(square, CAMERA),
            lambda now: _pictures_due(incidents, now),
            incidents.sent,
            lambda kept: _tell_deleted(people, kept),
        )
        incidents.subscribe(lambda _: photographer.wake())
        updates = updates_of(
            *(data, orders, live, queries, people, options.utc_offset), several=intake.several
        )
        forwarding = Forwarding(
            forward_format.Around(
                *(data, name_of(options), options.utc_offset, lambda: _units_of(live)),
                live=live,
                incidents=incidents,
                orders=orders,
                audit=people.audit,
                account=people.accounts.active,
            ),
            by_their_clocks=not options.tell_time,
        )
        key = log_signer(data, name_of(options), options.log_key)
        feeder = Feeder(data, Log(data / "log", data / log_schema.FILE, key))
        outside = Outside(data, name_of(options), feeder.log)
        feeder.subscribe(outside.witnessing.on_checkpoint)
        on_stored = [
            live.on_stored,
            orders.on_stored,
            incidents.on_stored,
            updates.on_stored,
            *([teller.on_stored] if options.tell_time else []),
            feeder.on_stored,
            forwarding.on_stored,
            (metrics := Metrics()).on_stored,
            (levels := Levels(live.states.values)).on_stored,
        ]
        quotas = Quotas()
        takers = Takers(on_stored, live.on_now, metrics.on_commit)
        stores = intake.begin(commands, takers, quotas)
        live.load(units.all(), queries)
        incidents.know({unit.id: square_of(unit) for unit in units.all()})
        phones = Phones(
            data,
            lambda topic: (
                people.contacts.topic(topic) is not None or around.permits.is_topic(topic)
            ),
        )
        upkeep = Upkeep()
        health = Health(stores, bus, intake.broker, intake.certified, upkeep)
        inspection = Inspection(data)
        health.watch(inspection.troubles)
        health.watch(feeder.troubles)
        health.watch(outside.troubles)
        health.watch(lambda: calls_are_late(lambda: incidents.next_due(TO_PHONES), time.time))
        health.watch(updates.troubles)
        health.watch(forwarding.troubles)
        drift = DriftWatch(around.permits, around.policies, time.time)
        health.watch(drift.troubles)
        health.watch(lambda: of_chains(list(live.states.values())))
        health.watch(Surroundings(data, quotas, intake.last_alive, time.time).troubles)
        app = create_app(
            *(live, queries, health, options.utc_offset, squares, people),
            *(orders, Voices(data / "voices"), incidents, album),
        )
        app.state.phones = phones
        app.state.context.evidence.log_key = options.log_key
        app.state.feeder, app.state.outside = feeder, outside
        app.state.updates = updates
        app.state.around = around
        certificate = certificate_of(options)
        app.state.authority = certificate and certificate.authority
        scheme = "https" if certificate else "http"
        texts = app.state.context.texts
        calls = phones.worker(
            *(
                intake.outbox(incidents),
                people,
                for_phones(options, page, scheme),
                texts,
                options.utc_offset,
            ),
            lambda unit: live.states[unit].unit.name if unit in live.states else "",
            options.inbox,
        )
        news = PermitNews(
            *(around.permits, people, calls.channels, phones.permit_links),
            *(for_phones(options, page, scheme), texts),
        )
        app.state.permit_news = news
        incidents.subscribe(calls.wake)
        incidents.subscribe(phones.changed)
        metrics.add(lambda: of_the_hub(data, live.states.values(), health, quotas))
        metrics.registry.register(Figures(forwarding.shown))
        opened_by = token(data)
        app.state.metrics, app.state.level_metrics = (metrics, opened_by), (levels, opened_by)
        app.state.forwarding = forwarding
        if options.extend:
            options.extend(app)
        server = Server(
            uvicorn.Config(
                app,
                http=ImpatientProtocol,
                backlog=ACCEPTED_AT_ONCE,
                lifespan="off",
                # a warning for each request that is none: as many as a stranger likes
                log_level="error",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=3,
                headers=HSTS if options.certificate else [],
            ),
            certificate,
        )
        stopping = asyncio.Event()
        stop_on_signal(stopping, options.exit_with_stdin)

        async def notice_units() -> None:
            """Admit, and show, what was enrolled while the hub runs."""
            # beside the loop: a locked registry is waited for
            known = await asyncio.to_thread(units.all)
            commands.know(await asyncio.to_thread(units.command_keys))
            await intake.admit(known)
            live.load(known, queries)
            live.tell_of_chains(await asyncio.to_thread(queries.chain_alarms, time.time()))
            incidents.know({unit.id: square_of(unit) for unit in known})

        try:
            await intake.start()
            await intake.link(incidents, phones.listeners)
            await bus.subscribe("dev.*.want", quotas.guarded(orders.on_want))
            parts = {
                **intake.parts(incidents, updates),
                "live seconds": live.run,
                "orders": orders.run,
                "what goes on": app.state.context.going_on.run,
                "calls": calls.run,
                **({"pages' certificate": partial(keep, certificate)} if certificate else {}),
                **intake.alone(
                    {
                        "inspection": inspection.run,
                        "log": feeder.run,
                        "witnesses": outside.witnessing.run,
                        "time stamps": outside.stamping.run,
                        "updates": updates.run,
                        "incidents": incidents.run,
                        "forwarding": forwarding.run,
                        "permits": news.run,
                        "pacts": drift.run,
                        "cameras": photographer.run,
                        "old pictures": photographer.tidy,
                        **({"time": teller.run} if options.tell_time else {}),
                    }
                ),
            }
            async with asyncio.TaskGroup() as tasks:
                endless = [tasks.create_task(upkeep.endless(*part)) for part in parts.items()] + [
                    tasks.create_task(upkeep.again_and_again("registry", notice_units)),
                ]
                serving = tasks.create_task(server.serve([page]))
                while not server.started and not serving.done():
                    await asyncio.sleep(0.01)
                if options.at_terminal:  # a program reads the next line only
                    print(f"units: {for_units(options.data)}", flush=True)
                    if certificate and certificate.authority:
                        # to be compared with what a phone shows, before it trusts
                        mark = certificate.authority.fingerprint()
                        print(f"phones may trust: SHA-256 {mark}", flush=True)
                host, port = page.getsockname()[:2]
                address = f"{scheme}://{ports.dialled(host)}:{port}/"
                told_page = for_phones(options, page, scheme)
                page_address.note(data, told_page)
                if secret := people.set_up_secret():
                    here = ports.is_loopback(options.bind)
                    page_there = address.rstrip("/") if here else told_page
                    print(f"first account: {page_there}/welcome/{secret} (opens once)", flush=True)
                print(f"ready: {address}", flush=True)
                barred = tasks.create_task(intake.barred())
                stopped = tasks.create_task(stopping.wait())
                await asyncio.wait({barred, stopped}, return_when=asyncio.FIRST_COMPLETED)
                live.close()
                phones.listeners.close()
                server.should_exit = True
                await serving
                for task in (*endless, barred, stopped):
                    task.cancel()
            if not barred.cancelled():
                raise UserError(barred.result())
        finally:
            await intake.close()
            outside.close()
            feeder.close()
            incidents.close_file()
            updates.close()
            forwarding.close()
            around.close()
            orders.close()
            people.close()
            phones.close()
            squares.close()


def _units_of(live: Live) -> dict[str, forward_format.Unit]:
    units = [state.unit for state in list(live.states.values())]
    return {unit.id: forward_format.Unit(unit.id, unit.name, square_of(unit)) for unit in units}


def _playing(around: Around, square: str, at: float) -> list[Playing]:
    """Groups that may play, for whom a step calls. Where that cannot be read now, nobody's call
    waits for it."""
    try:
        found = around.permits.playing(square, at)
    except (UserError, database.Error):
        _log.exception("Who plays in %s cannot be looked up; all leaders are called.", square)
        return []
    return [Playing(group.name, group.contact) for group, _ in found]


def _pictures_due(incidents: Incidents, now: float) -> list[Asked]:
    """What incidents want of cameras now. now: Unix s."""
    found: list[Asked] = []
    for effect in incidents.due(now, ("picture",)):
        if incident := incidents.one(effect.incident):
            moment = effect.fields["moment"]
            what = effect.fields["stage"] if moment == "stage" else moment
            found.append(Asked(effect.key, incident.id, incident.square, what, effect.due))
    return found


def _tell_deleted(people: People, deleted: Sequence[Kept]) -> None:
    for kept in deleted:
        people.audit(
            *(kept.deleted or 0.0, "hub", "picture_deleted", f"{kept.square} #{kept.incident}"),
            detail={"picture": kept.id, "sha256": kept.sha256, "why": kept.deleted_why},
        )
