"""One kernel a notebook, however many people open it at once."""

from concurrent.futures import ThreadPoolExecutor

from integration.extension.served import Server, manifest, notebook

SESSION = {"path": "a.ipynb", "name": "a.ipynb", "type": "notebook", "kernel": {"name": "python3"}}


def test_people_who_open_a_notebook_at_the_same_moment_share_its_kernel(server: Server):
    server.put_manifest(manifest(("a.ipynb", notebook("x = 1"))))

    with ThreadPoolExecutor(8) as pages:
        answers = [
            pages.submit(server.request, "POST", "api/sessions", account, json=SESSION)
            for account in ("ann", "bob") * 4
        ]
        kernels = {answer.result().json()["kernel"]["id"] for answer in answers}

    assert len(kernels) == 1
    assert len(server.get("api/kernels", "ann").json()) == 1
