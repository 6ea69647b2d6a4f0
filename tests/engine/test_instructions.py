"""Instructions as tables: every field of each, in both spellings, and every requirement, each with Twilio's code."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import pytest
from engine.world import World, written
from hypothesis import given
from hypothesis import strategies as st

from labkit.engine import commands as c
from labkit.engine.instruction_fields import (
    FAILED,
    FIELDS,
    PARAMETERS,
    BadField,
    Field,
    check_parameters,
    read_answer_fields,
    read_parameters,
)
from labkit.engine.instruction_preconditions import REQUIREMENTS
from labkit.engine.refusals import NotInTransfer, TaskWithoutCall
from labkit.error_codes import ErrorCode
from labkit.vocabulary import Instruction

LUNCH = f"WA{'1' * 32}"
CALL = f"CA{'a' * 32}"
URL = "https://twiml.test/answer?a=1"
I = Instruction  # noqa: E741  # the table below is read by its columns

# What is good and what is bad for a field, by the kind of value that it takes.
ADDRESS = (["+15550100", "client:alice", "sip:alice@example.com", "5550100"], ["", "you", "+", "sip:alice", 5, ["+1"]])
ACTIVITY = ([LUNCH], ["", f"WA{'2' * 32}", "Lunch", 5, [LUNCH]])
SECONDS = ([1, 999, "60"], ["", 0, 1000, "soon", -1, 1.5, True, "1_0", "٣", [60]])
URLS = ([URL, "http://a.test:8080/"], ["", "nowhere", "ftp://a.test/", "http://", "http://a.test:x/", "http://a b/", 5])
FLAG = ([True, False, "true", "False", "1", "no"], ["", "perhaps", 2, [], {}])
METHOD = (["GET", "POST"], ["", "PUT", "get", 1])
CALL_EVENTS = ([["initiated", "ringing"], "answered completed", "answered, completed"], ["", "join", ["rung"], [1], 5])
CONFERENCE_EVENTS = (["start end", ["join", "leave", "mute", "hold", "speaker"]], ["ringing", ["rung"], {}])
TEXT = (["a", "x" * 256], ["", "x" * 257, 5])
RECORD = (["record-from-answer", "do-not-record"], ["", "yes", True])


def words(*good: str) -> tuple[list[Any], list[Any]]:
    """A field that takes one of these words."""
    return list(good), ["", "nonsense", 5, [good[0]], good[0].swapcase()]


# The documentation's fields (…/handle-assignment-callbacks, …/api/reservations) and dictionary, written down again:
# instruction, field, REST parameter, Twilio's code for a wrong value (None: none of its own), values.
Row = tuple[Instruction, str, str, int | None, tuple[list[Any], list[Any]]]
TABLE: list[Row] = [
    (I.REJECT, "activity_sid", "WorkerActivitySid", 40100, ACTIVITY),
    (I.DEQUEUE, "from", "DequeueFrom", 40132, ADDRESS),
    (I.DEQUEUE, "to", "DequeueTo", 40131, ADDRESS),
    (I.DEQUEUE, "post_work_activity_sid", "DequeuePostWorkActivitySid", 40130, ACTIVITY),
    (I.DEQUEUE, "record", "DequeueRecord", None, RECORD),
    (I.DEQUEUE, "timeout", "DequeueTimeout", None, SECONDS),
    (I.DEQUEUE, "status_callback_url", "DequeueStatusCallbackUrl", 40157, URLS),
    (I.DEQUEUE, "status_callback_events", "DequeueStatusCallbackEvent", 40134, CALL_EVENTS),
    (I.CALL, "to", "CallTo", 40110, ADDRESS),
    (I.CALL, "from", "CallFrom", 40111, ADDRESS),
    (I.CALL, "url", "CallUrl", 40112, URLS),
    (I.CALL, "accept", "CallAccept", None, FLAG),
    (I.CALL, "record", "CallRecord", None, RECORD),
    (I.CALL, "timeout", "CallTimeout", None, SECONDS),
    (I.CALL, "status_callback_url", "CallStatusCallbackUrl", 40158, URLS),
    (I.REDIRECT, "call_sid", "RedirectCallSid", 40121, ([CALL], ["", "CA1", f"WT{'a' * 32}", 5])),
    (I.REDIRECT, "url", "RedirectUrl", 40120, URLS),
    (I.REDIRECT, "accept", "RedirectAccept", None, FLAG),
    (I.CONFERENCE, "to", "To", 40137, ADDRESS),
    (I.CONFERENCE, "from", "From", 40141, ADDRESS),
    (I.CONFERENCE, "post_work_activity_sid", "PostWorkActivitySid", 40139, ACTIVITY),
    (I.CONFERENCE, "timeout", "Timeout", None, SECONDS),
    (I.CONFERENCE, "record", "Record", None, FLAG),
    (I.CONFERENCE, "muted", "Muted", None, FLAG),
    (I.CONFERENCE, "beep", "Beep", None, words("true", "false", "onEnter", "onExit")),
    (I.CONFERENCE, "beep_on_customer_entrance", "BeepOnCustomerEntrance", None, FLAG),
    (I.CONFERENCE, "start_conference_on_enter", "StartConferenceOnEnter", None, FLAG),
    (I.CONFERENCE, "end_conference_on_exit", "EndConferenceOnExit", None, FLAG),
    (I.CONFERENCE, "end_conference_on_customer_exit", "EndConferenceOnCustomerExit", None, FLAG),
    (I.CONFERENCE, "wait_url", "WaitUrl", None, URLS),
    (I.CONFERENCE, "wait_method", "WaitMethod", None, METHOD),
    (I.CONFERENCE, "early_media", "EarlyMedia", None, FLAG),
    (I.CONFERENCE, "max_participants", "MaxParticipants", None, ([2, 250, "10"], ["", 1, 251, "all"])),
    (I.CONFERENCE, "status_callback", "StatusCallback", 40159, URLS),
    (I.CONFERENCE, "status_callback_url", "", 40159, URLS),
    (I.CONFERENCE, "status_callback_method", "StatusCallbackMethod", None, METHOD),
    (I.CONFERENCE, "status_callback_events", "StatusCallbackEvent", None, CALL_EVENTS),
    (I.CONFERENCE, "conference_status_callback", "ConferenceStatusCallback", None, URLS),
    (I.CONFERENCE, "conference_status_callback_method", "ConferenceStatusCallbackMethod", None, METHOD),
    (I.CONFERENCE, "conference_status_callback_events", "ConferenceStatusCallbackEvent", None, CONFERENCE_EVENTS),
    (
        I.CONFERENCE,
        "conference_record",
        "ConferenceRecord",
        None,
        words("true", "false", "record-from-start", "do-not-record"),
    ),
    (I.CONFERENCE, "conference_trim", "ConferenceTrim", None, words("trim-silence", "do-not-trim")),
    (I.CONFERENCE, "recording_channels", "RecordingChannels", None, words("mono", "dual")),
    (I.CONFERENCE, "recording_status_callback", "RecordingStatusCallback", None, URLS),
    (I.CONFERENCE, "recording_status_callback_method", "RecordingStatusCallbackMethod", None, METHOD),
    (I.CONFERENCE, "conference_recording_status_callback", "ConferenceRecordingStatusCallback", None, URLS),
    (
        I.CONFERENCE,
        "conference_recording_status_callback_method",
        "ConferenceRecordingStatusCallbackMethod",
        None,
        METHOD,
    ),
    (I.CONFERENCE, "region", "Region", None, words("us1", "us2", "ie1", "de1", "sg1", "br1", "au1", "jp1")),
    (I.CONFERENCE, "sip_auth_username", "SipAuthUsername", None, TEXT),
    (I.CONFERENCE, "sip_auth_password", "SipAuthPassword", None, TEXT),
    (I.CONFERENCE, "jitter_buffer_size", "JitterBufferSize", None, words("small", "medium", "large", "off")),
    (I.SUPERVISE, "supervisor", "Supervisor", None, TEXT),
    (I.SUPERVISE, "supervisor_mode", "SupervisorMode", None, words("monitor", "whisper", "barge")),
]
REQUIRED = {
    I.CALL: {"from": "+15550100", "url": URL},
    I.REDIRECT: {"call_sid": CALL, "url": URL},
    I.SUPERVISE: {"supervisor": "client:boss"},
}
each_field = pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]}-{row[1]}")
each_parameter = pytest.mark.parametrize("row", [row for row in TABLE if row[2]], ids=lambda row: f"{row[0]}-{row[2]}")


def field_of(instruction: Instruction, name: str) -> Field:
    return next(field for field in FIELDS[instruction] if field.name == name)


def read(instruction: Instruction, document: dict[str, Any]) -> dict[str, Any]:
    """Read an answer in a Workspace whose only Activity is LUNCH."""
    return read_answer_fields(instruction, {**REQUIRED.get(instruction, {}), **document}, activities={LUNCH})


def test_the_table_is_whole() -> None:
    """Each field is in the table with its parameter, its code and whether it must be given."""
    ours = {(i, f.name, f.parameter, f.code) for i, fields in FIELDS.items() for f in fields}
    assert ours == {(i, name, parameter, code) for i, name, parameter, code, _ in TABLE}
    for instruction, fields in FIELDS.items():
        assert {f.name for f in fields if f.required} == set(REQUIRED.get(instruction, {}))
    assert set(FIELDS) == set(Instruction)


def test_no_two_fields_share_a_parameter() -> None:
    """Over REST all instructions' parameters stand side by side."""
    named = [f.parameter for fields in FIELDS.values() for f in fields if f.parameter]
    assert len(named) == len(set(named)) == len(PARAMETERS)


