"""What the user can mend: one sentence, exit code 2, no traceback."""


class UserError(Exception):
    """Bad input, a full disk: the message says what is wrong, where, and what to do."""
