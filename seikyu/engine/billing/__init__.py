"""Pure: what an invoice is and how it may change. Standard library only; no I/O, no clock, no SQL.

Every rule here is a function of values: ``decide(book, command, context) -> Decision``.
It raises a named refusal when a rule forbids the command, and never acts by itself.
"""