@each_field
def test_good_values_are_taken_in_an_answer(row: Row) -> None:
    """And come out in the form that the engine uses: flags and numbers as such."""
    instruction, name, _, _, (good, _) = row
    for value in good:
        taken = read(instruction, {name: value})[name]
        assert read(instruction, {name: taken})[name] == taken


@each_field
def test_a_bad_value_in_an_answer_is_that_fields_fault(row: Row) -> None:
    """With Twilio's code for it, where there is one, and words for it where it is shown."""
    instruction, name, _, code, (_, bad_values) = row
    for value in bad_values:
        with pytest.raises(BadField) as bad:
            read(instruction, {name: value})
        assert (bad.value.field.name, bad.value.field.code, bad.value.is_missing) == (name, code, False)
        assert len(str(bad.value)) < 200
    assert instruction is I.REJECT or (code or FAILED[instruction]) in set(ErrorCode)


@pytest.mark.parametrize(("instruction", "name"), [(i, name) for i, fields in REQUIRED.items() for name in fields])
@pytest.mark.parametrize("given", [{}, {"": None}], ids=["left out", "null"])
def test_what_is_required_is_missed(instruction: Instruction, name: str, given: dict[str, Any]) -> None:
    """Null counts as left out."""
    document = {**REQUIRED[instruction], name: None} if given else {**REQUIRED[instruction]}
    document = {key: value for key, value in document.items() if given or key != name}
    with pytest.raises(BadField) as bad:
        read_answer_fields(instruction, document, activities=())
    assert (bad.value.field.name, bad.value.is_missing) == (name, True)


