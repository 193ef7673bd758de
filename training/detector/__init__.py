"""The plate detector: one class, box, four corners and a confidence."""
