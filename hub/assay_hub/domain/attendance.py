"""Where a candidate is, as the room's pages tell it: there, away, cut off, or there twice."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta

from assay_hub.domain.signals import SignalKind

RELOAD_SECONDS = 10.0
"""A page that comes back within this time was loaded again or had a bad moment: nothing to speak of."""

SECOND_SECONDS = 20.0
"""Two pages that are open at once for this long are two; a dead connection is noticed earlier than that."""


@dataclass(frozen=True)
class Spell:
    """A time in which something was so.

    Attributes:
        until: ``None`` while it lasts.
    """

    kind: SignalKind
    at: datetime
    until: datetime | None = None


class Attendance:
    """Follows one candidate's open pages and says when a spell begins and ends.

    A spell is given when it begins, and once more with its end; each method returns what is new. One spell of being
    gone lasts until any page is looked at again, whatever happens to pages meanwhile.
    """

    def __init__(self) -> None:
        self._pages: dict[Hashable, bool] = {}
        self._gone: Spell | None = None
        self._gone_told = False
        self._doubled: Spell | None = None
        self._doubled_told = False

    @property
    def idle(self) -> bool:
        """Whether nothing is left to follow: no page, and no spell whose beginning is still to be told."""
        return not self._pages and (self._gone is None or self._gone_told)

    def came(self, page: Hashable, at: datetime) -> None:
        """Take a page that was opened, or connected again; whether somebody looks at it, it says next."""
        self._pages[page] = False
        if len(self._pages) > 1 and self._doubled is None:
            self._doubled, self._doubled_told = Spell(SignalKind.SECOND, at), False

    def left(self, page: Hashable, at: datetime) -> list[Spell]:
        """Take that a page is not looked at any more."""
        if page not in self._pages:
            return []
        self._pages[page] = False
        if any(self._pages.values()) or self._gone is not None:
            return []
        self._gone, self._gone_told = Spell(SignalKind.LEFT, at), True
        return [self._gone]

    def here(self, page: Hashable, at: datetime) -> list[Spell]:
        """Take that a page is looked at."""
        if page not in self._pages:
            return []
        self._pages[page] = True
        gone, self._gone = self._gone, None
        return [Spell(gone.kind, gone.at, at)] if gone is not None and self._gone_told else []

    def gone(self, page: Hashable, at: datetime, *, closed: bool) -> list[Spell]:
        """Take that a page is no longer connected.

        Args:
            page: the page.
            at: when.
            closed: whether the browser said that it goes; otherwise the connection was lost.
        """
        self._pages.pop(page, None)
        ended: list[Spell] = []
        if self._doubled is not None and len(self._pages) <= 1:
            if self._doubled_told:
                ended = [Spell(SignalKind.SECOND, self._doubled.at, at)]
            self._doubled = None
        if self._gone is None and not any(self._pages.values()):
            self._gone = Spell(SignalKind.LEFT if closed or self._pages else SignalKind.DISCONNECTED, at)
            self._gone_told = False
        return ended

    def passed(self, now: datetime) -> list[Spell]:
        """Return the spells that have lasted long enough by now to be told."""
        told: list[Spell] = []
        if self._gone is not None and not self._gone_told and _longer(self._gone, now, RELOAD_SECONDS):
            self._gone_told = True
            told.append(self._gone)
        if self._doubled is not None and not self._doubled_told and _longer(self._doubled, now, SECOND_SECONDS):
            self._doubled_told = True
            told.append(self._doubled)
        return told


def _longer(spell: Spell, now: datetime, seconds: float) -> bool:
    return now - spell.at >= timedelta(seconds=seconds)
