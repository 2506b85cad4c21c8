"""Serve applicant tracking systems: who may order interviews, what they are offered, and what they are told."""

import hashlib
import secrets
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from assay_hub.domain.access import Action, Person, TeamAction, require, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.calendar import is_plain_address
from assay_hub.domain.errors import AssayError, BadInputError, KeyRefusedError, NotFoundError, WrongStateError
from assay_hub.domain.interview import Interview, State
from assay_hub.domain.partner import (
    OVER,
    Connection,
    Order,
    Report,
    Request,
    Standing,
    Status,
    System,
    checked_callback,
    offered_id,
    status_of,
)
from assay_hub.domain.plan import TEXT_CHARACTERS, Plan, one_line
from assay_hub.domain.position import Template
from assay_hub.ports import Clock, Database, Records, Sealer

_BEING_MADE = timedelta(seconds=30)
_LOOK_AGAIN = timedelta(seconds=30)
_MAX_CONNECTIONS = 50
_DOMAIN = "greenhouse.io"


@dataclass(frozen=True)
class KeepConnections:
    """Keeps connections for admins; a key is returned once, when it is made."""

    database: Database
    sealer: Sealer
    clock: Clock

    def all(self, by: Person) -> tuple[list[Connection], dict[str, str]]:
        """Return all connections, the oldest first, and the members that one may be bound to, account to name."""
        require_team(by, TeamAction.MANAGE_WEBHOOKS)
        with self.database.read() as records:
            fit = {one.account: one.name for one in records.members() if one.person.may(TeamAction.CREATE)}
            return records.connections(), fit

    def create(
        self, by: Person, system: str, name: str, account: str, callback_key: str = ""
    ) -> tuple[Connection, str]:
        """Return a new connection and the key that the system shows, this once.

        Args:
            by: an admin.
            system: ``greenhouse`` or ``ashby``.
            name: as admins read it.
            account: member as whom interviews are created.
            callback_key: the key that Ashby wants to see when it is told of changes; empty to tell it nothing.

        Raises:
            NotFoundError: this person may not.
            BadInputError: something cannot be used.
        """
        require_team(by, TeamAction.MANAGE_WEBHOOKS)
        name, callback_key = one_line(name), callback_key.strip()
        if system not in set(System) or not 0 < len(name) <= TEXT_CHARACTERS or "\0" in name:
            raise BadInputError(f"A connection needs a system and a name of 1 to {TEXT_CHARACTERS} characters.")
        if len(callback_key) > TEXT_CHARACTERS or not callback_key.isascii() or not callback_key.isprintable():
            raise BadInputError("The key of the other system has 1 to 200 plain characters.")
        key = f"assay_{secrets.token_urlsafe(32)}"
        shown = key if system == System.GREENHOUSE else callback_key
        now = self.clock.now()
        connection = Connection(
            id=secrets.token_hex(8),
            system=System(system),
            name=name,
            account=account,
            key_hash=_hash(key),
            created_by=by.account,
            created_at=now,
            sealed_callback=self.sealer.seal(shown) if shown else "",
        )
        with self.database.write() as records:
            member = records.member(account)
            if member is None or not member.person.may(TeamAction.CREATE):
                raise BadInputError("Choose a member who may hold interviews.")
            if len(records.connections()) >= _MAX_CONNECTIONS:
                raise BadInputError(f"At most {_MAX_CONNECTIONS} connections are kept.")
            records.save_connection(connection)
            self._log(records, by, connection, "created")
        return connection, key

    def revoke(self, by: Person, connection_id: str) -> None:
        """Accept a connection's key no more; the interviews stay."""
        require_team(by, TeamAction.MANAGE_WEBHOOKS)
        with self.database.write() as records:
            connection = records.connection(connection_id)
            if connection is None:
                raise NotFoundError
            records.save_connection(replace(connection, revoked_at=connection.revoked_at or self.clock.now()))
            self._log(records, by, connection, "revoked")

    def _log(self, records: Records, by: Person, connection: Connection, what: str) -> None:
        details = {"connection": connection.id, "what": what, "system": connection.system, "as": connection.account}
        records.log(Entry(self.clock.now(), by.account, Deed.CONNECTION_CHANGED, "", details))