@each_parameter
def test_the_same_values_are_taken_over_rest(row: Row) -> None:
    """As texts, lists as a parameter given several times; what comes out is the same."""
    instruction, name, parameter, _, (good, _) = row
    needed = {field_of(instruction, n).parameter: [v] for n, v in REQUIRED.get(instruction, {}).items()}
    for value in good:
        expected = read(instruction, {name: value})[name]
        texts = [str(each) for each in (expected if isinstance(expected, list) else [value])]
        assert read_parameters(instruction, {**needed, parameter: texts}, activities={LUNCH})[name] == expected


@each_parameter
def test_bad_texts_are_refused_over_rest(row: Row) -> None:
    """Whichever instruction is asked for; but an empty one counts as not given."""
    _, name, parameter, code, (_, bad_values) = row
    check_parameters({parameter: [""]}, activities={LUNCH})
    for value in (value for value in bad_values if value and isinstance(value, str)):
        with pytest.raises(BadField) as bad:
            check_parameters({parameter: [value]}, activities={LUNCH})
        assert (bad.value.field.name, bad.value.field.code) == (name, code)


def test_the_last_of_several_texts_counts() -> None:
    """As for every parameter but the lists."""
    form = {"DequeueTimeout": ["1", "20", ""], "DequeueStatusCallbackEvent": ["ringing", "answered"]}
    values = read_parameters(I.DEQUEUE, form, activities=())
    assert values == {"timeout": 20, "status_callback_events": ["ringing", "answered"]}


