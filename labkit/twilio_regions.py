"""Regions of Twilio, and the edge locations that lead there (docs: /docs/global-infrastructure/edge-locations).

A host is named after both: `taskrouter.dublin.ie1.twilio.com`. One that has the Region alone, such as
`api.ie1.twilio.com`, has meant US1 whatever its name said, and ended in April 2026; so a Region is given its edge here.
"""

from __future__ import annotations

import re

from labkit.errors import SettingsError

HOME_REGION = "us1"
"""What is meant where none is named."""

EDGES = {"ie1": "dublin", "au1": "sydney"}
"""The Regions outside of the United States that keep data, each with its edge."""


def region_and_edge(region: object, *, edge: object) -> dict[str, str]:
    """Both as settings; neither where neither is given.

    Raises:
        SettingsError: one is not written as Twilio writes it; it would become part of the host that gets the token.
    """
    for name, value, form, example in (
        ("region", region, r"[a-z]{2}[0-9]", "us1 or ie1"),
        ("edge", edge, r"[a-z]+(-[a-z]+)*", "dublin or ashburn"),
    ):
        if value is not None and not (isinstance(value, str) and re.fullmatch(form, value)):
            raise SettingsError(f"{name} is {value!r}; give one of Twilio's, such as {example}, in small letters.")
    found = {"region": region, "edge": edge or EDGES.get(str(region))}
    return {name: str(value) for name, value in found.items() if value}
