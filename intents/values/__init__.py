"""Values in messages: times, amounts, names of lists, and what they mean."""
