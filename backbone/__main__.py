"""`python -m backbone`: make the small multilingual BERT, or train it further."""

import sys

from backbone.allocator import keep_buffers

if __name__ == "__main__":
    if sys.argv[1:2] in (["pretrain"], ["cool-down"]):
        keep_buffers()
    # After it, since that starts anew
    from backbone.commands import app

    app()
