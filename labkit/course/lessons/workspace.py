"""01: a Workspace made by hand: Activities, Workers, TaskQueues with their expressions, and a Workflow."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from labkit.course.lesson import Lesson, LessonStep
from labkit.course.lessons.in_workspace import Part, activity_of, filters_of, named, picks, queue_for, takes
from labkit.course.record import LessonRecord
from labkit.taskrouter.quickstart import LANGUAGES, WORKERS, WORKFLOW_NAME, task_queue_name
from labkit.vocabulary import EventType

Difference = Callable[[LessonRecord], str | None]

LUNCH = "Lunch"
SAMPLE_QUEUE = "Sample Queue"
NO_RULE = {"selected_language": "fr"}


def _lunch_is_unavailable(record: LessonRecord) -> bool:
    lunch = named(record, "activities", LUNCH)
    return lunch is not None and lunch.get("available") is False


def _lunch_is_available(record: LessonRecord) -> str | None:
    lunch = named(record, "activities", LUNCH)
    if lunch is None or not lunch.get("available"):
        return None
    return (
        "Your Activity Lunch says available=True, so Workers at lunch would be offered Tasks. That cannot be changed: "
        "delete it with workspace.activities(sid).delete(), and make it again with available=False."
    )


def _workers_are_there(record: LessonRecord) -> bool:
    return all(_languages(record, name) == set(wanted["languages"]) for name, wanted in WORKERS.items())


def _languages(record: LessonRecord, name: str) -> set[Any]:
    """What a list under `languages` holds; nothing where there is none."""
    said = _attributes(record, name).get("languages")
    return {each for each in said if isinstance(each, str)} if isinstance(said, list) else set()


def _attributes(record: LessonRecord, name: str) -> Mapping[str, Any]:
    worker = named(record, "workers", name) or {}
    attributes: Mapping[str, Any] = worker.get("attributes", {})
    return attributes


def _languages_are_a_text(record: LessonRecord) -> str | None:
    for name in WORKERS:
        said = _attributes(record, name).get("languages")
        if isinstance(said, str):
            return f'{name}\'s languages are the text "{said}". HAS looks into a list: write ["en", "es"].'
    return None


def _other_languages(record: LessonRecord) -> str | None:
    for name, wanted in WORKERS.items():
        attributes, languages = _attributes(record, name), _languages(record, name)
        if attributes and "languages" not in attributes:
            return f"{name}'s attributes are {json.dumps(attributes)}. The word for it is languages, as in Bob's."
        if languages and languages != set(wanted["languages"]):
            said = f"{name}'s languages are {json.dumps(sorted(languages))}"
            return f"{said}, and they should be {json.dumps(wanted['languages'])}."
    return None


def _picked(record: LessonRecord, language: str) -> set[str] | None:
    """Which of Alice and Bob the language's TaskQueue would pick; None where there is no such TaskQueue."""
    queue = named(record, "task_queues", task_queue_name(language))
    if queue is None:
        return None
    return {name for name, attributes in WORKERS.items() if picks(queue.get("target_workers", ""), attributes)}


def _speak(language: str) -> set[str]:
    return {name for name, attributes in WORKERS.items() if LANGUAGES[language] in attributes["languages"]}


def _picks_who_speaks(language: str) -> Callable[[LessonRecord], bool]:
    return lambda record: _picked(record, language) == _speak(language)


def _picks_others(language: str) -> Difference:
    def difference(record: LessonRecord) -> str | None:
        queue, picked = named(record, "task_queues", task_queue_name(language)), _picked(record, language)
        if queue is None or picked is None or not queue.get("target_workers") or picked == _speak(language):
            return None
        return (
            f"Your expression {queue['target_workers']} picks {_people(picked)}, and {_people(_speak(language))} "
            f"should be picked."
        )

    return difference


def _compares_the_list(language: str) -> Difference:
    def difference(record: LessonRecord) -> str | None:
        queue = named(record, "task_queues", task_queue_name(language)) or {}
        expression = queue.get("target_workers", "")
        if "=" not in expression or _picked(record, language):
            return None
        return (
            f"Your expression {expression} compares the whole list of languages with something else, so it picks "
            "nobody. To look into the list, write HAS in place of ==."
        )

    return difference


def _people(names: set[str]) -> str:
    return " and ".join(sorted(names)) or "nobody"


def _workflow(record: LessonRecord) -> Part:
    return named(record, "workflows", WORKFLOW_NAME) or {}


def _workflow_reads_the_language(record: LessonRecord) -> bool:
    workflow = _workflow(record)
    sent = {language: queue_for(workflow, _task(code)) for language, code in LANGUAGES.items()}
    return sent == {language: task_queue_name(language) for language in LANGUAGES}


def _task(code: str) -> dict[str, str]:
    return {"selected_language": code}


def _filter_takes_all(record: LessonRecord) -> str | None:
    for each in filters_of(_workflow(record))[:1]:
        if takes(each.get("expression", ""), NO_RULE):
            return (
                f"Your first filter says {each.get('expression')}, which fits every Task, whatever its language is. "
                "The filters after it are never reached."
            )
    return None