def test_a_password_is_not_shown() -> None:
    """A message says what is wrong with it, not what it is."""
    secret = "much too secret " * 20
    with pytest.raises(BadField) as bad:
        read(I.CONFERENCE, {"sip_auth_password": secret})
    assert "secret" not in str(bad.value)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(
    instruction=st.sampled_from(Instruction),
    document=st.dictionaries(st.sampled_from(sorted({name for _, name, *_ in TABLE})), anything, max_size=6),
)
def test_no_value_is_too_strange_to_be_judged(instruction: Instruction, document: dict[str, Any]) -> None:
    """It is taken or a BadField, and nothing else is raised."""
    found = {field.name for field in FIELDS[instruction]}
    with suppress(BadField):
        assert set(read_answer_fields(instruction, document, activities={LUNCH})) <= found


# --- what must be so before anything is done --------------------------------------------------------------------------

CALLER = {"call_sid": CALL, "to": "+15550199", "from": "+15550123"}
OUTBOUND = {"outbound_to": "+15550123", "from": "+15550199"}
GONE = f"CA{'b' * 32}"
PAGE = {"from": "+15550199", "url": URL}


def accepted(world: World) -> None:
    world.answer("T", "accepted")


def rejected(world: World) -> None:
    world.answer("T", "rejected", activity="Offline")


def conference(world: World) -> None:
    world.call_back("T", I.CONFERENCE)
    world.at(1)


class Unmet(NamedTuple):
    """Something that cannot be done, and Twilio's code for it."""

    instruction: Instruction
    attributes: dict[str, Any]
    contact_uri: str | None
    before: Callable[[World], None] | None
    fields: dict[str, Any]
    code: int

    def reserve(self, world: World) -> str:
        """A Task that is reserved for Alice, after something has happened; the Reservation's SID."""
        world.set_attributes("Alice", {"contact_uri": self.contact_uri} if self.contact_uri else {})
        world.set_activity("Alice", "Available")
        world.create_task("T", attributes=self.attributes)
        if self.before is not None:
            self.before(world)
        return world.reservation("T").sid


