"""Files as the field sends them, and as nobody should: made by Hypothesis, and what they may do."""
