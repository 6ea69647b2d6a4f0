"""Tasks to begin with: the quickstart's, a phone call, a chat, a VIP; and varied ones, as a busy hour brings them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any


@dataclass(frozen=True, slots=True)
class Template:
    """What the form is filled with; None is left to TaskRouter.

    Attributes:
        key: names it.
        title: what stands on its button.
        attributes: of the Task.
        task_channel: its unique name, one of those that every Workspace begins with.
        priority: larger is sooner.
        timeout: seconds until an unassigned Task is canceled.
    """

    key: str
    title: str
    attributes: Mapping[str, Any]
    task_channel: str | None = None
    priority: int | None = None
    timeout: int | None = None


# Numbers are from the range that is kept for fiction; the keys are those that Twilio's own calls bring along.
TEMPLATES = (
    Template("quickstart", "Quickstart", {"selected_language": "es"}),
    Template(
        "call",
        "Phone call",
        {
            "selected_language": "en",
            "call_sid": "CA0123456789abcdef0123456789abcdef",
            "from": "+12025550143",
            "to": "+12025550100",
            "direction": "inbound",
        },
        task_channel="voice",
    ),
    Template(
        "chat",
        "Chat",
        {"selected_language": "es", "name": "Lucía", "message": "¿Dónde está mi pedido?"},
        task_channel="chat",
        timeout=1_800,
    ),
    Template(
        "vip",
        "VIP",
        {"selected_language": "en", "name": "Ada", "vip": True, "customer_value": 12_500},
        priority=10,
        timeout=600,
    ),
)

_NAMES = ("Ada", "Bao", "Chidi", "Dana", "Emre", "Fatima", "Goran", "Hana", "Ines", "Jun", "Kofi", "Lucía")
_MESSAGES = {
    "en": ("Where is my order?", "I cannot log in.", "Please call me back.", "Can I change my address?"),
    "es": ("¿Dónde está mi pedido?", "No puedo entrar.", "Llámenme, por favor.", "¿Puedo cambiar mi dirección?"),
}


def varied(random: Random, *, task_channels: Collection[str]) -> Template:
    """One of the templates with another language, person, number or value.

    Args:
        random: where chance comes from.
        task_channels: the unique names that the Workspace has; of another, the Task goes by the default one.
    """
    template = random.choice(TEMPLATES)
    language = random.choice(tuple(_MESSAGES))
    changes = {
        "selected_language": language,
        "call_sid": f"CA{random.getrandbits(128):032x}",
        "from": f"+1202555{random.randint(100, 199):04d}",
        "name": random.choice(_NAMES),
        "message": random.choice(_MESSAGES[language]),
        "customer_value": random.randrange(1_000, 50_000, 500),
    }
    attributes = {name: changes.get(name, value) for name, value in template.attributes.items()}
    priority = None if template.priority is None else random.randint(1, 20)
    channel = template.task_channel if template.task_channel in task_channels else None
    return replace(template, attributes=attributes, priority=priority, task_channel=channel)
