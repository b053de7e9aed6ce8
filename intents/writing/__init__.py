"""An assistant's files, changed where people wrote them, and written anew."""
