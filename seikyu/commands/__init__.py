"""The composition root: one file for each group of commands of `seikyu …`.

Here, and nowhere else, the programs meet: settings are read, clocks and entropy handed out, databases
opened, servers started. Programs are imported inside the commands that use them, so that `seikyu --help`
stays quick and the connector runs where the engine is not installed.
"""
