"""Short answers that mean something only beside what was just said.

An intent model reads a message by itself; "the second one" or 那个蓝色的 can only be read with the
list before it. English and Chinese, and only messages too short to hold a request of their own.
"""
