"""One Worker who does not match the TaskQueue, and one Task that does not match a filter, in every way there is."""

from __future__ import annotations

from functools import partial
from typing import Any

from engine.world import World, quickstart
from explain.worlds.base import EVERY, one_queue, told

Json = dict[str, Any]

_UNMATCHED: tuple[tuple[str, str, Json], ...] = (
    ("another string", 'team == "sales"', {"team": "support"}),
    ("another case", 'team == "sales"', {"team": "Sales"}),
    ("a missing attribute", 'team == "sales"', {}),
    ("a null attribute", 'team == "sales"', {"team": None}),
    ("a number that is too small", "level >= 3", {"level": 2}),
    ("a number that is equal", "level > 3", {"level": 3}),
    ("a number that is too large", "age < 30", {"age": 41.5}),
    ("a number as text", "level >= 3", {"level": "6"}),
    ("a number as text that should be equal", "level == 6", {"level": "6"}),
    ("text that should be a number", 'level == "6"', {"level": 6}),
    ("a missing number", "level >= 3", {}),
    ("a list without the value", 'languages HAS "es"', {"languages": ["en", "fr"]}),
    ("a list of one", 'languages HAS "es"', {"languages": ["en"]}),
    ("an empty list", 'languages HAS "es"', {"languages": []}),
    ("a missing list", 'languages HAS "es"', {}),
    ("a string instead of a list", 'languages HAS "es"', {"languages": "es"}),
    ("an object instead of a list", 'languages HAS "es"', {"languages": {"es": True}}),
    ("a list of numbers as text", "skills HAS 7", {"skills": ["7", "8"]}),
    ("a long list", 'skills HAS "tax"', {"skills": [f"skill-{number}" for number in range(40)]}),
    ("IN a list", 'team IN ["sales", "billing"]', {"team": "support"}),
    ("IN a list of one", 'team IN ["sales"]', {"team": "support"}),
    ("IN, and missing", 'team IN ["sales", "billing"]', {}),
    ("IN, and a list itself", 'team IN ["sales", "billing"]', {"team": ["sales"]}),
    ("NOT IN", 'team NOT IN ["support", "night"]', {"team": "support"}),
    ("NOT IN an attribute", '"fr" NOT IN refused', {"refused": ["fr", "de"]}),
    ("CONTAINS", 'email CONTAINS "@example.com"', {"email": "alice@example.org"}),
    ("CONTAINS a number", 'code CONTAINS "4"', {"code": 45}),
    ("CONTAINS, and missing", 'email CONTAINS "@example.com"', {}),
    ("not equal", 'team != "support"', {"team": "support"}),
    ("not equal to null", "vip != null", {}),
    ("equal to null", "vip == null", {"vip": 1}),
    ("a boolean that is false", "trained == true", {"trained": False}),
    ("a boolean as text", "trained == true", {"trained": "true"}),
    ("a boolean by itself", "trained", {"trained": False}),
    ("a text by itself", "trained", {"trained": "yes"}),
    ("a missing name by itself", "trained", {}),
    ("a nested path", "routing.skills HAS 'tax'", {"routing": {"skills": ["vat"]}}),
    ("a nested path that ends early", "routing.skills HAS 'tax'", {"routing": "all"}),
    ("a nested level", "routing.levels.tax > 5", {"routing": {"levels": {"tax": 3}}}),
    ("an index", "phones[1] == 'home'", {"phones": ["work"]}),
    ("two conditions, the second false", "level > 2 AND team == 'sales'", {"level": 5, "team": "support"}),
    ("two conditions, both false", "level > 2 AND team == 'sales'", {"level": 1}),
    ("alternatives", "team == 'sales' OR team == 'billing' OR level > 8", {"team": "support", "level": 3}),
    ("a negation", "NOT on_leave == true", {"on_leave": True}),
    ("a negated alternative", "NOT (team == 'support' OR level < 3)", {"team": "support", "level": 5}),
    ("an alternative among conditions", "level > 1 AND (lang == 'es' OR lang == 'fr')", {"level": 4, "lang": "en"}),
    ("a list compared", "languages == 'es'", {"languages": ["es"]}),
    ("an object compared", "routing == 'all'", {"routing": {"skills": []}}),
    ("two attributes", "level >= needed", {"level": 2, "needed": 4}),
    ("a long text", "note == 'short'", {"note": "a long story " * 20}),
    ("quotes in a text", "nickname == 'Al'", {"nickname": 'Al "the pal" O\'Hara'}),
    ("never", "1 == 2", {}),
    ("an empty text", "team == 'sales'", {"team": ""}),
    ("the Worker's own name", 'friendly_name == "Bob"', {}),
    ("the Activity", 'activity_name == "Break"', {}),
    ("a channel", "worker.channel.chat.assigned_tasks > 0", {}),
)


def _unmatched(expression: str, attributes: Json) -> World:
    world = one_queue(expression)
    world.add_worker("Alice", attributes=attributes)
    world.create_task("T")
    return world


for _title, _expression, _attributes in _UNMATCHED:
    EVERY[f"queue: {_title}"] = partial(_unmatched, _expression, _attributes)

_FILTERED: tuple[tuple[str, str, Json], ...] = (
    ("another text", 'selected_language == "es"', {"selected_language": "en"}),
    ("missing", 'selected_language == "es"', {}),
    ("a number as text", "amount >= 100", {"amount": "250"}),
    ("a boolean as text", "vip == true", {"vip": "true"}),
    ("IN", 'country IN ["DE", "AT", "CH"]', {"country": "FR"}),
    ("a nested attribute", "customer.tier == 'gold'", {"customer": {"tier": "silver"}}),
    ("two conditions", "type == 'call' AND amount > 10", {"type": "call", "amount": 3}),
    ("alternatives", "type == 'call' OR type == 'sms'", {"type": "chat"}),
    ("CONTAINS", "subject CONTAINS 'refund'", {"subject": "Where is my parcel?"}),
)


def _filtered(expression: str, attributes: Json) -> World:
    world = World()
    world.add_queue("Special")
    world.add_queue("Everybody")
    filters = [{"filter_friendly_name": "Special", "expression": expression, "targets": [{"queue": "Special"}]}]
    world.add_workflow("Incoming", filters=filters, default_filter={"queue": "Everybody"})
    world.create_task("T", attributes=attributes)
    return world


for _title, _expression, _attributes in _FILTERED:
    EVERY[f"filter: {_title}"] = partial(_filtered, _expression, _attributes)


@told("quickstart: a Spanish Task, and Alice is Offline")
def _spanish() -> World:
    world = quickstart()
    world.create_task("T", attributes={"selected_language": "es"})
    return world


@told("quickstart: an English Task is reserved for Bob")
def _english() -> World:
    world = quickstart()
    world.create_task("T", attributes={"selected_language": "en"})
    return world


@told("quickstart: attributes that were changed to what no filter takes")
def _changed() -> World:
    world = quickstart()
    world.create_task("T", attributes={"selected_language": "es"})
    world.at(20).update_task("T", attributes={"selected_language": "fr"})
    return world


@told("quickstart: languages is a string")
def _string() -> World:
    world = quickstart()
    world.set_attributes("Alice", {"languages": "es"})
    world.create_task("T", attributes={"selected_language": "es"})
    return world
