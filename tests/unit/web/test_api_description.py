"""The description of the API: current, complete, and closed."""

import json

import pytest
from fastapi.routing import APIRoute

from assay_hub.web.api import documentation
from assay_hub.web.api.app import ROUTERS, description
from assay_hub.web.api.gate import SCHEME, GatedRoute, Scope

ROUTES = [route for router in ROUTERS for route in router.routes]
OPERATIONS = [
    pytest.param(method, path, operation, id=f"{method} {path}")
    for path, item in description()["paths"].items()
    for method, operation in item.items()
]


def test_the_file_is_what_the_code_says():
    assert documentation.FILE.read_text("utf-8") == documentation.text(), "run `make docs`"


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_every_operation_says_what_it_does_needs_and_answers(method, path, operation):
    assert path.startswith("/")
    answers = operation["responses"]

    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    assert {"401", "403", "404", "422"} <= set(answers)
    assert any(status.startswith("2") for status in answers)
    for status, answer in answers.items():
        assert answer["description"], status
        if int(status) >= 400:
            assert list(answer["content"]) == ["application/problem+json"]
        elif status != "204":
            assert list(answer["content"]) == ["application/json"]
    for parameter in operation.get("parameters", ()):
        assert parameter["description"], parameter["name"]
    if "requestBody" in operation:
        assert {"413", "415"} <= set(answers)
    if method == "post":
        assert "Idempotency-Key" in {one["name"] for one in operation["parameters"]}


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_every_operation_needs_a_token_and_no_more_than_its_scope(method, path, operation):
    needed = Scope(operation["security"][0][SCHEME][0])

    expected = Scope.READ if method == "get" else Scope.WRITE
    assert needed is expected or (needed is Scope.ADMIN and path in {"/audit", "/members/{account}"})


def test_every_route_stands_behind_the_gate_and_in_the_description():
    assert all(isinstance(route, GatedRoute) and route.include_in_schema for route in ROUTES)
    assert len(OPERATIONS) == sum(len(route.methods) for route in ROUTES if isinstance(route, APIRoute)) > 25


def test_a_route_without_a_scope_cannot_be_made():
    with pytest.raises(LookupError):
        GatedRoute("/open", lambda: None)


def test_every_reference_leads_somewhere():
    text = json.dumps(description())
    schemas = description()["components"]["schemas"]

    assert {name.partition('"')[0] for name in text.split("#/components/schemas/")[1:]} == set(schemas)
