"""The engine killed at every step, and the books it leaves."""
