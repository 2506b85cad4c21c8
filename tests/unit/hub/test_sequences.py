"""Whatever several people do in whatever order, the store agrees with a simple model of states and visibility."""

import contextlib
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from world import World

from assay_hub.domain.access import Person, TeamRole
from assay_hub.domain.errors import AssayError, NotFoundError
from assay_hub.domain.plan import Plan
from assay_hub.domain.search import Search

HOLDERS = ("ada", "bob")
EVERYBODY = (*HOLDERS, "rex", "vic", "root", "eve")
names = st.lists(st.sampled_from(("ada", "bob", "rex", "vic")), unique=True, max_size=2).map(tuple)
some_names = st.lists(st.sampled_from(("ada", "bob", "rex", "vic")), unique=True, min_size=1, max_size=2).map(tuple)


@dataclass
class Model:
    """What an interview should be."""

    holders: set[str]
    watchers: set[str]
    viewers: set[str]
    state: str = "created"
    links: int = 0


class Team(RuleBasedStateMachine):
    """Several people with several interviews."""

    interviews = Bundle("interviews")

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self.folder.name))
        self.people = {account: self.world.team.person(account) for account in (*HOLDERS, "root")}
        self.people["rex"] = self.world.member("rex", TeamRole.REVIEWER)
        self.people["vic"] = self.world.member("vic", TeamRole.VIEWER)
        self.people["eve"] = Person("eve", "Eve")
        self.models: dict[str, Model] = {}

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.database.close()
            self.folder.cleanup()

    def may_run(self, account: str, model: Model) -> bool:
        return account == "root" or account in model.holders

    def sees(self, account: str, model: Model) -> bool:
        named = model.holders | model.watchers | model.viewers
        return account == "root" or (account != "eve" and (not model.viewers or account in named))

    @contextlib.contextmanager
    def expecting(self, *, works: bool, exists: bool = True):
        """Expect that something works, or is refused; to whom it is not shown, it does not exist."""
        refusal = None
        try:
            yield
        except AssayError as error:
            refusal = error
        assert works == (refusal is None), refusal
        assert exists or isinstance(refusal, NotFoundError)

    @rule(target=interviews, by=st.sampled_from(EVERYBODY), observers=names, viewers=names)
    def create(self, by, observers, viewers):
        works = by in {*HOLDERS, "root"}
        made = None
        with self.expecting(works=works, exists=works):
            made = self.world.create(self.people[by], Plan("Talk", "Sam", observers=observers, viewers=viewers))
        if made is None:
            return multiple()
        self.models[made.id] = Model({by}, set(observers), set(viewers))
        return made.id

    @rule(one=interviews, by=st.sampled_from(EVERYBODY), holders=st.sampled_from([("ada",), ("bob",), HOLDERS]))
    def share(self, one, by, holders):
        model = self.models[one]
        with self.world.database.read() as records:
            plan = records.interview(one).plan
        with self.expecting(works=self.may_run(by, model), exists=self.may_run(by, model)):
            self.world.edit(self.people[by], one, replace(plan, interviewers=holders, viewers=()))
            model.holders, model.viewers = set(holders), set()

    @rule(one=interviews, by=st.sampled_from(EVERYBODY), viewers=some_names)
    def restrict(self, one, by, viewers):
        model = self.models[one]
        with self.world.database.read() as records:
            plan = records.interview(one).plan
        with self.expecting(works=self.may_run(by, model), exists=self.may_run(by, model)):
            self.world.edit(self.people[by], one, replace(plan, viewers=viewers))
            model.viewers = set(viewers)

    @rule(one=interviews, by=st.sampled_from(EVERYBODY))
    def cancel(self, one, by):
        model = self.models[one]
        works = self.may_run(by, model) and model.state in {"created", "live"}
        with self.expecting(works=works, exists=self.may_run(by, model)):
            self.world.edit.cancel(self.people[by], one)
            model.state = "cancelled"

    @rule(one=interviews, by=st.sampled_from(EVERYBODY))
    def reopen(self, one, by):
        model = self.models[one]
        works = self.may_run(by, model) and model.state == "cancelled"
        with self.expecting(works=works, exists=self.may_run(by, model)):
            begun = self.world.edit.reopen(self.people[by], one).started_at is not None
            model.state = "live" if begun else "created"

    @rule(one=interviews)
    def enter(self, one):
        model = self.models[one]
        with self.world.database.read() as records:
            candidate = self.world.candidate(records.interview(one))
        self.world.clock.pass_by(minutes=1)
        self.world.enter(candidate, one)
        if model.state == "created":
            model.state = "live"

    @rule(one=interviews, by=st.sampled_from(EVERYBODY))
    def link(self, one, by):
        model = self.models[one]
        with self.expecting(works=self.may_run(by, model), exists=self.may_run(by, model)):
            self.world.make_links.for_candidate(self.people[by], one)
            model.links += 1

    @rule(one=interviews, by=st.sampled_from(EVERYBODY))
    def revoke(self, one, by):
        model = self.models[one]
        with self.world.database.read() as records:
            links = records.links(one, f"cand-{one}")
        good = [link for link in links if link.revoked_at is None]
        works = self.may_run(by, model) and bool(good)
        with self.expecting(works=works, exists=self.may_run(by, model)):
            self.world.revoke_link(self.people[by], one, good[0].id if good else "nothing")
            model.links -= 1

    @invariant()
    def everybody_sees_what_they_may_in_the_state_that_it_has(self):
        for account, person in getattr(self, "people", {}).items():
            seen = {one: model.state for one, model in self.models.items() if self.sees(account, model)}
            if account == "eve":
                with self.expecting(works=False, exists=False):
                    self.world.find(person, Search())
                continue
            listed = self.world.find(person, Search(rows=200)).interviews
            assert {one.id: one.state.value for one in listed} == seen

    @invariant()
    def the_links_that_work_are_those_that_were_not_revoked(self):
        for one, model in getattr(self, "models", {}).items():
            with self.world.database.read() as records:
                good = [link for link in records.links(one, f"cand-{one}") if link.revoked_at is None]
            assert len(good) == model.links


TestTeam = Team.TestCase
TestTeam.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
