"""Twilio's error codes, each with its one sentence: for refusals, alerts and panels (docs: /docs/api/errors/<code>)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Self


class ErrorCode(IntEnum):
    """A code that the lab names, by what is wrong. `meaning` says it to a person, as a clause without a full stop."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> Self:
        made = int.__new__(cls, code)
        made._value_, made.meaning = code, meaning
        return made

    # --- a callback URL that could not be asked ----------------------------------------------------------------------

    HTTP_RETRIEVAL_FAILURE = 11200, "the callback URL did not answer with a 2xx status in time"
    CONNECTION_FAILURE = 11205, "no connection to the callback URL could be made"
    PROTOCOL_VIOLATION = 11206, "the callback URL did not answer in HTTP"
    BAD_HOST_NAME = 11210, "there is no host of the callback URL's name"
    TLS_FAILURE = 11220, "no TLS connection to the callback URL could be made"
    CERTIFICATE_INVALID = 11235, "the certificate of the callback URL's host is not valid"
    CERTIFICATE_NOT_TRUSTED = 11237, "the certificate of the callback URL's host comes from nobody who is trusted"
    CERTIFICATE_OF_ANOTHER_HOST = 11240, "the certificate is not that of the callback URL's host"

    # --- a customer who could not be called --------------------------------------------------------------------------

    NO_PHONE_NUMBER = 13223, "the number to call is not a phone number"

    # --- what a request is warned of ---------------------------------------------------------------------------------

    STATISTICS_TOO_OLD = 14241, "statistics were asked for that are not kept"
    ABSOLUTE_PAGING = 40153, "a page was asked for by its number"

    # --- the answer to an assignment callback ------------------------------------------------------------------------

    ANSWER_OF_ANOTHER_TYPE = 40000, "the answer is not application/json, so it was not read"
    ANSWER_NOT_JSON = 40001, "the answer is not valid JSON, so nothing was done"
    NO_INSTRUCTION = 40005, "the answer has no `instruction`; answer an empty JSON object to do nothing"
    UNKNOWN_INSTRUCTION = 55555, "there is no instruction of this name"

    # --- instructions ------------------------------------------------------------------------------------------------

    REJECT_ACTIVITY = 40100, "reject: activity_sid is missing or not an Activity of this Workspace"
    CALL_TO = 40110, "call: there is no usable `to`"
    CALL_FROM = 40111, "call: there is no usable `from`"
    CALL_URL = 40112, "call: there is no usable `url`"
    CALL_FAILED = 40113, "call: the call could not be made"
    CALL_NOT_PENDING = 40114, "call: the Reservation is not pending"
    CALL_STATUS_CALLBACK = 40158, "call: status_callback_url is not a URL"
    REDIRECT_URL = 40120, "redirect: there is no usable `url`"
    REDIRECT_CALL_SID = 40121, "redirect: there is no usable `call_sid`"
    REDIRECT_FAILED = 40122, "redirect: the call could not be redirected"
    REDIRECT_NOT_PENDING = 40123, "redirect: the Reservation is not pending"
    DEQUEUE_ACTIVITY = 40130, "dequeue: post_work_activity_sid is not an Activity of this Workspace"
    DEQUEUE_TO = 40131, "dequeue: there is no usable `to`"
    DEQUEUE_FROM = 40132, "dequeue: there is no usable `from`"
    DEQUEUE_FAILED = 40133, "dequeue: the call could not be made"
    DEQUEUE_STATUS_CALLBACK_EVENTS = 40134, "dequeue: status_callback_events are not events of a call"
    DEQUEUE_NOT_PENDING = 40135, "dequeue: the Reservation is not pending"
    DEQUEUE_WITHOUT_CALL = 40140, "dequeue: the Task's attributes have no call_sid"
    DEQUEUE_STATUS_CALLBACK = 40157, "dequeue: status_callback_url is not a URL"
    CONFERENCE_NOT_PENDING = 40136, "conference: the Reservation is not pending"
    CONFERENCE_TO = 40137, "conference: there is no usable `to`"
    CONFERENCE_FROM_MISSING = 40138, "conference: there is no `from`"
    CONFERENCE_ACTIVITY = 40139, "conference: post_work_activity_sid is not an Activity of this Workspace"
    CONFERENCE_FROM = 40141, "conference: `from` cannot be used"
    CONFERENCE_WITHOUT_CUSTOMER = 40142, "conference: the Task's attributes have neither call_sid nor outbound_to"
    CONFERENCE_FAILED = 40145, "conference: the conference could not be set up"
    CONFERENCE_STATUS_CALLBACK = 40159, "conference: the status callback is not a URL"
    SUPERVISE_NOT_ACCEPTED = 40146, "supervise: the Reservation is not accepted"
    SUPERVISE_CONTACT = 40147, "supervise: the Supervisor has no usable contact_uri"
    SUPERVISE_FROM = 40148, "supervise: the Task's attributes have no usable `from`"
    TRANSFER_INSTRUCTION = 40151, "a Task that is handed over takes accept, reject, conference and supervise only"

    # --- known-agent routing -----------------------------------------------------------------------------------------

    KNOWN_WORKER_NOT_IN_QUEUE = 40152, "the known Worker is not in the target's TaskQueue"
    KNOWN_WORKER_NOT_FOUND = 40154, "the known Worker is missing, not valid or does not exist"
    KNOWN_WORKER_ELSEWHERE = 40155, "the known Worker is in another Workspace"

    # --- an account, which a sandbox is not --------------------------------------------------------------------------

    ACCOUNT_SUSPENDED = 10001, "the account is suspended or closed"
    NOT_IN_A_TRIAL = 10002, "a trial account cannot do this"
    ACCOUNT_NOT_ACTIVE = 20005, "the account is not active"
    NOT_OF_THIS_ACCOUNT = 20006, "this account may not see or do this"
    TEST_CREDENTIALS = 20008, "test credentials cannot do this"
    NO_PERMISSION = 20010, "the account lacks the permission for this"
    NOT_AUTHORIZED = 70051, "these credentials may not do this, as a Restricted API key without the permission"

    # --- REST --------------------------------------------------------------------------------------------------------

    INVALID = 20001, "a parameter is unknown, missing or not valid, or the step is not allowed from this state"
    NOT_AUTHENTICATED = 20003, "the Account SID and Auth Token do not belong together, or may not do this"
    METHOD_NOT_ALLOWED = 20004, "this path does not take this HTTP method"
    INVALID_TOKEN = 20101, "the access token is no JWT of Twilio's form"
    INVALID_TOKEN_HEADER = 20102, "the access token's header is not as Twilio's libraries make it"
    INVALID_TOKEN_ISSUER = 20103, "the access token was made with an API key, or for an account, that is not known"
    TOKEN_EXPIRED = 20104, "the access token has expired, or does not say when it will"
    TOKEN_NOT_YET_VALID = 20105, "the access token does not hold yet"
    INVALID_TOKEN_GRANTS = 20106, "the access token's grants do not allow this"
    INVALID_TOKEN_SIGNATURE = 20107, "the access token was not signed with the secret of its API key"
    PAGE_TOO_LARGE = 20007, "the page size is too large"
    FORBIDDEN = 20403, "this is forbidden"
    NOT_FOUND = 20404, "there is nothing at this path: the SID is wrong, or what it named is gone"
    CONFLICT = 20409, "the request conflicts with how things stand"
    GONE = 20410, "it is over: another Worker was quicker"
    TOO_MANY_REQUESTS = 20429, "too many requests came at once"
    INTERNAL_ERROR = 20500, "Twilio failed inside"
    UNAVAILABLE = 20503, "Twilio cannot serve this at the moment"
    BAD_PAGE_TOKEN = 21481, "the page token is not one that was given out"


OF_TWILIO_ONLY: Mapping[int, str] = MappingProxyType(
    {
        20002: "the FriendlyName is not valid",
        20422: "a parameter is not valid",
        20423: "this is not a SID of the right form",
        20426: "the protocol of the request is too old",
    }
)
"""Codes that no sandbox answers, but a real account may."""


_KNOWN: Mapping[int, ErrorCode] = {int(code): code for code in ErrorCode}


def meaning_of(code: object) -> str:
    """The sentence of a code that somebody answered; empty if it is not known here."""
    if not isinstance(code, int):
        return ""
    known = _KNOWN.get(code)
    return known.meaning if known else OF_TWILIO_ONLY.get(code, "")
