"""The only SQL of the engine: tables, one file of queries per aggregate, migrations.

SQLAlchemy Core describes tables and statements; each statement is compiled once per dialect and run
at driver level. Frozen dataclasses go in and come out. Every table leads its primary key with
``world_id``: an account has two worlds, test and live, and no query crosses worlds but the worker's.
"""
