"""What nobody thought of, at every route: schemathesis makes it from the console's own schema."""

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from console import Console
from hypothesis import HealthCheck, given, settings
from in_process import InProcess, browser, logged_in, routes

from noisetamer.hub.live import UnitState
from noisetamer.hub.registry import Unit
from noisetamer.hub.web.allowed import permissions_of

EXAMPLES = 2
# of a hub with all its parts; without end; they end the session that asks; they start a program
NOT_TRIED = ("/health", "/events", "/logout", "/me/log-out-everywhere", "/sentence", "/talk")


def operations(console: Console) -> Iterator[Any]:
    # here: to load it takes longer than most files of tests, and each worker looks at all of them
    from schemathesis import openapi
    from schemathesis.core.result import Ok

    # one name for GET and HEAD of a route is no matter here
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Duplicate Operation ID")
        schema = openapi.from_dict(console.app.openapi())
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        if operation.method == "head":
            continue  # as GET
        if not operation.path.endswith(NOT_TRIED) and "topics" not in operation.path:
            yield operation


def statuses(client: InProcess, operation: Any, examples: int = EXAMPLES) -> list[int]:
    """Of some requests that the schema allows, and the same every time."""
    found: list[int] = []

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        how = case.as_transport_kwargs(base_url="http://hub")
        asked = {key: how[key] for key in ("params", "json", "data", "files") if how.get(key)}
        answer = client.request(how["method"], how["url"], **asked)
        assert answer.status_code < 500, (operation.label, asked, answer.text)
        found.append(answer.status_code)

    ask()
    return found


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Console:
    console = Console(tmp_path_factory.mktemp("console"))
    console.live.states["SIM-0001"] = UnitState(Unit("SIM-0001", "", "东门广场", ""))
    return console


def test_nothing_that_fits_the_schema_is_a_fault_of_the_hub(console: Console):
    tried = 0
    for operation in operations(console):
        tried += len(statuses(logged_in(console), operation))
    assert tried > 40


def test_a_stranger_gets_no_further_whatever_he_sends(console: Console):
    needed = {name: permissions_of(route) for name, route in routes(console.app)}
    for operation in operations(console):
        if needed.get(f"{operation.method.upper()} {operation.path}"):
            found = set(statuses(browser(console), operation, 1))
            assert found <= {401, 404, 413}, (operation.label, found)
