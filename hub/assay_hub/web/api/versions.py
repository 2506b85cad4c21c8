"""ETags: a change names the representation that it was made from."""

import hashlib
import re
from collections.abc import Callable
from typing import TypeVar

from fastapi import Request, Response
from pydantic import BaseModel

from assay_hub.domain.access import Action, Person
from assay_hub.domain.errors import BadInputError, ConflictError
from assay_hub.domain.interview import Interview
from assay_hub.representations.render import shown
from assay_hub.services.review import ReviewInterviews
from assay_hub.web.api.errors import PreconditionNeededError, StaleError
from assay_hub.web.api.paging import rendered

IF_MATCH = r'^(\*|(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*")*)$'
"""Form of the header: a star, or ETags of which weak ones never match (RFC 9110, 13.1.1)."""

Thing = TypeVar("Thing")
Answer = TypeVar("Answer")

_TAG = re.compile(r'(?:W/)?"[!#-~]*"')


def etag_of(interview: Interview, reader: Person) -> str:
    """Return a strong ETag of an interview's representation."""
    body = shown(interview, reader).model_dump_json()
    return f'"{interview.revision}-{hashlib.sha256(body.encode()).hexdigest()[:16]}"'


def versioned(interview: Interview, reader: Person, status: int = 200, **headers: str) -> Response:
    """Return an interview as an answer with its ETag."""
    return rendered(shown(interview, reader), status, ETag=etag_of(interview, reader), **headers)


def changed(
    request: Request,
    review: ReviewInterviews,
    reader: Person,
    action: Action,
    interview_id: str,
    change: Callable[[Interview], Interview],
) -> Interview:
    """Change an interview if it is still as the request knows it.

    Args:
        request: names the version in its If-Match header.
        review: reads the interview.
        reader: who changes it.
        action: what they need to be allowed.
        interview_id: the interview.
        change: gets the present interview, and refuses if it has another revision by then.

    Raises:
        PreconditionNeededError: the request names no version.
        BadInputError: it names one in another form.
        NotFoundError: no such interview for this person.
        StaleError: it is another version by now.
    """
    return replaced(
        request, lambda: review.find(reader, action, interview_id), lambda found: etag_of(found, reader), change
    )


def tag_of(body: BaseModel) -> str:
    """Return a strong ETag of a representation."""
    return f'"{hashlib.sha256(body.model_dump_json().encode()).hexdigest()[:16]}"'


def tagged(body: BaseModel, status: int = 200, **headers: str) -> Response:
    """Return a representation as an answer with its ETag."""
    return rendered(body, status, ETag=tag_of(body), **headers)


def replaced(
    request: Request, find: Callable[[], Thing], tag: Callable[[Thing], str], change: Callable[[Thing], Answer]
) -> Answer:
    """Change something if it is still as the request knows it.

    Args:
        request: names the version in its If-Match header.
        find: reads it.
        tag: returns the ETag of its representation.
        change: gets the present one, and refuses if it is another by then.

    Raises:
        PreconditionNeededError: the request names no version.
        BadInputError: it names one in another form.
        StaleError: it is another version by now.
    """
    named = ",".join(request.headers.getlist("if-match"))
    if not named:
        raise PreconditionNeededError
    if not re.fullmatch(IF_MATCH, named):
        reason = 'An ETag stands in quotes, as it was given: "…".'
        raise BadInputError("The If-Match header cannot be used.", reason, fields={"If-Match": reason})
    found = find()
    if named != "*" and tag(found) not in _TAG.findall(named):
        raise StaleError(tag(found))
    try:
        return change(found)
    except ConflictError as error:
        raise StaleError(tag(find())) from error
