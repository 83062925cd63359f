"""Where the hub is reached: by its units, by phones, by browsers, and with which certificate."""

import datetime
import socket
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.hub import address
from noisetamer.hub.bus import ports
from noisetamer.hub.bus.broker import Broker, Listeners
from noisetamer.hub.bus.renewal import Renewal
from noisetamer.hub.options import Options
from noisetamer.hub.registry import Units
from noisetamer.hub.web.https.authority import PageAuthority
from noisetamer.hub.web.https.certificate import Certificate, GivenCertificate, OwnCertificate


def name_of(options: Options) -> str:
    """What this hub is called: the name or address that units are told."""
    return options.names[0] if options.names else ports.reachable(options.bind)


def broker_of(options: Options, units: Units) -> tuple[Broker, Renewal]:
    data = options.data
    host = name_of(options)
    mqtt_port = ports.free(options.bind, _mqtt_port(options), "--mqtt-port")
    names = list(dict.fromkeys([host, *options.names, "localhost", "127.0.0.1"]))
    renewal = Renewal(data / "certificates", names, lambda: datetime.datetime.now(datetime.UTC))
    address.write(data, host, mqtt_port)
    # held meanwhile, that it is not found again
    with ports.listen(options.bind, mqtt_port, "--mqtt-port"):
        hub_port = ports.free("127.0.0.1", 0, "--bind")
    listeners = Listeners(options.bind, mqtt_port, hub_port)
    return Broker(data / "broker", listeners, renewal.certificates, units.all()), renewal


def for_units(data: Path) -> str:
    """What a square's file needs to know of this hub."""
    host, port = address.told(data) or ("", 0)
    return f'hub = {{ host = "{host}", port = {port}, ca = "{data / "certificates" / "ca.der"}" }}'


def for_phones(options: Options, page: socket.socket, scheme: str) -> str:
    """Where links in messages lead: the name that units are told, too."""
    return f"{scheme}://{name_of(options)}:{page.getsockname()[1]}"


def certificate_of(options: Options) -> Certificate | None:
    """Of the pages; None for plain HTTP. Raises UserError."""
    if options.certificate and options.key:
        return GivenCertificate(options.certificate, options.key)
    if options.https is False or (options.https is None and ports.is_loopback(options.bind)):
        return None
    names = [*options.names, ports.reachable(options.bind), "localhost", "127.0.0.1", "::1"]
    authority = PageAuthority(options.data / "certificates", names)
    return OwnCertificate(authority, lambda: datetime.datetime.now(datetime.UTC))


def _mqtt_port(options: Options) -> int:
    """The wanted port; for 'any', the one this hub had before, so that its units find it."""
    if options.mqtt_port:
        return options.mqtt_port
    before = address.told(options.data)
    try:
        return ports.free(options.bind, before[1] if before else 0, "--mqtt-port")
    except UserError:
        return 0