UNMET = [
    Unmet(I.DEQUEUE, CALLER, "+15550100", accepted, {}, 40135),
    Unmet(I.DEQUEUE, CALLER, "+15550100", rejected, {}, 40135),
    Unmet(I.DEQUEUE, {"to": "+15550199"}, "+15550100", None, {}, 40140),
    Unmet(I.DEQUEUE, {**CALLER, "call_sid": ""}, "+15550100", None, {}, 40140),
    Unmet(I.DEQUEUE, CALLER, None, None, {}, 40131),
    Unmet(I.DEQUEUE, CALLER, "at her desk", None, {}, 40131),
    Unmet(I.DEQUEUE, {"call_sid": CALL}, "+15550100", None, {}, 40132),
    Unmet(I.DEQUEUE, {**CALLER, "to": 7}, "+15550100", None, {}, 40132),
    Unmet(I.DEQUEUE, {**CALLER, "call_sid": "CA1"}, "+15550100", None, {}, 40133),
    Unmet(I.CALL, {}, "+15550100", accepted, PAGE, 40114),
    Unmet(I.CALL, {}, None, None, PAGE, 40110),
    Unmet(I.REDIRECT, CALLER, None, accepted, {"call_sid": CALL, "url": URL}, 40123),
    Unmet(I.REDIRECT, CALLER, None, None, {"call_sid": GONE, "url": URL}, 40122),
    Unmet(I.REDIRECT, {}, None, None, {"call_sid": CALL, "url": URL}, 40122),
    Unmet(I.CONFERENCE, CALLER, "+15550100", accepted, {}, 40136),
    Unmet(I.CONFERENCE, {"to": "+15550199"}, "+15550100", None, {}, 40142),
    Unmet(I.CONFERENCE, {**OUTBOUND, "outbound_to": "home"}, "+15550100", None, {}, 40142),
    Unmet(I.CONFERENCE, CALLER, None, None, {}, 40137),
    Unmet(I.CONFERENCE, {"call_sid": CALL}, "+15550100", None, {}, 40138),
    Unmet(I.CONFERENCE, {**OUTBOUND, "from": ""}, "+15550100", None, {}, 40138),
    Unmet(I.CONFERENCE, {**CALLER, "to": "us"}, "+15550100", None, {}, 40141),
    Unmet(I.CONFERENCE, {**CALLER, "call_sid": "CA1"}, "+15550100", None, {}, 40145),
    Unmet(I.SUPERVISE, CALLER, "+15550100", None, {"supervisor": "client:boss"}, 40146),
    Unmet(I.SUPERVISE, CALLER, "+15550100", rejected, {"supervisor": "client:boss"}, 40146),
    Unmet(I.SUPERVISE, CALLER, "+15550100", conference, {"supervisor": "boss"}, 40147),
    Unmet(I.SUPERVISE, CALLER, "+15550100", conference, {"supervisor": f"WK{'9' * 32}"}, 40147),
    Unmet(I.SUPERVISE, {**CALLER, "from": "me"}, "+15550100", conference, {"supervisor": "client:boss"}, 40148),
    Unmet(I.SUPERVISE, CALLER, "+15550100", accepted, {"supervisor": "client:boss"}, 40145),
]
WITHOUT_CALL = {40140, 40142}
"""Of a Task without a caller, or without a customer to call: over REST that is refused."""


def each(cases: list[Unmet]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[f"{c.instruction}-{c.code}-{n}" for n, c in enumerate(cases)])


def test_every_requirement_has_its_case() -> None:
    """No code of the table is left out below."""
    known = {(i, code) for i, requirements in REQUIREMENTS.items() for code, _ in requirements}
    assert {(case.instruction, case.code) for case in UNMET} == known


@each([case for case in UNMET if case.code not in WITHOUT_CALL])
def test_what_cannot_be_done_is_an_alert_and_no_change(routed: World, case: Unmet) -> None:
    """Twilio's code with words; a pending Reservation reports that its instruction failed, and stays pending."""
    sid = case.reserve(routed)
    pending, state = routed.reservation("T").is_pending, written(routed.state)
    routed.take_events()
    routed.run(c.InstructReservation, sid=sid, instruction=case.instruction, changes=case.fields)
    assert [alert.code for alert in routed.alerts] == [case.code]
    assert routed.alerts[0].text.startswith(ErrorCode(case.code).meaning)
    assert routed.alerts[0].resource_sid == sid
    assert routed.take_events() == (["reservation.failed"] if pending else [])
    assert written(routed.state) == state


@each([case for case in UNMET if case.code in WITHOUT_CALL])
def test_an_instruction_for_a_caller_is_refused_over_rest_without_one(routed: World, case: Unmet) -> None:
    """At once and in Twilio's words; there is no alert, and nothing has changed."""
    sid = case.reserve(routed)
    state = written(routed.state)
    routed.take_events()
    with pytest.raises(TaskWithoutCall, match=f"The {case.instruction} instruction can only be issued on a task that"):
        routed.run(c.InstructReservation, sid=sid, instruction=case.instruction, changes=case.fields)
    assert (routed.alerts, routed.take_events(), written(routed.state)) == ([], [], state)


@each(UNMET)
def test_the_answer_to_a_callback_is_told_of_the_alert(routed: World, case: Unmet) -> None:
    """So that the delivery log can show it; the Reservation is as it was."""
    case.reserve(routed)
    status = routed.reservation("T").reservation_status
    alert = routed.call_back("T", case.instruction, **case.fields)
    assert alert is not None
    assert (alert.code, routed.alerts) == (case.code, [alert])
    assert routed.reservation("T").reservation_status is status


# --- of a Task that is handed over ------------------------------------------------------------------------------------

