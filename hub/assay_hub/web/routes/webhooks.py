"""The admin's pages of webhooks: all of them, and what was delivered to one."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from assay_hub.domain.audit import EVENTS
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.webhook import Webhook
from assay_hub.services.notify import ROWS
from assay_hub.web.context import Context, InContext, SignedIn, Submitting
from assay_hub.web.session import Session

router = APIRouter(prefix="/webhooks")


@router.get("")
def webhooks(request: Request, here: InContext, session: SignedIn) -> Response:
    """List the webhooks, with the form for a new one."""
    return _list(request, here, session)


@router.post("")
async def create(request: Request, here: InContext, session: Submitting) -> Response:
    """Create a webhook and show its secret, this once; what was entered stays in the form when something is wrong."""
    form = await request.form()
    url, events = _entered(form)
    try:
        made, secret = await run_in_threadpool(here.application.webhooks.create, session.person, url, events)
    except BadInputError as error:
        entered: dict[str, object] = {"url": url, "events": events}
        return await run_in_threadpool(_list, request, here, session, entered=entered, error=error)
    return await run_in_threadpool(_one, request, here, session, made.id, secret=secret)


@router.get("/{webhook_id}")
def webhook(request: Request, here: InContext, session: SignedIn, webhook_id: str, before: int = 0) -> Response:
    """Show a webhook with what was delivered to it."""
    return _one(request, here, session, webhook_id, before=before)


@router.post("/{webhook_id}")
async def change(request: Request, here: InContext, session: Submitting, webhook_id: str) -> Response:
    """Give a webhook another address and other events."""
    url, events = _entered(await request.form())
    try:
        await run_in_threadpool(here.application.webhooks.change, session.person, webhook_id, url, events)
    except BadInputError as error:
        entered: dict[str, object] = {"url": url, "events": events}
        return await run_in_threadpool(_one, request, here, session, webhook_id, entered=entered, error=error)
    return _back(here, webhook_id)


@router.post("/{webhook_id}/secret")
def rotate(request: Request, here: InContext, session: Submitting, webhook_id: str) -> Response:
    """Make a new secret and show it, this once."""
    _, secret = here.application.webhooks.rotate(session.person, webhook_id)
    return _one(request, here, session, webhook_id, secret=secret)


@router.post("/{webhook_id}/pause")
def pause(here: InContext, session: Submitting, webhook_id: str) -> Response:
    """Send nothing for the time being."""
    here.application.webhooks.set_active(session.person, webhook_id, active=False)
    return _back(here, webhook_id)


@router.post("/{webhook_id}/resume")
async def resume(here: InContext, session: Submitting, webhook_id: str) -> Response:
    """Send again."""
    await run_in_threadpool(here.application.webhooks.set_active, session.person, webhook_id, active=True)
    here.news.wake()
    return _back(here, webhook_id)


@router.post("/{webhook_id}/delete")
def delete(here: InContext, session: Submitting, webhook_id: str) -> Response:
    """Forget a webhook."""
    here.application.webhooks.delete(session.person, webhook_id)
    return RedirectResponse(f"{here.prefix}webhooks", 303)


@router.post("/{webhook_id}/test")
async def test(here: InContext, session: Submitting, webhook_id: str) -> Response:
    """Send a test."""
    await run_in_threadpool(here.application.webhooks.test, session.person, webhook_id)
    here.news.wake()
    return _back(here, webhook_id)


@router.post("/{webhook_id}/deliveries/{delivery_id}")
async def redeliver(here: InContext, session: Submitting, webhook_id: str, delivery_id: int) -> Response:
    """Send a message again."""
    await run_in_threadpool(here.application.webhooks.redeliver, session.person, webhook_id, delivery_id)
    here.news.wake()
    return _back(here, webhook_id)


def _list(
    request: Request,
    here: Context,
    session: Session,
    entered: Mapping[str, object] | None = None,
    error: BadInputError | None = None,
) -> Response:
    found = here.application.webhooks.all(session.person)
    shown = entered or {"url": "", "events": list(EVENTS.values())}
    status = error.status if error else 200
    return here.pages.render(
        request, "webhooks.html", status=status, webhooks=found, all_events=EVENTS.values(), entered=shown, error=error
    )


def _one(
    request: Request,
    here: Context,
    session: Session,
    webhook_id: str,
    *,
    before: int = 0,
    secret: str = "",
    entered: Mapping[str, object] | None = None,
    error: BadInputError | None = None,
) -> Response:
    found, deliveries = here.application.webhooks.deliveries(session.person, webhook_id, before)
    return here.pages.render(
        request,
        "webhook.html",
        status=error.status if error else 200,
        webhook=found,
        deliveries=deliveries,
        more=len(deliveries) == ROWS,
        all_events=EVENTS.values(),
        entered=entered or _plan(found),
        error=error,
        secret=secret,
    )


def _plan(webhook: Webhook) -> dict[str, object]:
    return {"url": webhook.url, "events": webhook.events}


def _entered(form: FormData) -> tuple[str, list[str]]:
    return str(form.get("url", "")), [str(value) for value in form.getlist("event")]


def _back(here: Context, webhook_id: str) -> Response:
    return RedirectResponse(f"{here.prefix}webhooks/{webhook_id}", 303)
