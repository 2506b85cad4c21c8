"""Browse the library: search questions and look at them as a candidate would."""

from dataclasses import dataclass

from assay_hub.domain.access import Person, TeamAction, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.errors import NotFoundError
from assay_hub.domain.interview import Interview
from assay_hub.domain.library import LibraryFacets, LibrarySearch, Preview, QuestionCard, facets
from assay_hub.ports import Clock, Database, Library

_ASKED_ROWS = 5


@dataclass(frozen=True)
class BrowseLibrary:
    """Shows questions to those who may choose or review them."""

    database: Database
    library: Library
    clock: Clock

    def __call__(self, person: Person, search: LibrarySearch) -> list[QuestionCard]:
        """Return the questions that match, by title.

        Raises:
            NotFoundError: this person may not see the library.
        """
        require_team(person, TeamAction.SEE_LIBRARY)
        return [card for card in self.library.cards() if search.finds(card)]

    def facets(self, person: Person) -> LibraryFacets:
        """Return what there is to choose from in each filter."""
        require_team(person, TeamAction.SEE_LIBRARY)
        return facets(self.library.cards())

    def named(self, person: Person) -> dict[str, QuestionCard]:
        """Return every question and every empty editor by its id."""
        require_team(person, TeamAction.SEE_LIBRARY)
        return {card.id: card for card in (*self.library.cards(), *self.library.formats())}

    def formats(self, person: Person) -> list[QuestionCard]:
        """Return the empty editors."""
        require_team(person, TeamAction.SEE_LIBRARY)
        return self.library.formats()

    def preview(self, person: Person, question_id: str) -> Preview:
        """Return a question as a candidate gets it; the audit log tells of the reading.

        Raises:
            NotFoundError: this person may not see the library, or there is no such question.
        """
        require_team(person, TeamAction.SEE_LIBRARY)
        found = self.library.preview(question_id)
        if found is None:
            raise NotFoundError
        with self.database.write() as records:
            details = {"question": found.card.id, "version": found.card.version}
            records.log(Entry(self.clock.now(), person.account, Deed.READ_QUESTION, "", details))
        return found

    def asked(self, person: Person, question_id: str) -> list[Interview]:
        """Return the latest interviews with a question that the person may see."""
        require_team(person, TeamAction.SEE_LIBRARY)
        with self.database.read() as records:
            return records.asked(question_id, person, _ASKED_ROWS)
