"""Messages with slips of the keyboard are read twice for their values: mended, and as written.

A word that nobody knows is a slip in one message and a name in the next: *searcy* is no search.
Intents take the mended text, for they can do without a name. Values are taken from whichever
reading the tagger is surer of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from intents.spelling import Speller, remapped
from models.arrays import FloatArray, IntArray
from models.encoders.runtime import Encoder, Encoding
from models.tagger import Requested, Span, Tagger

States = tuple[FloatArray, IntArray]
"""Token states (t, d) and their characters (t, 2)."""


@dataclass(frozen=True)
class Read:
    """An encoder pass over messages with their slips mended; offsets are the messages' own.

    ``written`` has what the pass gave for those with slips as they were written, ``also`` the
    sentence vectors (m, d) of other texts that were read in the same pass.
    """

    encoding: Encoding
    written: Mapping[int, States]
    also: FloatArray

    def spans(
        self, tagger: Tagger, texts: Sequence[str], requested_slots: Sequence[Requested]
    ) -> list[list[Span]]:
        """The values in the messages ``texts``, by the reading that the tagger is surer of."""
        states = [
            self._surer(tagger, index, text, requested)
            for index, (text, requested) in enumerate(zip(texts, requested_slots, strict=True))
        ]
        lines = [(*found, text) for found, text in zip(states, texts, strict=True)]
        return tagger.decode_all(lines, requested_slots)

    def _surer(self, tagger: Tagger, index: int, text: str, requested: Requested) -> States:
        mended = self.encoding.tokens[index], self.encoding.offsets[index]
        written = self.written.get(index)
        if written is None:
            return mended
        sure = tagger.sureness(*written, text, requested)
        return written if sure > tagger.sureness(*mended, text, requested) else mended


def read(
    encoder: Encoder,
    texts: Sequence[str],
    speller: Speller | None,
    *,
    twice: bool,
    also: Sequence[str] = (),
) -> Read:
    """One encoder pass over ``texts``; ``twice``: over those with slips as written, too.

    :param also: other texts of which only the sentence vectors are wanted.
    """
    count = len(texts)
    if speller is None:
        found = encoder.encode([*texts, *also])
        own = Encoding(found.sentence[:count], found.tokens[:count], found.offsets[:count])
        return Read(own, {}, found.sentence[count:])
    mended = [speller.mend(text) for text in texts]
    slipped = [i for i, one in enumerate(mended) if one.changes and twice]
    others = [speller.mend(text).text for text in also]
    found = encoder.encode([*(one.text for one in mended), *(texts[i] for i in slipped), *others])
    encoding = Encoding(
        found.sentence[:count], found.tokens[:count], remapped(mended, found.offsets[:count])
    )
    end = count + len(slipped)
    both = zip(slipped, found.tokens[count:end], found.offsets[count:end], strict=True)
    written = {i: (tokens, offsets) for i, tokens, offsets in both}
    return Read(encoding, written, found.sentence[end:])
