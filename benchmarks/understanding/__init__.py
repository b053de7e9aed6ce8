"""Accuracy, rejection, calibration and values on public sets, by the product's own training."""
