"""One thing for all modules of a folder: made for the first test that needs it, and gone when the folder is left."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Generic, TypeVar

import pytest

Thing = TypeVar("Thing")


class Shared(Generic[Thing]):
    """What a folder's tests share: wider than a module, and never idle beside the tests of other folders.

    A conftest calls ``after`` when a test was torn down, and ``end`` when the session is.

    Args:
        conftest: file of the conftest in the folder.
    """

    def __init__(self, conftest: str) -> None:
        self._folder = Path(conftest).parent
        self._stack: ExitStack | None = None
        self._thing: Thing | None = None

    def get(self, make: Callable[[], AbstractContextManager[Thing]]) -> Thing:
        """Return the thing, which the first call makes."""
        if self._stack is None:
            stack = ExitStack()
            self._thing = stack.enter_context(make())
            self._stack = stack
        assert self._thing is not None
        return self._thing

    def after(self, following: pytest.Item | None) -> None:
        """End it if the next test is none of the folder."""
        if following is None or self._folder not in following.path.parents:
            self.end()

    def end(self) -> None:
        """End it now; nothing happens if it is not there."""
        stack, self._stack = self._stack, None
        if stack is not None:
            stack.close()
