"""A backend of ndgrad for an accelerator that does not exist: the template for those that do."""
