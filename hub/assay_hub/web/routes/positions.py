"""Roles that people are hired for, and templates: what new interviews start from."""

from dataclasses import dataclass, replace
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from assay_hub.domain.access import TeamAction, require_team
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.position import Position
from assay_hub.domain.rubric import DEFAULTS, LEVELS, MAX_CRITERIA, Criterion
from assay_hub.domain.signals import Level
from assay_hub.web.context import Context, InContext, SignedIn, Submitting

router = APIRouter()

_NEW = Position("", "")


@dataclass(frozen=True)
class EnteredCriterion:
    """A criterion as it was entered."""

    id: str = ""
    title: str = ""
    weight: str = "1"
    anchors: tuple[str, ...] = ("",) * len(LEVELS)

    @classmethod
    def of(cls, one: Criterion) -> "EnteredCriterion":
        """Return a criterion as a form shows it."""
        return cls(one.id, one.title, f"{one.weight:g}", one.anchors)

    def criterion(self, place: int) -> Criterion:
        """Return the criterion.

        Raises:
            BadInputError: the weight is no number.
        """
        try:
            return Criterion(self.id, self.title, self.anchors, float(self.weight))
        except ValueError as error:
            reason = "Give the weight as a number."
            fields = {f"rubric-{place}-weight": reason}
            raise BadInputError("This cannot be saved.", reason, fields=fields) from error


@dataclass(frozen=True)
class Entered:
    """A role as it was entered: it may be wrong, and is shown again as it is."""

    id: str
    name: str
    minutes: str
    tags: str
    questions: tuple[str, ...]
    archived: bool
    signals: str = Level.LIGHT.value
    blind: bool = False
    criteria: tuple[EnteredCriterion, ...] = ()

    @classmethod
    def of(cls, position: Position) -> "Entered":
        """Return a role as a form shows it."""
        minutes = f"{position.duration.total_seconds() / 60:g}"
        return cls(
            position.id,
            position.name,
            minutes,
            ", ".join(position.tags),
            position.questions,
            position.archived,
            position.signals.value,
            position.blind,
            tuple(map(EnteredCriterion.of, position.rubric)),
        )

    @classmethod
    def read(cls, form: FormData, position: Position) -> "Entered":
        """Return what a form holds; questions that were chosen before keep their order."""
        chosen = dict.fromkeys(str(one) for one in form.getlist("question"))
        kept = [one for one in position.questions if one in chosen]
        questions = tuple(dict.fromkeys([*kept, *chosen]))
        texts = {name: str(form.get(name, "")) for name in ("name", "minutes", "tags")}
        return cls(
            position.id,
            **texts,
            questions=questions,
            archived=bool(form.get("archived")),
            signals=str(form.get("signals", position.signals)),
            blind=bool(form.get("blind")),
            criteria=_criteria(form),
        )

    def position(self) -> Position:
        """Return the role.

        Raises:
            BadInputError: the length is no number, or there is no such level of signals.
        """
        try:
            duration = timedelta(minutes=int(self.minutes))
        except (ValueError, OverflowError) as error:
            reason = "Give the length in whole minutes."
            raise BadInputError("This cannot be saved.", reason, fields={"duration": reason}) from error
        if self.signals not in set(Level):
            reason = "Choose one of the levels."
            raise BadInputError("This cannot be saved.", reason, fields={"signals": reason})
        return Position(
            id=self.id,
            name=self.name,
            questions=self.questions,
            duration=duration,
            tags=tuple(self.tags.split(",")),
            archived=self.archived,
            signals=Level(self.signals),
            blind=self.blind,
            rubric=tuple(one.criterion(place) for place, one in enumerate(self.criteria)),
        )


def _criteria(form: FormData) -> tuple[EnteredCriterion, ...]:
    """Return the criteria of a form, without those that are to be removed and those in which nothing stands."""
    found = []
    for place in range(2 * MAX_CRITERIA):
        texts = {name: str(form.get(f"rubric-{place}-{name}", "")) for name in ("id", "title", "weight")}
        anchors = tuple(str(form.get(f"rubric-{place}-{level}", "")) for level in LEVELS)
        if not form.get(f"rubric-{place}-remove") and (texts["title"].strip() or any(map(str.strip, anchors))):
            found.append(EnteredCriterion(**texts, anchors=anchors))
    return tuple(found)


@router.get("/roles")
def roles(request: Request, here: InContext, session: SignedIn) -> Response:
    """List roles and templates."""
    require_team(session.person, TeamAction.MANAGE_ROLES)
    keep = here.application.positions
    titles = {ref.id: ref.title for ref in here.application.library.all()}
    return here.pages.render(
        request,
        "roles.html",
        positions=keep.positions(session.person),
        templates=keep.templates(session.person),
        titles=titles,
    )


@router.get("/roles/new")
def new(request: Request, here: InContext, session: SignedIn) -> Response:
    """Show the form for a new role."""
    require_team(session.person, TeamAction.MANAGE_ROLES)
    return _form(request, here, Entered.of(_NEW), None)


@router.get("/roles/{position_id}")
def role(request: Request, here: InContext, session: SignedIn, position_id: str) -> Response:
    """Show the form that changes a role."""
    return _form(request, here, Entered.of(here.application.positions.position(session.person, position_id)), None)


@router.post("/roles/new")
async def create(request: Request, here: InContext, session: Submitting) -> Response:
    """Make a role."""
    require_team(session.person, TeamAction.MANAGE_ROLES)
    return await _save(request, here, session, _NEW)


@router.post("/roles/{position_id}")
async def change(request: Request, here: InContext, session: Submitting, position_id: str) -> Response:
    """Change a role."""
    known = await run_in_threadpool(here.application.positions.position, session.person, position_id)
    return await _save(request, here, session, known)


@router.post("/roles/{position_id}/archive")
def archive(here: InContext, session: Submitting, position_id: str) -> Response:
    """Stop offering a role, or offer it again."""
    here.application.positions.archive(session.person, position_id)
    return RedirectResponse(f"{here.prefix}roles", 303)


@router.post("/templates/{template_id}/delete")
def delete_template(here: InContext, session: Submitting, template_id: str) -> Response:
    """Forget a template."""
    here.application.positions.delete_template(session.person, template_id)
    return RedirectResponse(f"{here.prefix}roles", 303)


async def _save(request: Request, here: Context, session: Submitting, known: Position) -> Response:
    form = await request.form()
    entered, fill = Entered.read(form, known), str(form.get("fill", ""))
    if fill:
        criteria = (*entered.criteria, EnteredCriterion()) if fill == "add" else _shipped(fill)
        return await run_in_threadpool(_form, request, here, replace(entered, criteria=criteria), None)
    try:
        await run_in_threadpool(here.application.positions.save, session.person, entered.position())
    except BadInputError as error:
        return await run_in_threadpool(_form, request, here, entered, error)
    return RedirectResponse(f"{here.prefix}roles", 303)


def _shipped(name: str) -> tuple[EnteredCriterion, ...]:
    return tuple(map(EnteredCriterion.of, DEFAULTS.get(name, ())))


def _form(request: Request, here: Context, entered: Entered, error: BadInputError | None) -> Response:
    return here.pages.render(
        request,
        "role.html",
        status=error.status if error else 200,
        entered=entered,
        levels=list(Level),
        questions=here.application.library.all(),
        shipped=DEFAULTS,
        error=error,
    )
