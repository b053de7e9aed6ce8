"""The neural editor of replies."""