def _filter_says_another_word(record: LessonRecord) -> str | None:
    for language, code in LANGUAGES.items():
        for each in filters_of(_workflow(record)):
            expression = str(each.get("expression", ""))
            if language.casefold() in expression.casefold():
                return f'Your filter says {expression}, and the Task says "{code}".'
    return None


def _filter_sends_elsewhere(record: LessonRecord) -> str | None:
    for language, code in LANGUAGES.items():
        queue = queue_for(_workflow(record), _task(code))
        if queue not in (None, task_queue_name(language)):
            return f'A Task that says "{code}" is sent to {queue}, and should go to {task_queue_name(language)}.'
    return None


def _alice_was_reserved(record: LessonRecord) -> bool:
    spanish = task_queue_name("Spanish")
    made = record.of(EventType.RESERVATION_CREATED)
    return any((each.worker_name, each.task_queue_name) == ("Alice", spanish) for each in made)


def _task_waits_for_alice(record: LessonRecord) -> str | None:
    spanish = task_queue_name("Spanish")
    waits = any(each.task_queue_name == spanish for each in record.of(EventType.TASK_QUEUE_ENTERED))
    activity = activity_of(record, "Alice")
    if not waits or activity == "Available":
        return None
    return f"A Task waits in {spanish}, and Alice is {activity or 'not there'}. Switch her to Available."


def _others_have_a_place(record: LessonRecord) -> bool:
    return queue_for(_workflow(record), NO_RULE) is not None and _workflow_reads_the_language(record)


def _default_hides_nothing(record: LessonRecord) -> str | None:
    if queue_for(_workflow(record), NO_RULE) is None or _workflow_reads_the_language(record):
        return None
    return "There is a default filter now, but Spanish and English do not go where they should any more. See step 5."


LESSON = Lesson(
    "Build a Workspace",
    (
        LessonStep(
            "There is an Activity for the lunch break, and it is not available",
            _lunch_is_unavailable,
            "Make an Activity with friendly_name Lunch, and say that it is not available.",
            "workspace.activities.create takes the name as friendly_name, and available, which is True or False.",
            'workspace.activities.create(friendly_name="Lunch", available=False)',
            (_lunch_is_available,),
        ),
        LessonStep(
            "Alice speaks English and Spanish, Bob speaks English",
            _workers_are_there,
            "Write Alice's attributes as Bob's, with both languages in the list. Then run the cell.",
            'Her attributes are a dict with one word, languages, and under it the list of "en" and "es".',
            'speaks_both = {"languages": ["en", "es"]}\n'
            'alice = put(workspace.workers, "Alice", attributes=json.dumps(speaks_both))',
            (_languages_are_a_text, _other_languages),
        ),
        LessonStep(
            "The TaskQueue for Spanish picks Alice, and not Bob",
            _picks_who_speaks("Spanish"),
            "Write an expression that is true for a list of languages with es in it, and run the cell.",
            'It has three parts: the attribute languages, the operator HAS, and the text "es" in double quotes.',
            "for_spanish = 'languages HAS \"es\"'",
            (_compares_the_list("Spanish"), _picks_others("Spanish")),
        ),
        LessonStep(
            "The TaskQueue for English picks both",
            _picks_who_speaks("English"),
            "Write an expression that is true for a list of languages with en in it, and run the cell.",
            "It is the same as for Spanish, with en in place of es.",
            "for_english = 'languages HAS \"en\"'",
            (_compares_the_list("English"), _picks_others("English")),
        ),
        LessonStep(
            "The Workflow sends each language to its own TaskQueue",
            _workflow_reads_the_language,
            "Write an expression for each filter, then run that cell and the one that makes the Workflow.",
            'A filter reads the Task: selected_language must equal "es" for the one, and "en" for the other.',
            "spanish_tasks = 'selected_language == \"es\"'\nenglish_tasks = 'selected_language == \"en\"'",
            (_filter_takes_all, _filter_says_another_word, _filter_sends_elsewhere),
        ),
        LessonStep(
            "A Task in Spanish came to Alice",
            _alice_was_reserved,
            "Create a Task in Spanish with the cell of section 6, and switch Alice to Available.",
            "Both must be so at once: the Task waits in the TaskQueue for Spanish, and Alice is Available and free.",
            'available = workspace.activities.list(friendly_name="Available")[0]\n'
            "alice.update(activity_sid=available.sid)",
            (_task_waits_for_alice,),
        ),
        LessonStep(
            "A Task that no filter takes has a place too",
            _others_have_a_place,
            "Give the Workflow a default filter with the SID of Sample Queue, and run the cell.",
            "The list of TaskQueues of that name has one entry; everybody is its sid.",
            f'everybody = workspace.task_queues.list(friendly_name="{SAMPLE_QUEUE}")[0].sid',
            (_default_hides_nothing,),
        ),
    ),
    minutes=20,
    goal="You will be able to build a Workspace: Activities, Workers, TaskQueues with expressions, and a Workflow.",
    workspace="fifo",
)
