"""Shared by the detector and the readers: data sets, splits, degradation, registration."""
