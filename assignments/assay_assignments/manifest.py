"""The members of ``question.toml``: what each may hold, as rules for the loader and as a JSON Schema for editors."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST = "question.toml"
NOTEBOOK = "question.ipynb"
RUBRIC = "rubric.toml"
MUTANTS = "mutants.toml"
HINTS = "hints.md"
FOLLOW_UPS = "follow_ups.md"
GENERATOR = "generate.py"
GROWTH = "growth.py"
ORIGIN = "origin.toml"
OWN_FILES = frozenset({MANIFEST, NOTEBOOK, RUBRIC, MUTANTS, HINTS, FOLLOW_UPS, GENERATOR, GROWTH, ORIGIN})
"""What belongs to the author and is never released."""

SCHEMA = Path(__file__).parents[1] / "question.schema.json"
"""The JSON Schema as it is checked in, for editors."""

PAGE = Path(__file__).parents[2] / "docs" / "questions.md"
_BEGIN = "<!-- members: begin (written by `make docs`) -->\n"
_END = "<!-- members: end -->"

PYTHON = "python3"
"""The kernel whose tests run beside the submission rather than in it."""

TYPES = ("live coding", "take-home", "data science", "system design", "debugging", "code review", "sql")
DIFFICULTIES = ("easy", "medium", "hard")


@dataclass(frozen=True)
class Member:
    """One member of a manifest.

    Attributes:
        says: what it is for, for people.
        rule: what it may be, in plain words.
        schema: the same as JSON Schema; the loader understands ``type``, ``enum``, ``pattern``, ``minimum``,
            ``maxLength``, ``items`` and ``uniqueItems``.
        default: what stands for it when it is left out; ``None`` when it has to be there.
    """

    says: str
    rule: str
    schema: Mapping[str, Any]
    default: Any = None


def _text(says: str, rule: str, pattern: str, **more: Any) -> Member:
    return Member(says, rule, {"type": "string", "pattern": pattern, **more})


def _list(says: str, rule: str, pattern: str, default: Any = None) -> Member:
    items = {"type": "string", "pattern": pattern}
    return Member(says, rule, {"type": "array", "items": items, "uniqueItems": True}, default)


_SAYS = r"\S"
_MODULE = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$"
_FILE = r"^[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*$"
_WORDS = "is a list of different texts"
_KIND = Member("sort of task", f"is one of {', '.join(TYPES)}", {"type": "string", "enum": list(TYPES)})

MEMBERS: dict[str, Member] = {
    "id": _text(
        "name of the folder", "has letters, digits, - and _ only, 100 at most", r"^[a-zA-Z0-9_-]+$", maxLength=100
    ),
    "version": _text(
        "semantic version; another whenever anything changes",
        "is like 1.0.0",
        r"^[0-9]+\.[0-9]+\.[0-9]+$",
        maxLength=50,
    ),
    "type": _KIND,
    "title": _text("what people call it; the statement starts with it", "is a text", _SAYS),
    "difficulty": Member(
        "for the level that the position asks for",
        f"is one of {', '.join(DIFFICULTIES)}",
        {"type": "string", "enum": list(DIFFICULTIES)},
    ),
    "minutes": Member(
        "how long a prepared candidate needs", "is a positive whole number", {"type": "integer", "minimum": 1}
    ),
    "topics": _list("what it is about, to be found by", _WORDS, _SAYS),
    "skills": _list("what it shows of a candidate, to be found by", _WORDS, _SAYS),
    "kernel": _text(
        "name of the Jupyter kernel", "has letters, digits, ., - and _ only", r"^[a-zA-Z0-9._-]+$", maxLength=100
    ),
    "packages": _list(
        "modules that its notebook imports beyond the standard library", "is a list of names of modules", _MODULE
    ),
    "author": _text("who wrote it", "is a text", _SAYS),
    "licence": _text("SPDX identifier", "is a text", _SAYS),
    "official": Member("it came with Assay", "is true or false", {"type": "boolean"}),
    "files": _list(
        "what a candidate gets beside the notebook; nothing else is released",
        "is a list of different names of files in the folder, none of them hidden or the author's own",
        _FILE,
    ),
    "stub": Member("what stands where a solution was; empty for nbgrader's text", "is a text", {"type": "string"}),
}
_DEFAULTS: dict[str, Any] = {"kernel": PYTHON, "files": [], "stub": ""}


def problems(body: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the members of a manifest, in plain words; empty when nothing is."""
    found = []
    if "kind" in body and "type" in body:
        found.append("kind is the older spelling of type: leave it out")
    known = {"type": _KIND, "kind": _KIND, **MEMBERS}
    found += [f"{name} is no member of a manifest" for name in body if name not in known]
    needed = [name for name in MEMBERS if name not in _DEFAULTS and name not in body]
    found += [f"{name} is missing" for name in needed if not (name == "type" and "kind" in body)]
    found += [f"{name} {known[name].rule}" for name in body if name in known and not _fits(body[name], known[name])]
    if "files" in body and isinstance(body["files"], list) and OWN_FILES.intersection(map(str, body["files"])):
        found.append(f"files {MEMBERS['files'].rule}")
    return sorted(set(found), key=found.index)


