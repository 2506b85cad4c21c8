"""Blind interviews: what stands in place of everything that says who the candidate is."""

import hashlib
import re
import unicodedata
from dataclasses import replace

from assay_hub.domain.audit import Entry
from assay_hub.domain.interview import Interview

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHARACTERS = 4
_SHORTEST = 2
_TOLD = frozenset(
    {"position", "kind", "scheduled_at", "time_zone", "duration", "interviewers", "observers", "viewers", "questions"}
    | {"number", "sha256", "link", "criterion"}
)
"""What a history may say of a blind interview; what is not named here is left out."""


def pseudonym(interview_id: str) -> str:
    """Return what a candidate is called instead, such as ``Candidate 7F3K``: always the same for one interview."""
    number = int.from_bytes(hashlib.sha256(b"pseudonym:" + interview_id.encode()).digest()[:8], "big")
    places = (number // len(_ALPHABET) ** place % len(_ALPHABET) for place in range(_CHARACTERS))
    return "Candidate " + "".join(_ALPHABET[place] for place in places)


def hidden(interview: Interview) -> Interview:
    """Return the interview without anything that says who the candidate is.

    The name, its parts and the address are taken out of the title; a tag that has one of them goes, and so do the
    internal notes, in which people write what they know of somebody.
    """
    return replace(
        interview,
        title=_without(interview.title, interview),
        candidate_name=pseudonym(interview.id),
        candidate_email="",
        internal_notes="",
        tags=tuple(tag for tag in interview.tags if _without(tag, interview) == tag),
    )


def hidden_entry(entry: Entry) -> Entry:
    """Return a line of a blind interview's history without anything that could say who the candidate is."""
    return replace(entry, details={name: value for name, value in entry.details.items() if name in _TOLD})


def _without(text: str, interview: Interview) -> str:
    """Return a text with the pseudonym in place of the candidate's name, whatever its case and accents."""
    folded, places = _folded(text)
    found: list[tuple[int, int]] = []
    for words in _identifying(interview):
        edges = ("(?<![a-z])", "(?![a-z])") if words.isascii() else ("", "")  # not every script has words apart
        pattern = edges[0] + re.escape(words) + edges[1]
        found += [(places[one.start()], places[one.end() - 1] + 1) for one in re.finditer(pattern, folded)]
    for start, end in sorted(_joined(text, found), reverse=True):
        text = text[:start] + pseudonym(interview.id) + text[end:]
    return text


def _identifying(interview: Interview) -> set[str]:
    name, address = _folded(interview.candidate_name)[0], _folded(interview.candidate_email)[0]
    parts = {*re.split(r"[^\w]+", name), *name.split(), name.strip(), address, address.partition("@")[0]}
    parts |= {"".join(name.split()), ".".join(name.split()), "-".join(name.split()), "_".join(name.split())}
    return {part for part in parts if len(part) >= _SHORTEST} | ({name.strip()} - {""})


def _folded(text: str) -> tuple[str, list[int]]:
    """Return a text in lower case without accents, and for each of its characters the place that it comes from."""
    pairs = [
        (character, place)
        for place, one in enumerate(text)
        for character in unicodedata.normalize("NFKD", one).casefold()
        if not unicodedata.combining(character)
    ]
    return "".join(character for character, _ in pairs), [place for _, place in pairs]


def _joined(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans as few as possible: those that overlap, or have only white space between them, as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and not text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
