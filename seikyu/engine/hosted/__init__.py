"""The customer's pages: an invoice behind its unguessable address, always current, paid by card."""
