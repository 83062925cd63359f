"""The drawn house is the one that stands."""

import pytest

import architecture


def test_the_page_of_the_architecture_is_what_the_imports_say():
    page = architecture.PAGE.read_text(encoding="utf-8")
    assert page == architecture.page(), "run .venv/bin/python host/architecture.py"


def test_an_arrow_that_others_lead_along_anyway_is_left_out():
    pairs = [("cli", "hub"), ("hub", "base"), ("cli", "base"), ("cli", "unit"), ("unit", "base")]
    reduced = architecture.without_detours(pairs)
    assert set(reduced) == set(pairs) - {("cli", "base")}


def test_a_package_without_a_contract_is_said():
    with pytest.raises(LookupError, match="no layers contract for elsewhere"):
        architecture.layers("elsewhere")
