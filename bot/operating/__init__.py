"""The operator's side: live changes, the review queue, reports."""
