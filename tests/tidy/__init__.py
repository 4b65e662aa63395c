"""The rules of ARCHITECTURE.md as functions over source files; `test_tidy.py` applies them."""
