"""The replay of a recording: its page, the timeline that its player asks for, and files to take away."""

import json
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from assay_hub.domain.timeline import Marker, unpack
from assay_hub.services.replay import Opened
from assay_hub.web.context import InContext, SignedIn
from assay_hub.web.pages import COMMON_HEADERS
from assay_hub.web.replay import moments, offline_page

router = APIRouter(prefix="/interviews/{interview_id}/replay")


@router.get("")
def page(request: Request, here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Show the player, and what is known of the recording's wholeness."""
    replay = here.application.replay
    opened = replay.open(session.person, interview_id)
    return here.pages.render(
        request,
        "replay.html",
        opened=opened,
        compared=replay.compare(session.person, interview_id),
        moments=moments(opened),
        address=f"{here.prefix}interviews/{interview_id}/replay",
    )


@router.get("/timeline")
def timeline(here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Return the index of the timeline: its segments, moments to jump to, and names."""
    return _json(index_of(here.application.replay.follow(session.person, interview_id)))


@router.get("/segments/{number}")
def segment(here: InContext, session: SignedIn, interview_id: str, number: int) -> Response:
    """Return one segment of the timeline."""
    return _json(unpack(here.application.replay.segment(session.person, interview_id, number).body))


@router.get("/recording.jsonl")
def recording(here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Return the raw events with their hash chain."""
    lines = here.application.replay.export(session.person, interview_id)
    name = f"recording-{interview_id}.jsonl"
    return StreamingResponse(lines, media_type="application/jsonl", headers=_attachment(name))


@router.get("/offline.html")
def offline(here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Return a page that plays the recording by itself, without a network."""
    replay = here.application.replay
    opened = replay.open(session.person, interview_id)
    numbers = [one.number for one in opened.segments]
    bodies = [unpack(replay.segment(session.person, interview_id, number).body) for number in numbers]
    content = offline_page(here.pages, opened, {"index": index_of(opened), "segments": bodies})
    return Response(content, media_type="text/html", headers=_attachment(f"replay-{interview_id}.html"))


def index_of(opened: Opened) -> dict[str, Any]:
    """Return the index as a player reads it."""
    keys = ("number", "first_at", "last_at", "first_seq", "last_seq")
    return {
        "segments": [{key: getattr(one, key) for key in keys} for one in opened.segments],
        "markers": [_marker(marker, words) for marker, words in moments(opened)],
        "names": dict(opened.names),
        "running": opened.running,
    }


def _marker(marker: Marker, words: str) -> dict[str, Any]:
    return {
        "at": marker.at,
        "kind": marker.kind,
        "account": marker.account,
        "document": marker.document,
        "words": words,
    }


def _json(body: Any) -> Response:
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(content, media_type="application/json", headers=COMMON_HEADERS)


def _attachment(name: str) -> dict[str, str]:
    return {**COMMON_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
