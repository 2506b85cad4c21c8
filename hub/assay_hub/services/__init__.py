"""One use case a module, named by the step of the flow."""
