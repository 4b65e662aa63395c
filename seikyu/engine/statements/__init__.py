"""Bank statements: files of banks in, deposits out. Pure; nothing of ours is imported.

A file is read completely or refused with the line and what to do. What is a deposit becomes a
`StatementLine` with a fingerprint, by which the same line is known when it is imported again; everything
else is skipped with a reason. Nothing here knows customers' balances: `payers` says who may have paid.
"""

from seikyu.engine.statements.line import Skipped, Statement, StatementLine, unseen
from seikyu.engine.statements.payers import Payer, PayerMatch, certain, payer_matches
from seikyu.engine.statements.reading import read_statement
from seikyu.engine.statements.refusals import StatementRefused

__all__ = [
    "Payer",
    "PayerMatch",
    "Skipped",
    "Statement",
    "StatementLine",
    "StatementRefused",
    "certain",
    "payer_matches",
    "read_statement",
    "unseen",
]
