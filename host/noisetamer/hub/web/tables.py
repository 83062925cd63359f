"""Tables to take away."""

import csv
import io
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from fastapi.responses import Response


def csv_file(name: str, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """As spreadsheets open it: UTF-8 with a mark, and no cell is a formula."""
    to = io.StringIO()
    writer = csv.writer(to)
    writer.writerow(heading)
    writer.writerows(
        [harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
    )
    return Response(
        "\ufeff" + to.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"},
    )


def harmless(text: str) -> str:
    """Text that neither Excel nor LibreOffice takes for a formula, whoever has written it."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text
