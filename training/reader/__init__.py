"""The plate readers (Latin, Thai): data, model, training, evaluation, export. See README.md."""
