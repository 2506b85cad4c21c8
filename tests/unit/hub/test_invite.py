"""Making, opening and revoking links."""

import hashlib

import pytest

from assay_hub.domain.errors import LinkRefusedError, NotFoundError


def test_a_candidates_link_opens_again_and_again_until_it_expires(world):
    interview = world.interview()
    token = world.token(world.make_links.for_candidate(world.staff, interview.id))

    assert world.open_link(token).account == interview.candidate
    assert world.open_link(token).interview == interview.id

    world.clock.pass_by(days=15)
    with pytest.raises(LinkRefusedError):
        world.open_link(token)


def test_a_staff_link_opens_once(world):
    token = world.token(world.make_links.for_staff("ada"))

    assert world.open_link(token).account == "ada"

    with pytest.raises(LinkRefusedError):
        world.open_link(token)


def test_looking_at_a_link_does_not_use_it_up(world):
    token = world.token(world.make_links.for_staff("ada"))

    assert world.open_link.look(token).account == "ada"
    assert world.open_link.look(token).used_at is None

    world.open_link(token)
    with pytest.raises(LinkRefusedError):
        world.open_link.look(token)


def test_the_secret_of_a_link_is_kept_nowhere(world, tmp_path):
    token = world.token(world.make_links.for_staff("ada"))

    secret = token.rpartition(".")[0]
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("assay.sqlite*"))

    assert secret.encode() not in kept
    assert hashlib.sha256(secret.encode()).hexdigest().encode() in kept


@pytest.mark.parametrize("token", ["", "x", "x.y", "é.é", "a" * 100_000, "\x00"])
def test_a_made_up_link_is_refused(world, token):
    for opened in (world.open_link, world.open_link.look):
        with pytest.raises(LinkRefusedError):
            opened(token)


def test_a_tampered_link_is_refused(world):
    token = world.token(world.make_links.for_staff("ada"))

    with pytest.raises(LinkRefusedError):
        world.open_link(("A" if token[0] != "A" else "B") + token[1:])


def test_revoking_the_last_link_ends_the_candidates_session(world):
    interview = world.interview()
    world.start(interview.id)
    token = world.token(world.make_links.for_candidate(world.staff, interview.id))
    (link,) = world.review.details(world.staff, interview.id).links

    world.revoke_link(world.staff, interview.id, link.id)

    assert interview.candidate not in world.hub.accounts
    assert world.workspaces.disconnected == [(interview.workspace, interview.candidate)]
    assert interview.workspace not in world.hub.running
    with pytest.raises(LinkRefusedError):
        world.open_link(token)


def test_revoking_one_of_two_links_leaves_the_session_alone(world):
    interview = world.interview()
    world.start(interview.id)
    world.make_links.for_candidate(world.staff, interview.id)
    world.make_links.for_candidate(world.staff, interview.id)
    link = world.review.details(world.staff, interview.id).links[0]

    world.revoke_link(world.staff, interview.id, link.id)

    assert interview.candidate in world.hub.accounts
    assert interview.workspace in world.hub.running


def test_a_stranger_can_neither_make_nor_revoke_links(world):
    interview = world.interview()
    world.make_links.for_candidate(world.staff, interview.id)
    (link,) = world.review.details(world.staff, interview.id).links

    for person in (world.stranger, world.candidate(interview)):
        with pytest.raises(NotFoundError):
            world.make_links.for_candidate(person, interview.id)
        with pytest.raises(NotFoundError):
            world.revoke_link(person, interview.id, link.id)


def test_a_link_of_another_interview_cannot_be_revoked_through_this_one(world):
    mine, other = world.interview(), world.interview()
    world.make_links.for_candidate(world.staff, other.id)
    (link,) = world.review.details(world.staff, other.id).links

    with pytest.raises(NotFoundError):
        world.revoke_link(world.staff, mine.id, link.id)
