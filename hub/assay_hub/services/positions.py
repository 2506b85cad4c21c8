"""Keep roles that people are hired for, and templates made from interviews."""

from dataclasses import dataclass, replace

from assay_hub.domain.access import Action, Person, TeamAction, require, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.errors import BadInputError, ConflictError, NotFoundError
from assay_hub.domain.plan import Plan
from assay_hub.domain.position import Position, Template
from assay_hub.domain.rubric import checked as checked_rubric
from assay_hub.ports import Clock, Database, Library
from assay_hub.services.ids import new_id


@dataclass(frozen=True)
class KeepPositions:
    """Knows what new interviews can start from."""

    database: Database
    library: Library
    clock: Clock

    def positions(self, by: Person) -> list[Position]:
        """Return all roles by name, archived ones included."""
        require_team(by, TeamAction.LIST)
        with self.database.read() as records:
            return records.positions()

    def position(self, by: Person, position_id: str) -> Position:
        """Return a role to somebody who is about to change it.

        Raises:
            NotFoundError: this person may not, or there is no such role.
        """
        require_team(by, TeamAction.MANAGE_ROLES)
        with self.database.read() as records:
            found = records.position(position_id) if "\0" not in position_id else None
        if found is None:
            raise NotFoundError
        return found

    def archive(self, by: Person, position_id: str) -> Position:
        """Stop offering a role for new interviews, or offer it again; earlier ones keep it."""
        known = self.position(by, position_id)
        changed = replace(known, archived=not known.archived)
        with self.database.write() as records:
            records.save_position(changed)
            records.log(self._changed(by, changed))
        return changed

    def templates(self, by: Person) -> list[Template]:
        """Return all templates by name; they hold what the team may know of interviews, never a candidate's name."""
        require_team(by, TeamAction.MANAGE_ROLES)
        with self.database.read() as records:
            return records.templates()

    def template(self, by: Person, template_id: str) -> Template:
        """Return a template.

        Raises:
            NotFoundError: this person may not, or there is no such template.
        """
        require_team(by, TeamAction.MANAGE_ROLES)
        with self.database.read() as records:
            found = records.template(template_id) if "\0" not in template_id else None
        if found is None:
            raise NotFoundError
        return found

    def save(self, by: Person, position: Position, expected: Position | None = None) -> Position:
        """Store a role; without an id it is a new one.

        Args:
            by: who does it.
            position: the role as it is to be.
            expected: the role that this was made from; ``None`` to replace whatever is there.

        Raises:
            NotFoundError: this person may not, or there is no role with this id.
            ConflictError: it is no longer the expected one.
            BadInputError: a name, length, tag, question or criterion cannot be used.
        """
        require_team(by, TeamAction.MANAGE_ROLES)
        checked = Plan(
            title=position.name,
            candidate_name="-",
            duration=position.duration,
            tags=position.tags,
            interviewers=("-",),
            questions=position.questions,
        ).checked()
        self._require_questions(position.questions)
        saved = Position(
            id=position.id or new_id(),
            name=checked.title,
            questions=checked.questions,
            duration=checked.duration,
            tags=checked.tags,
            archived=position.archived,
            signals=position.signals,
            blind=position.blind,
            rubric=checked_rubric(position.rubric),
        )
        with self.database.write() as records:
            known = records.position(position.id) if position.id else None
            if position.id and known is None:
                raise NotFoundError
            if expected not in (None, known):
                raise ConflictError
            records.save_position(saved)
            records.log(self._changed(by, saved))
        return saved

    def _changed(self, by: Person, position: Position) -> Entry:
        details = {
            "position": position.id,
            "name": position.name,
            "archived": position.archived,
            "blind": position.blind,
            "criteria": [one.id for one in position.rubric],
        }
        return Entry(self.clock.now(), by.account, Deed.POSITION_CHANGED, "", details)

    def make_template(self, by: Person, interview_id: str, name: str) -> Template:
        """Keep what an interview is made of, without its candidate, time and people, for new ones.

        Raises:
            NotFoundError: this person may not, or no such interview for them.
            BadInputError: the name is empty or too long.
        """
        require_team(by, TeamAction.MANAGE_ROLES)
        with self.database.write() as records:
            plan = require(by, Action.EDIT, records.interview(interview_id)).plan
            template = Template(
                id=new_id(),
                name=Plan(title=name, candidate_name="-", interviewers=("-",)).checked().title,
                title=plan.title,
                position=plan.position,
                questions=plan.questions,
                duration=plan.duration,
                tags=plan.tags,
                internal_notes=plan.internal_notes,
            )
            records.save_template(template)
            details = {"template": template.id, "name": template.name}
            records.log(Entry(self.clock.now(), by.account, Deed.TEMPLATE_CHANGED, interview_id, details))
        return template

    def change_template(self, by: Person, template: Template, expected: Template | None = None) -> Template:
        """Replace a template; interviews that started from it stay as they are.

        Args:
            by: who does it.
            template: as it is to be.
            expected: the template that this was made from; ``None`` to replace whatever is there.

        Raises:
            NotFoundError: this person may not, or there is no such template.
            ConflictError: it is no longer the expected one.
            BadInputError: a name, title, length, tag, note, role or question cannot be used.
        """
        require_team(by, TeamAction.MANAGE_ROLES)
        checked = Plan(
            title=template.title,
            candidate_name="-",
            duration=template.duration,
            tags=template.tags,
            internal_notes=template.internal_notes,
            interviewers=("-",),
            questions=template.questions,
        ).checked()
        formats = {card.id for card in self.library.formats()}
        self._require_questions(tuple(one for one in template.questions if one not in formats))
        changed = replace(
            template,
            name=Plan(title=template.name, candidate_name="-", interviewers=("-",)).checked().title,
            title=checked.title,
            tags=checked.tags,
            internal_notes=checked.internal_notes,
        )
        with self.database.write() as records:
            known = records.template(template.id) if "\0" not in template.id else None
            if known is None:
                raise NotFoundError
            if expected not in (None, known):
                raise ConflictError
            if template.position and records.position(template.position) is None:
                raise BadInputError("There is no such role.", fields={"position": "There is no such role."})
            records.save_template(changed)
            details = {"template": changed.id, "name": changed.name}
            records.log(Entry(self.clock.now(), by.account, Deed.TEMPLATE_CHANGED, "", details))
        return changed

    def delete_template(self, by: Person, template_id: str, expected: Template | None = None) -> None:
        """Forget a template; interviews that started from it stay as they are.

        Raises:
            NotFoundError: this person may not, or there is no such template.
            ConflictError: it is no longer the expected one.
        """
        require_team(by, TeamAction.MANAGE_ROLES)
        with self.database.write() as records:
            known = records.template(template_id) if "\0" not in template_id else None
            if known is None:
                raise NotFoundError
            if expected not in (None, known):
                raise ConflictError
            records.delete_template(template_id)
            details = {"template": template_id, "deleted": True}
            records.log(Entry(self.clock.now(), by.account, Deed.TEMPLATE_CHANGED, "", details))

    def _require_questions(self, ids: tuple[str, ...]) -> None:
        known = {ref.id for ref in self.library.all()}
        unknown = [one for one in ids if one not in known]
        if unknown:
            reason = f"There is no question {', '.join(unknown)} in the library."
            raise BadInputError(reason, fields={"questions": reason})
