"""Answers a request that is sent again with what it was answered the first time, and changes nothing again.

The client names its request with an ``Idempotency-Key``. What the answer holds is sealed in the database: a new link's
address is shown once and must not lie there. A request that failed changed nothing, so its key is free again; one whose
end nobody saw, because the service died, keeps its key, since it may have taken effect.
"""

import base64
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from cryptography.fernet import Fernet
from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from assay_hub.domain.answer import KEPT, Answer
from assay_hub.domain.errors import AssayError, BadInputError
from assay_hub.ports import Clock, Database

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_GIVEN_AGAIN = ("content-type", "location", "etag")


class KeyInUseError(AssayError):
    """A request with the same key is being worked on, or nobody saw its end."""

    code = "key-in-use"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            "A request with this key has not been finished.",
            "Wait for its answer. If the service stopped meanwhile, look whether it took effect, and use a new key.",
        )


class KeyReusedError(AssayError):
    """The key was used for another request."""

    code = "key-reused"
    status = 422

    def __init__(self) -> None:
        fields = {HEADER: "It belongs to another request of the last 24 hours."}
        super().__init__("This key was used for another request.", "Use a new key for each request.", fields=fields)


class Repeats:
    """Knows the answers of the last day.

    Args:
        database: keeps them.
        clock: tells when they are too old.
        secret: 32 bytes; seals what is kept.
    """

    def __init__(self, database: Database, clock: Clock, secret: bytes) -> None:
        self._database = database
        self._clock = clock
        self._fernet = Fernet(base64.urlsafe_b64encode(secret))

    async def once(self, request: Request, account: str, do: Callable[[], Awaitable[Response]]) -> Response:
        """Return the answer to a request: the one that is kept under its key, or that of doing it now.

        Raises:
            BadInputError: the key has a form that is not accepted.
            KeyInUseError: the same request is being worked on.
            KeyReusedError: the key belongs to another request.
        """
        keys = request.headers.getlist(HEADER)
        if not keys:
            return await do()
        if len(keys) > 1 or not _KEY.fullmatch(keys[0]):
            reason = "A key is 1 to 255 visible ASCII characters, and there is one."
            raise BadInputError("This key cannot be used.", reason, fields={HEADER: reason})
        mine = Answer(account, keys[0], await _asked(request), self._clock.now())
        kept = await run_in_threadpool(self._take, mine)
        if kept is not None:
            return self._again(mine, kept)
        try:
            answer = await do()
        except Exception:
            await run_in_threadpool(self._free, mine)
            raise
        await run_in_threadpool(self._keep, mine, answer)
        return answer

    def _take(self, mine: Answer) -> Answer | None:
        with self._database.write() as records:
            records.forget_answers_before(mine.at - KEPT)
            return records.take_key(mine)

    def _free(self, mine: Answer) -> None:
        with self._database.write() as records:
            records.free_key(mine.account, mine.key)

    def _keep(self, mine: Answer, answer: Response) -> None:
        headers = {name: answer.headers[name] for name in _GIVEN_AGAIN if name in answer.headers}
        sealed = self._fernet.encrypt(bytes(answer.body)).decode("ascii")
        done = replace(mine, status=answer.status_code, headers=json.dumps(headers), body=sealed)
        with self._database.write() as records:
            records.save_answer(done)

    def _again(self, mine: Answer, kept: Answer) -> Response:
        if kept.request != mine.request:
            raise KeyReusedError
        if not kept.status:
            raise KeyInUseError
        headers: dict[str, str] = json.loads(kept.headers)
        return Response(self._fernet.decrypt(kept.body), kept.status, {**headers, "Idempotent-Replayed": "true"})


async def _asked(request: Request) -> str:
    """Return a digest of everything that makes a request this one."""
    url = request.url
    parts: Iterable[str] = (request.method, url.path, url.query, request.headers.get("if-match", ""))
    return hashlib.sha256("\0".join(parts).encode() + b"\0" + await request.body()).hexdigest()
