"""Reads and writes what belongs to people: members, links, notes, drafts, saved searches and calendar feeds."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, select, update

from assay_hub.adapters.database import tables
from assay_hub.adapters.database.writing import put
from assay_hub.domain.access import TeamRole
from assay_hub.domain.draft import Draft
from assay_hub.domain.link import Link
from assay_hub.domain.search import SavedSearch
from assay_hub.domain.team import Member


class People:
    """The part of the store that belongs to people."""

    _connection: Connection
    _locks: bool

    def save_member(self, member: Member) -> None:
        """Store a member in place of what was there."""
        put(
            self._connection, tables.members, {"account": member.account}, {**asdict(member), "role": member.role.value}
        )

    def member(self, account: str) -> Member | None:
        """Return a member, former ones included."""
        query = select(tables.members).where(tables.members.c.account == account)
        row = self._connection.execute(query.with_for_update() if self._locks else query).first()
        return None if row is None else _member(row)

    def members(self) -> list[Member]:
        """Return all members by name, former ones included."""
        rows = self._connection.execute(
            select(tables.members).order_by(tables.members.c.name, tables.members.c.account)
        )
        return [_member(row) for row in rows]

    def names(self, accounts: Iterable[str]) -> dict[str, str]:
        """Return the names of accounts; whoever never came is called by their account."""
        wanted = list(accounts)
        columns = tables.members.c
        rows = self._connection.execute(select(columns.account, columns.name).where(columns.account.in_(wanted)))
        known = {row.account: row.name for row in rows}
        return {account: known.get(account, account.capitalize()) for account in wanted}

    # Links

    def add_link(self, link: Link) -> None:
        """Store a new link."""
        self._connection.execute(insert(tables.links).values(**asdict(link)))

    def link(self, secret_hash: str) -> Link | None:
        """Return the link with this hash."""
        row = self._connection.execute(select(tables.links).where(tables.links.c.secret_hash == secret_hash)).first()
        return None if row is None else Link(**row._mapping)

    def links(self, interview_id: str, account: str) -> list[Link]:
        """Return the links that sign an account into an interview, newest first."""
        query = select(tables.links).where(tables.links.c.interview == interview_id, tables.links.c.account == account)
        rows = self._connection.execute(query.order_by(tables.links.c.created_at.desc()))
        return [Link(**row._mapping) for row in rows]

    def save_link(self, link: Link) -> None:
        """Store the use or revocation of a link."""
        values = {"used_at": link.used_at, "revoked_at": link.revoked_at}
        self._connection.execute(update(tables.links).where(tables.links.c.id == link.id).values(**values))

    # Notes

    def note(self, interview_id: str, account: str) -> str:
        """Return somebody's private note, empty without one."""
        here = and_(tables.notes.c.interview == interview_id, tables.notes.c.account == account)
        return self._connection.execute(select(tables.notes.c.text).where(here)).scalar() or ""

    def save_note(self, interview_id: str, account: str, text: str, now: datetime) -> None:
        """Store somebody's private note."""
        key = {"interview": interview_id, "account": account}
        put(self._connection, tables.notes, key, {**key, "text": text, "saved_at": now})

    # Drafts

    def save_draft(self, draft: Draft) -> None:
        """Store a draft in place of what was there."""
        put(self._connection, tables.drafts, {"id": draft.id}, {**asdict(draft), "form": json.dumps(dict(draft.form))})

    def draft(self, draft_id: str, account: str) -> Draft | None:
        """Return somebody's own draft."""
        here = and_(tables.drafts.c.id == draft_id, tables.drafts.c.account == account)
        query = select(tables.drafts).where(here)
        row = self._connection.execute(query.with_for_update() if self._locks else query).first()
        return None if row is None else _draft(row)

    def drafts(self, account: str) -> list[Draft]:
        """Return somebody's drafts, the last saved first."""
        query = select(tables.drafts).where(tables.drafts.c.account == account)
        return [_draft(row) for row in self._connection.execute(query.order_by(tables.drafts.c.saved_at.desc()))]

    def delete_draft(self, draft_id: str, account: str) -> None:
        """Forget a draft; nothing happens if it is not there."""
        here = and_(tables.drafts.c.id == draft_id, tables.drafts.c.account == account)
        self._connection.execute(delete(tables.drafts).where(here))

    def delete_drafts_before(self, moment: datetime) -> None:
        """Forget all drafts that were last saved before a moment."""
        self._connection.execute(delete(tables.drafts).where(tables.drafts.c.saved_at < moment))

    # Saved searches

    def save_search(self, search: SavedSearch) -> None:
        """Store a search under its name, in place of one with the same name."""
        put(self._connection, tables.saved_searches, {"account": search.account, "name": search.name}, asdict(search))

    def saved_searches(self, account: str) -> list[SavedSearch]:
        """Return somebody's searches by name."""
        table = tables.saved_searches
        rows = self._connection.execute(select(table).where(table.c.account == account).order_by(table.c.name))
        return [SavedSearch(**row._mapping) for row in rows]

    def delete_search(self, account: str, name: str) -> None:
        """Forget a search; nothing happens if it is not there."""
        table = tables.saved_searches
        self._connection.execute(delete(table).where(table.c.account == account, table.c.name == name))

    # Calendar feeds

    def save_feed(self, account: str, secret_hash: str, now: datetime) -> None:
        """Store the feed of a member; an earlier one stops working."""
        values = {"account": account, "secret_hash": secret_hash, "created_at": now}
        put(self._connection, tables.feeds, {"account": account}, values)

    def feed_owner(self, secret_hash: str) -> str | None:
        """Return whose feed has this hash."""
        return self._connection.scalar(select(tables.feeds.c.account).where(tables.feeds.c.secret_hash == secret_hash))

    def delete_feed(self, account: str) -> None:
        """End a member's feed; nothing happens if there is none."""
        self._connection.execute(delete(tables.feeds).where(tables.feeds.c.account == account))

    def has_feed(self, account: str) -> bool:
        """Whether a member has a feed."""
        found = self._connection.scalar(select(tables.feeds.c.account).where(tables.feeds.c.account == account))
        return found is not None


def _member(row: Row[Any]) -> Member:
    return Member(**{**row._mapping, "role": TeamRole(row.role)})


def _draft(row: Row[Any]) -> Draft:
    return Draft(**{**row._mapping, "form": json.loads(row.form)})
