"""What the API promises, once more on a real PostgreSQL: whatever it stores, finds, counts on or must refuse."""

from collections.abc import Iterator
from itertools import count

import postgresql
import pytest
from unit.web import test_api as promises
from unit.web.test_api import Service, opened

from assay_hub.adapters.database import migrate

_NUMBERS = count(1)

test_read = promises.test_an_interview_is_created_read_changed_and_found
test_versions = promises.test_a_change_needs_the_version_that_it_was_made_from
test_changed_between = promises.test_a_change_between_reading_and_writing_is_a_conflict_too
test_hidden = promises.test_who_may_not_know_of_an_interview_gets_the_very_answer_of_what_is_not_there
test_sent_again = promises.test_a_request_sent_again_with_its_key_changes_nothing_again
test_sent_twice_at_once = promises.test_a_duplicate_of_a_request_that_is_worked_on_is_refused
test_keys_forgotten = promises.test_keys_are_forgotten_after_a_day_and_their_answers_lie_sealed
test_pages = promises.test_lists_come_in_pages_that_name_the_next
test_filters = promises.test_the_filters_are_those_of_the_list
test_states = promises.test_an_interview_is_cancelled_reopened_and_copied
test_links = promises.test_links_are_made_listed_and_never_shown_again
test_team = promises.test_the_team_is_read_by_all_and_changed_by_admins
test_roles = promises.test_roles_and_templates_are_kept
test_audit = promises.test_the_audit_log_is_for_admins_and_tells_of_its_readers
test_unusable = promises.test_what_cannot_be_used_is_named_field_by_field
test_cursors = promises.test_a_cursor_that_is_none_of_ours_is_refused_or_finds_nothing
test_queries = promises.test_a_filter_that_is_not_understood_is_refused_by_its_name


@pytest.fixture(scope="module")
def built() -> Iterator[str]:
    """Give a server whose database ``template_assay`` the migrations have built, to be copied for each test."""
    with postgresql.server() as url, postgresql.database(url, "template_assay") as empty:
        migrate(empty)
        yield url


@pytest.fixture
def service(built: str, tmp_path) -> Iterator[Service]:
    with postgresql.database(built, f"test_{next(_NUMBERS)}", like="template_assay") as url:
        yield from opened(tmp_path, url)


@pytest.fixture(scope="module")
def shared(built: str, tmp_path_factory) -> Iterator[Service]:
    with postgresql.database(built, "shared", like="template_assay") as url:
        yield from opened(tmp_path_factory.mktemp("shared"), url)
