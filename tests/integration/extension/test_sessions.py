"""One kernel a notebook, however many people open it at once."""

from integration.extension.served import Server, manifest, notebook


def test_people_who_open_a_notebook_at_the_same_moment_share_its_kernel(server: Server):
    server.put_manifest(manifest(("a.ipynb", notebook("x = 1"))))
    kernel = {"kernel": {"name": "python3"}, "type": "notebook"}

    made = [
        server.request("POST", "api/sessions", account, json={**kernel, "path": account, "name": account}).json()
        for account in ("ann", "bob")
    ]
    named = [
        server.request("PATCH", f"api/sessions/{session['id']}", account, json={"path": "a.ipynb", "name": "a"}).json()
        for account, session in zip(("ann", "bob"), made, strict=True)
    ]

    assert made[0]["kernel"]["id"] != made[1]["kernel"]["id"]
    assert named[0]["kernel"]["id"] == named[1]["kernel"]["id"] == made[0]["kernel"]["id"]
    assert [one["id"] for one in server.get("api/kernels", "ann").json()] == [made[0]["kernel"]["id"]]
