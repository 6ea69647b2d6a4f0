"""The desk as a page of its own (`make desk`): Voilà with a token, its kernels bounded, and look-only if asked for."""
