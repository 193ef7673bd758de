"""Tests of the training code: python3 -m unittest discover -s training/tests -t ."""
