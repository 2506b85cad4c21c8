"""What people learn of a question before they choose it, and how they look for one."""

from dataclasses import dataclass

from assay_hub.domain.plan import one_line


@dataclass(frozen=True)
class QuestionCard:
    """A question as the library shows it.

    Attributes:
        kind: what sort of task it is, such as ``debugging``.
        minutes: how long a prepared candidate needs.
        language: what its notebook is written in.
        official: it came with Assay; otherwise it is the team's own.
        format: it is an empty editor rather than a question, and no search finds it.
    """

    id: str
    version: str
    title: str
    kind: str = ""
    difficulty: str = ""
    minutes: int = 0
    topics: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    language: str = "python"
    official: bool = False
    format: bool = False


@dataclass(frozen=True)
class ShownCell:
    """A cell of a question's notebook as a candidate gets it.

    Attributes:
        kind: nbformat's name of it, such as ``markdown``.
    """

    kind: str
    source: str


@dataclass(frozen=True)
class Preview:
    """A question as a candidate gets it: without solutions and hidden tests.

    Attributes:
        statement: the task, in Markdown.
        cells: what comes after it in the notebook.
        files: name and size in bytes of what lies beside the notebook.
    """

    card: QuestionCard
    statement: str
    cells: tuple[ShownCell, ...]
    files: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class LibrarySearch:
    """Conditions that all must hold; an empty one always does.

    Attributes:
        text: every word occurs in title, topics or skills, whatever the case.
        minutes: it takes at most so long; 0 for any length.
        source: ``official`` or ``own``.
    """

    text: str = ""
    kind: str = ""
    difficulty: str = ""
    topic: str = ""
    skill: str = ""
    language: str = ""
    minutes: int = 0
    source: str = ""

    def finds(self, card: QuestionCard) -> bool:
        """Whether the question is one that is looked for."""
        words = " ".join((card.title, card.id, card.kind, *card.topics, *card.skills)).lower()
        return (
            all(word in words for word in one_line(self.text).lower().split())
            and self.kind in {"", card.kind}
            and self.difficulty in {"", card.difficulty}
            and self.language in {"", card.language}
            and (not self.topic or self.topic in card.topics)
            and (not self.skill or self.skill in card.skills)
            and (self.minutes <= 0 or card.minutes <= self.minutes)
            and self.source in {"", "official" if card.official else "own"}
        )


@dataclass(frozen=True)
class LibraryFacets:
    """What there is to choose from in each filter."""

    kinds: tuple[str, ...]
    difficulties: tuple[str, ...]
    topics: tuple[str, ...]
    skills: tuple[str, ...]
    languages: tuple[str, ...]


_BY_DIFFICULTY = ("easy", "medium", "hard")


def facets(cards: list[QuestionCard]) -> LibraryFacets:
    """Return what the filters of these questions offer."""
    difficulties = {card.difficulty for card in cards}
    return LibraryFacets(
        kinds=tuple(sorted({card.kind for card in cards})),
        difficulties=tuple(one for one in _BY_DIFFICULTY if one in difficulties),
        topics=tuple(sorted({topic for card in cards for topic in card.topics})),
        skills=tuple(sorted({skill for card in cards for skill in card.skills})),
        languages=tuple(sorted({card.language for card in cards})),
    )
