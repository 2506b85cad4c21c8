"""What belongs to the whole team: its members, roles, templates, tags and the audit log."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from assay_hub.domain.access import TeamAction, TeamRole, require_team
from assay_hub.domain.errors import NotFoundError
from assay_hub.domain.team import Member
from assay_hub.representations.models import (
    EntryList,
    MemberList,
    MemberShown,
    MeShown,
    PositionList,
    PositionShown,
    TagList,
    TemplateList,
    TemplateShown,
)
from assay_hub.representations.received import (
    MemberInput,
    PositionInput,
    TemplateChange,
    TemplateInput,
)
from assay_hub.representations.render import (
    API_PATH,
    entry,
    me,
    member,
    position,
    template,
)
from assay_hub.web.api.description import ETAG, LINK, LOCATION, AccountName, PositionId, TemplateId, described
from assay_hub.web.api.gate import Caller, GatedRoute, InCaller, Scope
from assay_hub.web.api.paging import listed, page_of, rendered
from assay_hub.web.api.queries import AuditQuery, PageQuery, WordsQuery
from assay_hub.web.api.versions import replaced, tag_of, tagged
from assay_hub.web.context import Context, InContext

router = APIRouter(route_class=GatedRoute, tags=["team"])

_MOST_TAGS = 10_000


@router.get("/me", **described(Scope.READ, "Read who you are", MeShown))
def read_me(caller: InCaller) -> Response:
    """Read whose token this is, and what it is good for."""
    return rendered(me(caller.person, caller.person.team or TeamRole.VIEWER, list(caller.scopes)))


@router.get("/members", **described(Scope.READ, "List the team", MemberList, headers=(LINK,)))
def members(request: Request, here: InContext, caller: InCaller, query: Annotated[PageQuery, Query()]) -> Response:
    """List the members by name, former ones included."""
    found = here.application.team.members(caller.person)
    page, after = page_of(found, lambda one: (one.name, one.account), query.limit, query.cursor)
    return listed(request, MemberList(items=[member(one) for one in page], next=after))


@router.get("/members/{account}", **described(Scope.READ, "Read a member", MemberShown, headers=(ETAG,)))
def read_member(here: InContext, caller: InCaller, account: AccountName) -> Response:
    """Read who somebody is in the team."""
    found = _member(here, caller, account)
    if found is None:
        raise NotFoundError
    return tagged(member(found))


@router.put(
    "/members/{account}",
    **described(Scope.ADMIN, "Add or change a member", MemberShown, 413, 415, headers=(ETAG,), may_match=True),
)
def change_member(
    request: Request, here: InContext, caller: InCaller, account: AccountName, body: MemberInput
) -> Response:
    """Say who somebody is in the team, as an admin; who leaves is made inactive, and their name stays.

    With If-Match, somebody who is there is changed only if they are still as the request knows them.
    """
    team, wanted = here.application.team, body.member(account, here.application.clock.now())
    require_team(caller.person, TeamAction.MANAGE_PEOPLE)
    if "if-match" not in request.headers or _member(here, caller, account) is None:
        return tagged(member(team.change(caller.person, wanted)))
    changed = replaced(
        request,
        lambda: _member(here, caller, account) or wanted,
        lambda found: tag_of(member(found)),
        lambda known: team.change(caller.person, wanted, expected=known),
    )
    return tagged(member(changed))


def _member(here: Context, caller: Caller, account: str) -> Member | None:
    return next((one for one in here.application.team.members(caller.person) if one.account == account), None)


@router.get("/positions", **described(Scope.READ, "List the roles", PositionList, headers=(LINK,)))
def positions(request: Request, here: InContext, caller: InCaller, query: Annotated[PageQuery, Query()]) -> Response:
    """List the roles that people are hired for, archived ones included."""
    found = here.application.positions.positions(caller.person)
    page, after = page_of(found, lambda one: (one.name, one.id), query.limit, query.cursor)
    return listed(request, PositionList(items=[position(one) for one in page], next=after))


@router.post(
    "/positions",
    **described(Scope.WRITE, "Create a role", PositionShown, 413, 415, status=201, headers=(ETAG, LOCATION), key=True),
)
def create_position(here: InContext, caller: InCaller, body: PositionInput) -> Response:
    """Create a role that people are hired for."""
    made = here.application.positions.save(caller.person, body.position())
    return tagged(position(made), 201, Location=f"{API_PATH}/positions/{made.id}")


@router.get("/positions/{position_id}", **described(Scope.READ, "Read a role", PositionShown, headers=(ETAG,)))
def read_position(here: InContext, caller: InCaller, position_id: PositionId) -> Response:
    """Read what interviews for a role start with."""
    found = next((one for one in here.application.positions.positions(caller.person) if one.id == position_id), None)
    if found is None:
        raise NotFoundError
    return tagged(position(found))


@router.put(
    "/positions/{position_id}",
    **described(Scope.WRITE, "Change a role", PositionShown, 413, 415, headers=(ETAG,), if_match=True),
)
def change_position(
    request: Request, here: InContext, caller: InCaller, position_id: PositionId, body: PositionInput
) -> Response:
    """Replace a role; interviews that started from it stay as they are."""
    positions = here.application.positions
    changed = replaced(
        request,
        lambda: positions.position(caller.person, position_id),
        lambda found: tag_of(position(found)),
        lambda known: positions.save(caller.person, body.position(position_id), expected=known),
    )
    return tagged(position(changed))


@router.get("/templates", **described(Scope.READ, "List the templates", TemplateList, headers=(LINK,)))
def templates(request: Request, here: InContext, caller: InCaller, query: Annotated[PageQuery, Query()]) -> Response:
    """List what new interviews can start with."""
    found = here.application.positions.templates(caller.person)
    page, after = page_of(found, lambda one: (one.name, one.id), query.limit, query.cursor)
    return listed(request, TemplateList(items=[template(one) for one in page], next=after))


@router.post(
    "/templates",
    **described(
        Scope.WRITE, "Make a template", TemplateShown, 413, 415, status=201, headers=(ETAG, LOCATION), key=True
    ),
)
def create_template(here: InContext, caller: InCaller, body: TemplateInput) -> Response:
    """Keep what an interview is made of, without its candidate, time and people, for new ones."""
    made = here.application.positions.make_template(caller.person, body.interview, body.name)
    return tagged(template(made), 201, Location=f"{API_PATH}/templates/{made.id}")


@router.get("/templates/{template_id}", **described(Scope.READ, "Read a template", TemplateShown, headers=(ETAG,)))
def read_template(here: InContext, caller: InCaller, template_id: TemplateId) -> Response:
    """Read what a new interview can start with."""
    return tagged(template(here.application.positions.template(caller.person, template_id)))


@router.put(
    "/templates/{template_id}",
    **described(Scope.WRITE, "Change a template", TemplateShown, 413, 415, headers=(ETAG,), if_match=True),
)
def change_template(
    request: Request, here: InContext, caller: InCaller, template_id: TemplateId, body: TemplateChange
) -> Response:
    """Replace a template; interviews that started from it stay as they are."""
    positions = here.application.positions
    changed = replaced(
        request,
        lambda: positions.template(caller.person, template_id),
        lambda found: tag_of(template(found)),
        lambda known: positions.change_template(caller.person, body.template(template_id), expected=known),
    )
    return tagged(template(changed))


@router.delete(
    "/templates/{template_id}", **described(Scope.WRITE, "Delete a template", None, status=204, if_match=True)
)
def delete_template(request: Request, here: InContext, caller: InCaller, template_id: TemplateId) -> Response:
    """Forget a template; interviews that started from it stay as they are."""
    positions = here.application.positions
    replaced(
        request,
        lambda: positions.template(caller.person, template_id),
        lambda found: tag_of(template(found)),
        lambda known: positions.delete_template(caller.person, template_id, expected=known),
    )
    return Response(status_code=204)


@router.get("/tags", **described(Scope.READ, "List tags", TagList, headers=(LINK,)))
def tags(request: Request, here: InContext, caller: InCaller, query: Annotated[WordsQuery, Query()]) -> Response:
    """List tags that begin so, on interviews that you may see."""
    found = here.application.find_interviews.tags(caller.person, query.q, _MOST_TAGS)
    page, after = page_of(found, lambda one: (one,), query.limit, query.cursor)
    return listed(request, TagList(items=page, next=after))


@router.get("/audit", **described(Scope.ADMIN, "Read the audit log", EntryList, headers=(LINK,)))
def audit(request: Request, here: InContext, caller: InCaller, query: Annotated[AuditQuery, Query()]) -> Response:
    """Read every change and every reading of what is confidential, the latest first, as an admin."""
    found = here.application.review.audit(caller.person, query.search())
    after = str(found[-1].id) if len(found) == query.limit else None
    return listed(request, EntryList(items=[entry(one) for one in found], next=after))
