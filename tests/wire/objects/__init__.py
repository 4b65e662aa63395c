"""Tests of the rendered objects."""
