"""A page in the browser to try a pipeline; needs the extra `demo`."""