@dataclass(frozen=True)
class ServePartners:
    """Does what a connected system asks for, as the member that the connection is bound to.

    Attributes:
        create: creates an interview.
        cancel: calls one off.
        invite: sends the candidate's link; ``None`` where no mail server is set up: the team sends it then.
        address: of the service's pages, with a final slash.
    """

    database: Database
    sealer: Sealer
    clock: Clock
    create: Callable[[Person, Plan], Interview]
    cancel: Callable[[Person, str], Interview]
    invite: Callable[[Person, str], object] | None
    address: str

    def connection(self, system: System, key: str) -> tuple[Connection, Person]:
        """Return whose key this is, and the member as whom the system acts.

        Raises:
            KeyRefusedError: nobody's, a revoked one, another system's, or its member has left or may create nothing.
        """
        with self.database.read() as records:
            found = records.connection_of(_hash(key))
            member = records.member(found.account) if found else None
        if found is None or found.system is not system or found.revoked_at or member is None:
            raise KeyRefusedError
        if not member.person.may(TeamAction.CREATE):
            raise KeyRefusedError
        return found, member.person

    def tests(self) -> list[Template]:
        """Return what is offered, by name."""
        with self.database.read() as records:
            return records.templates()

    def order(self, connection: Connection, by: Person, request: Request) -> Order:
        """Create an interview for a candidate and invite them; the same order again returns the one that there is.

        Raises:
            NotFoundError: no such test.
            BadInputError: something about the candidate cannot be used.
            WrongStateError: the very same order is being worked on.
        """
        template = next((one for one in self.tests() if offered_id(one.id) == request.test), None)
        if template is None:
            raise NotFoundError
        if not is_plain_address(request.email):
            raise BadInputError("The candidate has no e-mail address that can be used.")
        callback = checked_callback(request.callback, _DOMAIN)
        plan = _plan(template, request).checked()
        order, new = self._reserved(connection, request.key, callback)
        if not new:
            return order
        try:
            interview = self.create(by, replace(plan, interviewers=(by.account,)))
        except AssayError:
            with self.database.write() as records:
                records.save_order(replace(order, created_at=order.created_at - _BEING_MADE))
            raise
        order = replace(order, interview=interview.id)
        with self.database.write() as records:
            records.save_order(order)
        if self.invite is not None:
            self.invite(by, interview.id)
        return order

    def status(self, connection: Connection, by: Person, order_id: str) -> Status:
        """Return how an order stands; once it is complete, the audit log tells of the reading."""
        with self.database.write() as records:
            order, interview = self._find(records, connection, order_id)
            require(by, Action.SEE_RESULT, interview)
            status = status_of(interview, records.grades(interview.id), self._page(interview))
            if status.standing is Standing.COMPLETE:
                details = {"connection": connection.id, "order": order.id}
                records.log(Entry(self.clock.now(), by.account, Deed.READ_RESULT, interview.id, details))
        return status

    def call_off(self, connection: Connection, by: Person, order_id: str) -> Order:
        """Cancel an order; a second time changes nothing.

        Raises:
            NotFoundError: no such order of this connection.
            WrongStateError: the interview is over already.
        """
        with self.database.read() as records:
            order, interview = self._find(records, connection, order_id)
        if interview.state is not State.CANCELLED:
            self.cancel(by, interview.id)
        return order

    def reports(self) -> list[Report]:
        """Return what systems have to be told; what is not told is returned again after half a minute.

        An interview that is opened or graded again after its end is told of again.
        """
        now = self.clock.now()
        found: list[Report] = []
        with self.database.write() as records:
            for order in records.take_untold_orders(now, now + _LOOK_AGAIN, 100):
                connection, interview = records.connection(order.connection), records.interview(order.interview)
                if connection is None or interview is None or connection.revoked_at or not connection.sealed_callback:
                    continue
                status = status_of(interview, records.grades(interview.id), self._page(interview))
                if order.is_told(status):
                    if status.standing in OVER:
                        records.save_order(order.after_telling(status, now))
                else:
                    with suppress(ValueError):  # a copy of the database on another machine tells nobody anything
                        key = self.sealer.unseal(connection.sealed_callback)
                        found.append(Report(order, connection.system, status, key))
        return found

    def told(self, report: Report) -> None:
        """Keep that a system was told; what changed meanwhile is still to be told."""
        now = self.clock.now()
        with self.database.write() as records:
            interview = records.interview(report.order.interview)
            grades = records.grades(report.order.interview)
            order = report.order.after_telling(report.status, now)
            changed = interview is not None and not order.is_told(status_of(interview, grades, ""))
            records.save_order(replace(order, settled=order.settled and not changed))

    def postpone(self, report: Report) -> None:
        """Keep that a system could not be told; it is tried again as often and as patiently as webhooks are."""
        jitter = secrets.randbelow(1000) / 1000
        with self.database.write() as records:
            records.save_order(report.order.after_failing(self.clock.now(), jitter))

    def _reserved(self, connection: Connection, key: str, callback: str) -> tuple[Order, bool]:
        """Return the order under a key and whether its interview is to be made now."""
        now = self.clock.now()
        with self.database.write() as records:
            known = records.order_of(connection.id, key)
            interview = records.interview(known.interview) if known else None
            if known and interview and interview.state is State.CANCELLED:
                over = hashlib.sha256(f"{key} {known.id}".encode()).hexdigest()
                records.save_order(replace(known, key=over))
            elif known and interview:
                renewed = replace(known, callback=callback or known.callback)
                records.save_order(renewed)
                return renewed, False
            elif known and now - known.created_at < _BEING_MADE:
                raise WrongStateError("This order is being worked on.", "Ask again in half a minute.")
            elif known:
                again = replace(known, created_at=now, callback=callback)
                records.save_order(again)
                return again, True
            order = Order(str(uuid.uuid4()), connection.id, key, now, now, callback=callback)
            records.save_order(order)
        return order, True

    def _find(self, records: Records, connection: Connection, order_id: str) -> tuple[Order, Interview]:
        order = records.order(connection.id, order_id)
        interview = records.interview(order.interview) if order else None
        if order is None or interview is None:
            raise NotFoundError
        return order, interview

    def _page(self, interview: Interview) -> str:
        return f"{self.address}interviews/{interview.id}/result"


def _plan(template: Template, request: Request) -> Plan:
    return Plan(
        title=template.title,
        candidate_name=f"{request.first_name} {request.last_name}",
        candidate_email=request.email,
        position=template.position,
        duration=template.duration,
        internal_notes=template.internal_notes,
        tags=template.tags,
        interviewers=("-",),
        questions=template.questions,
    )


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
