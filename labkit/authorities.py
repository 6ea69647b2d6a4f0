"""Whom a TLS connection of ours trusts: whom this computer does, and whom Twilio's SDK does by `requests`."""

from __future__ import annotations

import os
import ssl
from contextlib import suppress


def trusted() -> ssl.SSLContext:
    """For connections that are not the SDK's: the system's authorities, certifi's, and a company's own.

    A company's stand in the PEM file that `REQUESTS_CA_BUNDLE` names; one that cannot be read is passed over.
    """
    import certifi

    context = ssl.create_default_context()
    for bundle in (certifi.where(), os.environ.get("REQUESTS_CA_BUNDLE")):
        if bundle:
            with suppress(OSError):
                context.load_verify_locations(bundle)
    return context
