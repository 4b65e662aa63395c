"""The customer's pages over real HTTP, and in a real browser."""
