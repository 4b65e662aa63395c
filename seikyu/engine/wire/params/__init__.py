"""Typed parameters of every operation that is served: one file per noun, one class per operation.

Start with `model`, which says what a model is and how faults become errors, and `kinds`, which has
the kinds of values. `operations` lists which model belongs to which method and path.
"""
