"""What stands behind the question mark: filters and pages. A name that is not known is refused, not overlooked."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from assay_hub.domain.audit import Deed
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.interview import State
from assay_hub.domain.library import LibrarySearch
from assay_hub.domain.plan import Kind
from assay_hub.domain.search import MAX_PAGE_ROWS, PAGE_ROWS, AuditSearch, Order, Search
from assay_hub.representations.received import Moment

_CURSOR_CHARACTERS = 2000
_NO_ZERO = r"^[^\u0000]*$"


def _number(value: object) -> object:
    """Refuse what Python takes for a number and nobody else does, such as ``1_0``."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError("This is no whole number.")
    return value


Words = Annotated[str, Field(max_length=200, pattern=_NO_ZERO)]


class PageQuery(BaseModel):
    """A page of a list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[int, BeforeValidator(_number)] = Field(
        PAGE_ROWS, ge=1, le=MAX_PAGE_ROWS, description="most items of a page"
    )
    cursor: str = Field(
        "",
        max_length=_CURSOR_CHARACTERS,
        pattern="^[A-Za-z0-9_-]*$",
        description="`next` of the page before; empty for the first",
    )


class WordsQuery(PageQuery):
    """A page of what begins with, or holds, some words."""

    q: Words = Field("", description="what is looked for")


class InterviewQuery(PageQuery):
    """Conditions that all must hold; with the names that the list's page has in its address."""

    q: Words = Field("", description="words in title, candidate, e-mail or tags, whatever the case")
    tag: list[Words] = Field([], max_length=10, description="tags; the interview has all of them")
    position: list[Words] = Field([], max_length=50, description="ids of roles; it is one of them")
    state: list[State] = Field([], max_length=10, description="it is in one of them")
    kind: list[Kind] = Field([], max_length=10, description="it is of one of them")
    interviewer: Words = Field("", description="account that holds it")
    since: Moment | None = Field(None, description="its date is this or later")
    until: Moment | None = Field(None, description="its date is before this")
    sort: Order = Field(Order.NEWEST, description="a leading minus turns it round")

    def search(self) -> Search:
        """Return the search."""
        return Search(
            text=self.q,
            tags=tuple(self.tag),
            positions=tuple(self.position),
            states=tuple(self.state),
            kinds=tuple(self.kind),
            interviewer=self.interviewer,
            since=self.since,
            until=self.until,
            order=self.sort,
            rows=self.limit,
            cursor=self.cursor,
        )


class AuditQuery(PageQuery):
    """Conditions on the audit log."""

    account: Words = Field("", description="who did it")
    deed: Deed | None = Field(None, description="what was done")
    interview: Words = Field("", description="id of the interview")
    since: Moment | None = Field(None, description="it was done then or later")
    until: Moment | None = Field(None, description="it was done before this")

    def search(self) -> AuditSearch:
        """Return the search.

        Raises:
            BadInputError: the cursor is not one of the log's.
        """
        if self.cursor and not (self.cursor.isdigit() and 0 < len(self.cursor) < 19):  # noqa: PLR2004
            reason = "This is no cursor of this list."
            raise BadInputError("This page of the list cannot be found.", reason, fields={"cursor": reason})
        return AuditSearch(
            account=self.account,
            deed=self.deed.value if self.deed else "",
            interview=self.interview,
            since=self.since,
            until=self.until,
            before=int(self.cursor or 0),
            rows=self.limit,
        )


class LibraryQuery(PageQuery):
    """Conditions on questions; all must hold."""

    q: Words = Field("", description="words in title, topics or skills, whatever the case")
    kind: Words = Field("", description="sort of task, such as debugging")
    difficulty: Words = Field("", description="easy, medium or hard")
    topic: Words = Field("", description="one of its topics")
    skill: Words = Field("", description="one of its skills")
    language: Words = Field("", description="what its notebook is written in")
    minutes: Annotated[int, BeforeValidator(_number)] = Field(
        0, ge=0, le=10_000, description="it takes at most so long; 0 for any length"
    )
    source: Literal["", "official", "own"] = Field("", description="whether it came with Assay or is the team's own")

    def search(self) -> LibrarySearch:
        """Return the search."""
        return LibrarySearch(text=self.q, **self.model_dump(exclude={"q", "limit", "cursor"}))