NOT_IN_TRANSFER = [(I.DEQUEUE, {}), (I.CALL, PAGE), (I.REDIRECT, {"call_sid": CALL, "url": URL})]


@pytest.fixture
def handed_over(routed: World) -> World:
    """Alice hands a Task with a caller over to Bob."""
    routed.set_activity("Alice", "Available")
    routed.create_task("T", attributes=CALLER)
    routed.answer("T", "accepted")
    routed.add_worker("Bob", attributes={"contact_uri": "+15550100"})
    routed.transfer("T", "Alice", "Bob")
    routed.take_events()
    return routed


@pytest.mark.parametrize(("instruction", "fields"), NOT_IN_TRANSFER)
def test_what_is_not_for_a_task_in_transfer_is_refused(
    handed_over: World, instruction: Instruction, fields: dict[str, Any]
) -> None:
    """With 40151: over REST at once, in the answer to a callback as an alert; nothing changes."""
    sid, before = handed_over.reservation("T").sid, written(handed_over.state)
    with pytest.raises(NotInTransfer, match="issued on a task being transferred") as refused:
        handed_over.run(c.InstructReservation, sid=sid, instruction=instruction, changes=fields)
    assert (refused.value.status, refused.value.code) == (400, 40151)
    assert written(handed_over.state) == before
    alert = handed_over.call_back("T", instruction, **fields)
    assert alert is not None
    assert alert.code == 40151
    assert handed_over.take_events() == ["reservation.failed"]
    assert handed_over.reservation("T").is_pending


@pytest.mark.parametrize(("instruction", "status"), [(I.ACCEPT, "accepted"), (I.REJECT, "rejected")])
def test_a_callback_takes_a_task_over_or_not(handed_over: World, instruction: Instruction, status: str) -> None:
    """As of any Reservation."""
    assert handed_over.call_back("T", instruction) is None
    assert handed_over.reservation("T").reservation_status == status


def test_a_conference_takes_a_task_over(handed_over: World) -> None:
    """Once the Worker and the caller are in it, who hands over may leave, and the two go on talking."""
    assert handed_over.call_back("T", I.CONFERENCE) is None
    handed_over.at(1)
    assert handed_over.reservation("T").reservation_status == "accepted"
    handed_over.answer("T", "completed", worker="Alice")
    assert [str(leg.status) for leg in handed_over.task("T").legs] == ["in-progress", "in-progress"]
    handed_over.answer("T", "wrapping", worker="Bob")
    assert [str(leg.status) for leg in handed_over.task("T").legs] == ["completed", "completed"]


@pytest.mark.parametrize("ends", [True, False])
def test_a_conference_of_three_ends_for_both_workers(routed: World, ends: bool) -> None:
    """Where the customer's leaving ends it: each wraps up, and the Task with the last. Otherwise they go on talking."""
    routed.set_attributes("Alice", {"contact_uri": "+15550100"})
    routed.set_activity("Alice", "Available")
    routed.create_task("T", attributes=CALLER)
    routed.call_back("T", I.CONFERENCE)
    routed.at(1).add_worker("Bob", attributes={"contact_uri": "+15550101"})
    routed.transfer("T", "Alice", "Bob")
    routed.call_back("T", I.CONFERENCE, end_conference_on_customer_exit=ends)
    routed.at(2).take_events()
    routed.run(c.HangUp, sid=CALL)
    statuses = [str(r.reservation_status) for r in routed.task("T").reservations]
    assert statuses == (["wrapping", "wrapping"] if ends else ["accepted", "accepted"])
    assert routed.take_events() == (["reservation.wrapup", "reservation.wrapup", "task.wrapup"] if ends else [])
    assert [leg.is_live for leg in routed.task("T").legs] == [False, not ends, not ends]


def test_who_wraps_up_does_not_hang_up_for_the_other(handed_over: World) -> None:
    """The caller talks to Bob, in a conference, after Alice has ended hers."""
    handed_over.call_back("T", I.CONFERENCE)
    handed_over.at(1)
    handed_over.answer("T", "wrapping", worker="Alice")
    assert [str(leg.status) for leg in handed_over.task("T").legs] == ["in-progress", "in-progress"]
    assert handed_over.task("T").assignment_status == "assigned"
