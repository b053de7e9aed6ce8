"""Bringing an assistant along from another tool: ``frontdesk import``."""

from intents.importing.bring import bring, write
from intents.importing.report import Import, Note

__all__ = ["Import", "Note", "bring", "write"]
