"""An assistant's files and data files, in every format that is read."""
