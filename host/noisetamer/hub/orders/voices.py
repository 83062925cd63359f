"""The messages units can say: those every unit has, and those this hub made and sent."""

from pathlib import Path
from typing import NamedTuple

from noisetamer.base.errors import UserError
from noisetamer.hub.orders.speech import Message
from noisetamer.unit.policy.messages import VOICES
from noisetamer.unit.voice import catalogue
from noisetamer.unit.voice.catalogue import Entry
from tamer.hear.self_check import self_check


class Stored(NamedTuple):
    """name: as orders and policies have it; text: what it says; language: of the text, or "";
    length: s; shipped: every unit has it from its workshop."""

    name: str
    text: str
    language: str
    length: float
    shipped: bool


class Voices:
    """folder: of this hub's own messages; shipped: of those of every unit; city: of a district's
    voices, the folder of those that are everybody's."""

    def __init__(self, folder: Path, shipped: Path = VOICES, city: Path | None = None) -> None:
        self._folder = folder
        self._shipped = shipped
        self._city = city

    def of_district(self, id: int | None) -> "Voices":
        """What is said in a district: its own messages beside those of the city; None: there."""
        if id is None:
            return self
        return Voices(self._folder / f"district-{id}", self._shipped, self._folder)

    def messages(self) -> list[Stored]:
        """The shipped ones first. Raises UserError where a folder is spoilt."""
        found = _stored(catalogue.entries(self._shipped), shipped=True)
        return found + self.own()

    def own(self) -> list[Stored]:
        """Those of this hub."""
        return [
            one
            for folder in filter(None, (self._city, self._folder))
            if (folder / catalogue.TABLE).exists()
            for one in _stored(catalogue.entries(folder), shipped=False)
        ]

    def text_of(self, name: str) -> str:
        """What a message says; "" where that is not known."""
        return next((one.text for one in self.messages() if one.name == name), "")

    def wav_of(self, name: str) -> bytes | None:
        """As the box plays it; None where there is no such message."""
        if name not in {one.name for one in self.messages()}:
            return None
        for folder in filter(None, (self._folder, self._city, self._shipped)):
            file = catalogue.file_of(folder, name)
            if file.is_file():
                return file.read_bytes()
        return None

    def must_take(self, name: str) -> None:
        """Raises UserError for a name that is not allowed, or that of a shipped message, or of the
        city's where this is a district."""
        catalogue.must_be_free(self._folder, name, replace=True)
        if self._city and catalogue.file_of(self._city, name).exists():
            raise UserError(f"{name} is a message of the city; choose another name")
        if catalogue.file_of(self._shipped, name).exists():
            raise UserError(f"{name} is a message that every unit has; choose another name")

    def add(self, name: str, message: Message, language: str) -> Stored:
        """Keep a message of this hub, over one of its own of the same name.

        Raises UserError as `must_take`.
        """
        self.must_take(name)
        catalogue.put_wav(self._folder, name, message.wav, _entry(message, language))
        return next(one for one in self.own() if one.name == name)


def in_order_of_use(messages: list[Stored]) -> list[Stored]:
    """Chinese first, whoever reads: it is for those in the square."""
    return sorted(messages, key=lambda one: (one.language != "zh", one.name))


def _entry(message: Message, language: str) -> Entry:
    return Entry(message.text, language, message.length, message.loudness, message.made)


def _stored(entries: dict[str, Entry], shipped: bool) -> list[Stored]:
    tones = {self_check.name_of(hertz) for hertz in self_check.SHIPPED.tones}
    return [
        Stored(name, entry.text, entry.language, entry.length, shipped)
        for name, entry in entries.items()
        if name not in tones
    ]
