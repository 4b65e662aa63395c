"""Paper: an invoice or a receipt, every text of it given, set as a PDF. Nothing here reads or decides."""
