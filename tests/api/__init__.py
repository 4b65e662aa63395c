"""The engine's API over real HTTP: bad input, lists, repetition, webhooks, time."""
