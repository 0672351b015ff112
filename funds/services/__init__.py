"""Changes of state; money moves by funds/posting.py alone."""
