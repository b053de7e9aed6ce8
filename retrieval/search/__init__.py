"""The index of answers: vectors and words, fused."""
