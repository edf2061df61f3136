"""Tests of the harness's own readers and arithmetic: python3 -m unittest, from the folder above."""
