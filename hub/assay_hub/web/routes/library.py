"""The library's page: the questions, with filters."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from assay_hub.domain.library import LibrarySearch
from assay_hub.web.context import InContext, SignedIn

router = APIRouter()

_QUERY_CHARACTERS = 200
_MAX_MINUTES = 600


def search_in(request: Request) -> LibrarySearch:
    """Return what the query of an address asks of the library; what makes no sense there is left out."""
    asked = {name: request.query_params.get(name, "")[:_QUERY_CHARACTERS] for name in LibrarySearch.__annotations__}
    minutes = asked.pop("minutes")
    known = minutes.isascii() and minutes.isdigit() and int(minutes) <= _MAX_MINUTES
    return LibrarySearch(**asked, minutes=int(minutes) if known else 0)


def query_of(search: LibrarySearch) -> str:
    """Return the query of an address that asks the same."""
    return urlencode({name: value for name, value in vars(search).items() if value})


@router.get("/questions")
def questions(request: Request, here: InContext, session: SignedIn) -> Response:
    """List the questions that are looked for."""
    browse, search = here.application.browse_library, search_in(request)
    return here.pages.render(
        request,
        "questions.html",
        cards=browse(session.person, search),
        facets=browse.facets(session.person),
        formats=browse.formats(session.person),
        drafts=here.application.questions.drafts(session.person, search),
        shadowing=here.application.library.shadowing(),
        search=search,
        query=query_of(search),
    )
