"""HTTP ``/v1``: each operation decodes, executes, encodes. No rule of money and no SQL is here."""
