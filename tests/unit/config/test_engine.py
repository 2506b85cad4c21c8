"""What runs the workspaces, and what is said when that is no container."""

import pytest

from assay_config.engine import Choice, NoContainersError, choose
from assay_config.settings import Engine, Settings


def settings(engine, *, production=False):
    more = {"environment": "production", "public_url": "https://assay.example.org"} if production else {}
    return Settings(workspace={"engine": engine}, **more)


@pytest.mark.parametrize("production", [False, True])
@pytest.mark.parametrize("engine", ["auto", "docker"])
def test_root_with_an_engine_gets_containers(engine, production):
    assert choose(settings(engine, production=production), answers=True, root=True) == Choice(Engine.DOCKER)


@pytest.mark.parametrize(
    ("answers", "root", "said"),
    [
        (True, False, "this is not root"),
        (False, True, "no container engine answers"),
        (False, False, "no container engine answers"),
    ],
)
def test_without_root_or_engine_it_falls_back_and_says_so_with_a_remedy(answers, root, said):
    choice = choose(settings("auto"), answers=answers, root=root)

    assert choice.engine is Engine.PROCESS
    assert "WITHOUT ISOLATION" in choice.remark
    assert said in choice.remark
    assert ("as root" in choice.remark) == answers
    assert ("apt-get install docker.io" in choice.remark) != answers


@pytest.mark.parametrize(("answers", "root"), [(True, False), (False, True), (False, False)])
@pytest.mark.parametrize(("engine", "production"), [("docker", False), ("docker", True), ("auto", True)])
def test_where_containers_are_wanted_it_refuses_with_a_remedy(engine, production, answers, root):
    with pytest.raises(NoContainersError, match="run this again as root" if answers else "apt-get install docker.io"):
        choose(settings(engine, production=production), answers=answers, root=root)


def test_processes_that_were_asked_for_are_said_as_well():
    choice = choose(settings("process"), answers=True, root=True)

    assert choice.engine is Engine.PROCESS
    assert "as the settings say" in choice.remark
