"""Accuracy, rejection, calibration and values on public sets, through the product's own training."""
