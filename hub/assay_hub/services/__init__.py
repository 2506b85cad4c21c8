"""One use case a module, in the order of the flow: create, invite, start, record, submit, grade, review."""