def completed(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a manifest without problems, by today's names and with what was left out."""
    read = {**_DEFAULTS, **body}
    if "kind" in read:
        read["type"] = read.pop("kind")
    return read


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a manifest."""
    members = {
        name: {"description": one.says, **one.schema, **({"default": _DEFAULTS[name]} if name in _DEFAULTS else {})}
        for name, one in MEMBERS.items()
    }
    members["files"]["items"] = {**members["files"]["items"], "not": {"enum": sorted(OWN_FILES)}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "question.toml",
        "description": "The manifest of a question of Assay, as JSON.",
        "type": "object",
        "properties": {**members, "kind": {"description": "older spelling of type", **_KIND.schema}},
        "required": [name for name in MEMBERS if name not in _DEFAULTS and name != "type"],
        "oneOf": [{"required": ["type"]}, {"required": ["kind"]}],
        "additionalProperties": False,
    }


def written(body: Mapping[str, Any]) -> str:
    """Return a manifest as TOML, its members in the order of the documentation."""
    return "".join(f"{name} = {_toml(body[name])}\n" for name in MEMBERS if name in body)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    escaped = "".join(_escaped(character) for character in value)
    return f'"{escaped}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08X}"


def _fits(value: Any, member: Member) -> bool:
    rule = member.schema
    if rule["type"] == "array":
        items = Member("", "", rule["items"])
        return isinstance(value, list) and all(_fits(one, items) for one in value) and len(value) == len(set(value))
    if rule["type"] == "integer":
        return type(value) is int and value >= rule["minimum"]
    if rule["type"] == "boolean":
        return type(value) is bool
    if not isinstance(value, str) or len(value) > rule.get("maxLength", len(value)):
        return False
    # A dollar sign of Python also ends before a last newline; the one of JSON Schema does not.
    ended = not value.endswith("\n") or not rule.get("pattern", "").endswith("$")
    return ended and value in rule.get("enum", [value]) and re.search(rule.get("pattern", ""), value) is not None


def table() -> str:
    """Return the members as a table in Markdown."""
    rows = [f"| `{name}` | {one.rule} | {_default(name)} | {one.says} |\n" for name, one in MEMBERS.items()]
    return "".join(["| member | it | without | what for |\n|---|---|---|---|\n", *rows])


def documented(page: str) -> str:
    """Return the page on questions with the table as it is now."""
    head, _, rest = page.partition(_BEGIN)
    return f"{head}{_BEGIN}{table()}{_END}{rest.partition(_END)[2]}"


def _default(name: str) -> str:
    return f"`{json.dumps(_DEFAULTS[name])}`" if name in _DEFAULTS else "–"


def main() -> None:
    """Write the JSON Schema and the table of members: ``make docs``."""
    SCHEMA.write_text(json.dumps(schema(), indent=2) + "\n", "utf-8")
    PAGE.write_text(documented(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
