"""Create an interview: pin its questions, name its people."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from assay_hub.domain.access import Person
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.interview import Interview, State
from assay_hub.ports import Clock, Database, Library

_ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_TEXT_CHARACTERS = 200
_MINUTES = range(5, 8 * 60 + 1)


@dataclass(frozen=True)
class CreateInterview:
    """Creates interviews."""

    database: Database
    library: Library
    clock: Clock

    def __call__(
        self, by: Person, *, title: str, candidate_name: str, minutes: int, question_ids: Sequence[str]
    ) -> Interview:
        """Create a live interview.

        Raises:
            BadInputError: a name is empty or too long, the length is not between 5 minutes and 8 hours, a question is
                unknown or chosen twice, or there is none.
        """
        title, candidate_name = _text("title", title), _text("candidate's name", candidate_name)
        if minutes not in _MINUTES:
            raise BadInputError("An interview takes between 5 minutes and 8 hours.")
        if not question_ids or len(set(question_ids)) != len(question_ids):
            raise BadInputError("Choose at least one question, and none twice.")
        interview = Interview(
            id="".join(secrets.choice(_ID_ALPHABET) for _ in range(10)),
            title=title,
            candidate_name=candidate_name,
            state=State.CREATED,
            created_by=by.account,
            created_at=self.clock.now(),
            duration=timedelta(minutes=minutes),
            interviewers=(by.account,),
            questions=tuple(self.library.pin(question_id) for question_id in question_ids),
        )
        with self.database.write() as records:
            records.add_interview(interview)
        return interview


def _text(what: str, text: str) -> str:
    clean = " ".join(text.split())
    if not clean or len(clean) > _TEXT_CHARACTERS or not clean.isprintable():
        raise BadInputError(f"The {what} needs between 1 and {_TEXT_CHARACTERS} characters.")
    return clean
