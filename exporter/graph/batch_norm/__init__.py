"""Batch normalization: rewriting to moving statistics, folding into weights."""
