"""One kind of store: what it is called, its number, and its tables step by step."""

from dataclasses import dataclass

from noisetamer.base.errors import UserError


@dataclass(frozen=True)
class Schema:
    """One kind of file.

    name: in sentences, "ledger"; application: its application_id, 32 bits; option: with which the
    user names such a file, or its folder; steps: statements, steps[n] leads from version n to
    n + 1; from_before: tables of files that were made before they carried an id (step 0 must
    leave what is there); error: raised for what the user can mend.
    """

    name: str
    application: int
    option: str
    steps: tuple[tuple[str, ...], ...]
    from_before: frozenset[str] = frozenset()
    error: type[UserError] = UserError

    @property
    def version(self) -> int:
        return len(self.steps)
