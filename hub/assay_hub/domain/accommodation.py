"""Accommodations: what is different for one candidate, so that the interview measures the same for everybody."""

from dataclasses import dataclass
from datetime import timedelta

from assay_hub.domain.errors import BadInputError
from assay_hub.domain.plan import NOTES_CHARACTERS, is_broken
from assay_hub.domain.signals import OF_LEVEL, Level, SignalKind

LARGEST_FACTOR = 4.0


@dataclass(frozen=True)
class Accommodation:
    """What is different for a candidate. Only those who hold the interview, and administrators, know of it.

    Attributes:
        muted: signals that are neither collected nor shown.
        note: for those who manage it.
        time_factor: by how much the planned time is longer, 1 for not at all.
    """

    muted: frozenset[SignalKind] = frozenset()
    note: str = ""
    time_factor: float = 1.0

    @property
    def given(self) -> bool:
        """Whether anything is different at all."""
        return self != Accommodation()

    def checked(self) -> "Accommodation":
        """Return it with its note tidied.

        Raises:
            BadInputError: the note is too long, or the factor is not between 1 and 4.
        """
        note = self.note.replace("\r\n", "\n").strip()
        wrong: dict[str, str] = {}
        if len(note) > NOTES_CHARACTERS or is_broken(note):
            wrong["note"] = f"At most {NOTES_CHARACTERS} characters are kept."
        if not 1 <= self.time_factor <= LARGEST_FACTOR:
            wrong["time_factor"] = f"The time can be 1 to {LARGEST_FACTOR:g} times as long."
        if wrong:
            raise BadInputError("This cannot be kept.", " ".join(wrong.values()), fields=wrong)
        return Accommodation(self.muted, note, self.time_factor)

    def observed(self, level: Level) -> frozenset[SignalKind]:
        """Return what is observed at a level."""
        return OF_LEVEL[level] - self.muted

    def time(self, planned: timedelta) -> timedelta:
        """Return the time that this candidate has."""
        return planned * self.time_factor
