"""Seikyu (請求): self-hosted invoicing and collections, and a two-way link between board and Stripe."""

__version__ = "0.1.0"
