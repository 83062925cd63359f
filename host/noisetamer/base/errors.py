"""What the user can mend: one sentence, exit code 2, no traceback."""


class UserError(Exception):
    """Bad input, a full disk: the message says what is wrong, where, and what to do."""


class WordedError(UserError):
    """One that pages say in their own words. key: of these words."""

    def __init__(self, key: str, said: str) -> None:
        super().__init__(said)
        self.key = key
