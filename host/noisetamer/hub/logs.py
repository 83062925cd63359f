"""What the hub says on standard error: a line for people, or a JSON object for a collector.

No line holds a secret, a name of a person or what somebody wrote; a test looks.
"""

import json
import logging
from datetime import UTC, datetime

TEXT, JSON = "text", "json"


def set_up(form: str) -> None:
    """form: TEXT or JSON."""
    handler = logging.StreamHandler()
    if form == JSON:
        handler.setFormatter(_Json())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logging.basicConfig(handlers=[handler])


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)
