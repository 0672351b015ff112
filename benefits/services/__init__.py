"""State changes: verb first, keyword-only, one transaction each."""
