"""Find interviews: lists, tags and searches that people keep."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from assay_hub.domain.access import Person, TeamAction, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.plan import one_line
from assay_hub.domain.search import Page, SavedSearch, Search, Total
from assay_hub.ports import Clock, Database

_NAME_CHARACTERS = 100
_QUERY_CHARACTERS = 4_000
_MAX_SEARCHES = 50


@dataclass(frozen=True)
class FindInterviews:
    """Lists what somebody may see."""

    database: Database
    clock: Clock

    def __call__(self, person: Person, search: Search) -> Page:
        """Return one page of what was looked for.

        Raises:
            NotFoundError: not in the team.
            BadInputError: the cursor is not one of ours.
        """
        require_team(person, TeamAction.LIST)
        with self.database.read() as records:
            return records.find(person, search)

    def total(self, person: Person, search: Search, page: Page) -> Total:
        """Return how many interviews all pages have together; nothing is counted when a page is all there is."""
        require_team(person, TeamAction.LIST)
        if not page.next and not page.previous:
            return Total(len(page.interviews), more=False)
        with self.database.read() as records:
            return records.count(person, search)

    def export(self, person: Person, search: Search) -> Iterator[Page]:
        """Return every page of a search for a file that leaves the house; the audit log tells of each before it goes.

        Raises:
            NotFoundError: not in the team.
            BadInputError: the cursor is not one of ours; both are raised by this call, before the first page is read.
        """
        return self._pages(person, search, self(person, search))

    def _pages(self, person: Person, search: Search, page: Page) -> Iterator[Page]:
        while True:
            ids = [interview.id for interview in page.interviews]
            with self.database.write() as records:
                records.log(Entry(self.clock.now(), person.account, Deed.EXPORTED, "", {"interviews": ids}))
            yield page
            if not page.next:
                return
            page = self(person, replace(search, cursor=page.next))

    def tags(self, person: Person, beginning: str = "", rows: int = 20) -> list[str]:
        """Return tags that begin so, on interviews that the person may see."""
        require_team(person, TeamAction.LIST)
        with self.database.read() as records:
            return records.known_tags(person, beginning, rows)

    def saved(self, person: Person) -> list[SavedSearch]:
        """Return the person's own searches."""
        require_team(person, TeamAction.LIST)
        with self.database.read() as records:
            return records.saved_searches(person.account)

    def save(self, person: Person, name: str, query: str) -> None:
        """Keep a search under a name, in place of one with the same name.

        Raises:
            BadInputError: the name is empty or too long, or there are too many.
        """
        require_team(person, TeamAction.LIST)
        name = one_line(name)
        if not 0 < len(name) <= _NAME_CHARACTERS or len(query) > _QUERY_CHARACTERS or "\0" in name + query:
            raise BadInputError(f"A saved search needs a name of 1 to {_NAME_CHARACTERS} characters.")
        with self.database.write() as records:
            others = [one for one in records.saved_searches(person.account) if one.name != name]
            if len(others) >= _MAX_SEARCHES:
                raise BadInputError(f"At most {_MAX_SEARCHES} searches are kept.", "Delete one first.")
            records.save_search(SavedSearch(person.account, name, query))

    def forget(self, person: Person, name: str) -> None:
        """Forget a search."""
        require_team(person, TeamAction.LIST)
        with self.database.write() as records:
            records.delete_search(person.account, name)
