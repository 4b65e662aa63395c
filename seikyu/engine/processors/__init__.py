"""Ports to the outside of money: what the engine asks of a card processor, and who answers."""
