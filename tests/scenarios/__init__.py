"""Stories told from outside, through the doors a customer uses."""
