"""board's API (the-board.jp): a typed client, its records, and a simulator that behaves like it."""
