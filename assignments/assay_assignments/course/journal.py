"""The journal of a batch: what was found out about each submission, on the disk before it counts for anything."""

import fcntl
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from assay_assignments.course.configuration import CourseError


@dataclass(frozen=True)
class Entry:
    """A submission that has been graded.

    Attributes:
        student: who handed it in.
        digest: of the submission and of what it was graded with.
        result: what came out, as JSON.
    """

    student: str
    digest: str
    result: Mapping[str, Any]


class Journal:
    """The journal of an assignment, which one batch at a time has open.

    A line for each entry, and one for those that the gradebook has. A line that was cut off by a crash says nothing.

    Raises:
        CourseError: another batch has it open.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = path.with_suffix(".lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise CourseError("This assignment is being graded by somebody else at this moment.") from None
        self.entries: dict[str, Entry] = {}
        self.unbooked: set[str] = set()
        try:
            self._read()
            self._file = self._compacted()
        except OSError:
            self._lock.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            # On a disk that is full this raises, too.
            self._file.close()

    def forget(self, students: Iterable[str]) -> None:
        """Forget what is known about these: they are graded anew."""
        for student in students:
            self.entries.pop(student, None)
            self.unbooked.discard(student)
        self._file.close()
        self._file = self._compacted()

    def add(self, entry: Entry) -> None:
        """Keep an entry; when this returns it survives a crash."""
        self._append(vars(entry))
        self.entries[entry.student] = entry
        self.unbooked.add(entry.student)

    def booked(self, students: Iterable[str]) -> None:
        """Note that the gradebook has the entries of these."""
        done = sorted(students)
        self._append({"booked": done})
        self.unbooked.difference_update(done)

    def _append(self, line: Mapping[str, Any]) -> None:
        self._file.write((json.dumps(line) + "\n").encode())
        self._file.flush()
        os.fsync(self._file.fileno())

    def _read(self) -> None:
        for text in self._path.read_bytes().splitlines() if self._path.exists() else ():
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if "booked" in line:
                self.unbooked.difference_update(line["booked"])
            else:
                self.entries[line["student"]] = Entry(**line)
                self.unbooked.add(line["student"])

    def _compacted(self) -> Any:
        """Write the journal anew, without what has been replaced, and return it open at its end."""
        lines: list[Mapping[str, Any]] = [vars(entry) for entry in self.entries.values()]
        lines.append({"booked": sorted(self.entries.keys() - self.unbooked)})
        new = self._path.with_suffix(".new")
        with new.open("wb") as file:
            file.writelines((json.dumps(line) + "\n").encode() for line in lines)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        return self._path.open("ab")
