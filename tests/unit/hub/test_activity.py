"""Time at work, as recordings tell it."""

from hypothesis import given
from hypothesis import strategies as st

from assay_hub.domain.activity import IDLE_MS, Activity, Landmark, Spent, activity
from assay_protocol.recording import Event, Kind

CANDIDATE = "cand-abcdefghij"
IDLE = IDLE_MS / 1000


def events(*moments: tuple[float, Kind, str]) -> list[Event]:
    """Return events of the candidate: when, what, and in which notebook."""
    return [
        Event(number, 1000 + at, kind, CANDIDATE, document, detail={"status": "ok"})
        for number, (at, kind, document) in enumerate(moments, 1)
    ]


def test_nothing_recorded_is_no_time():
    assert activity(CANDIDATE, []) == Activity()


def test_a_pause_up_to_the_idle_bound_counts_and_a_longer_one_does_not():
    bound = activity(CANDIDATE, events((0, Kind.EDIT, "a"), (IDLE, Kind.EDIT, "a")))
    longer = activity(CANDIDATE, events((0, Kind.EDIT, "a"), (IDLE + 0.001, Kind.EDIT, "a")))

    assert bound.whole == Spent(IDLE_MS, 0, IDLE_MS)
    assert (longer.whole.active, longer.whole.wall) == (0, IDLE_MS + 1)


def test_a_pause_belongs_to_the_notebook_that_was_gone_on_with():
    found = activity(
        CANDIDATE,
        events(
            (0, Kind.JOINED, ""),
            (10, Kind.EDIT, "a"),
            (15, Kind.RUN_STARTED, ""),
            (40, Kind.EDIT, "b"),
            (50, Kind.EDIT, "a"),
        ),
    )

    assert found.documents == {"a": Spent(25_000, 10_000, 50_000), "b": Spent(25_000, 40_000, 40_000)}
    assert found.whole == Spent(50_000, 0, 50_000)


def test_moments_have_the_places_of_the_replay():
    found = activity(
        CANDIDATE,
        events(
            (0, Kind.DOCUMENT, "a"),
            (10, Kind.EDIT, "a"),
            (20, Kind.RUN_STARTED, ""),
            (21, Kind.RUN_FINISHED, ""),
            (30, Kind.EDIT, "a"),
        ),
    )

    assert found.landmarks == (
        Landmark(10_000, "a", "first-edit"),
        Landmark(20_000, "a", "first-run"),
        Landmark(21_000, "a", "first-success"),
        Landmark(30_000, "a", "last-edit"),
    )


def test_what_others_do_and_what_a_page_claims_is_no_work():
    others = [Event(1, 1000, Kind.EDIT, "ada", "a"), Event(2, 1010, Kind.EDIT, None, "a")]
    claims = [Event(3, 1020, Kind.BROWSER, CANDIDATE, "a", detail={"name": "visible"})]

    found = activity(CANDIDATE, others + claims)

    assert (found.whole, found.documents, found.seq) == (Spent(), {}, 3)


@given(st.lists(st.tuples(st.floats(0, 10_000), st.sampled_from("ab")), max_size=60))
def test_the_parts_never_add_up_to_more_than_the_whole_and_time_never_runs_backwards(moments):
    found = activity(CANDIDATE, events(*((at, Kind.EDIT, document) for at, document in moments)))

    assert sum(one.active for one in found.documents.values()) == found.whole.active <= found.whole.wall
    for one in (found.whole, *found.documents.values()):
        assert 0 <= one.active <= max(one.wall, found.whole.wall)
        assert one.first <= one.last
