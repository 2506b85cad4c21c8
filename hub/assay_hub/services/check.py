"""Check the versions of the team's own questions, one at a time, from a queue that survives a restart."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from assay_hub.domain.audit import SERVICE, Deed, Entry
from assay_hub.domain.question import CheckState, Finding, Version
from assay_hub.ports import Clock, Database
from assay_hub.ports.questions import OwnLibrary, QuestionChecker

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CheckQuestions:
    """Works off the queue of checks; a version that passes is what interviews are held with from then on."""

    database: Database
    library: OwnLibrary
    checker: QuestionChecker
    clock: Clock

    def resume(self) -> int:
        """Queue again what a worker that died left half done; return how many."""
        with self.database.write() as records:
            return records.requeue_running_checks()

    def check_next(self, say: Callable[[Version, str], None]) -> Version | None:
        """Check one queued version and return it with what was found; ``None`` if there was none.

        Args:
            say: is told of which version what is looked at, as it happens.
        """
        with self.database.write() as records:
            version = records.take_queued_check()
        if version is None:
            return None
        try:
            found = tuple(self.checker.check(self.library.kept(version.artefact), lambda words: say(version, words)))
        except Exception:  # noqa: BLE001  # the edge of the worker: one bad question must not stop the queue
            _log.exception("The check of %s %s failed", version.question, version.version)
            found = (Finding("The check itself", False, "It failed; the hub's log says why. Check it again."),)  # noqa: FBT003
        passed = all(finding.passed for finding in found if finding.required)
        done = replace(version, state=CheckState.PASSED if passed else CheckState.FAILED, findings=found)
        with self.database.write() as records:
            records.save_version(done)
            details = {"question": done.question, "version": done.version, "what": f"check {done.state.value}"}
            records.log(Entry(self.clock.now(), SERVICE, Deed.QUESTION_CHANGED, "", details))
            later = [one for one in records.versions(done.question) if one.number > done.number and one.usable]
            if passed and not later:
                self.library.publish(done.question, done.artefact)
        return done
