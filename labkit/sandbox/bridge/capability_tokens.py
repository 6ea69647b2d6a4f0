"""Who an older page is: a capability token, signed with the account's auth token, that says what it may ask.

A token of version 1 of TaskRouter's JavaScript SDK, which goes on to be documented
(docs: /docs/taskrouter/js-sdk-v1/workspace/constructing-jwts). It has a list of policies: each is about a method and
the URLs that fit a pattern, allows these or forbids them, and may say which parameters there must be.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from labkit.error_codes import ErrorCode
from labkit.sandbox.bridge.access_tokens import Grant
from labkit.sandbox.bridge.signed_tokens import SignedTokens
from labkit.sandbox.refusals import Forbidden, InvalidToken
from labkit.vocabulary import Role, Sid, is_sid

MOST_POLICIES = 200
"""Of a token. The official SDK makes some ten; ours, so that a request is not held up by thousands."""
_ANY, _ANY_NUMBER = "*", "**"
_CHANNELS = (Sid.WORKER, Sid.TASK_QUEUE, Sid.WORKSPACE)


@dataclass(frozen=True, slots=True)
class ParameterFilter:
    """Which parameters a request may have; one without names lets all pass.

    Twilio does not say what becomes of a parameter that is not named; ours is that it is not allowed, so that nobody
    gets more than the token says.
    """

    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()

    def passes(self, names: Collection[str]) -> bool:
        """Whether a request with these parameters fits."""
        if not self.required and not self.optional:
            return True
        return self.required <= set(names) <= self.required | self.optional


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is allowed or forbidden. `parts` are those of the URL's path: `*` is any one, `**` any number of them."""

    parts: tuple[str, ...]
    method: str
    allow: bool
    query: ParameterFilter = field(default_factory=ParameterFilter)
    post: ParameterFilter = field(default_factory=ParameterFilter)

    def covers(self, method: str, path: str, *, query: Collection[str], post: Collection[str]) -> bool:
        """Whether it is about such a request: with parameters in the query, and in the body, of these names."""
        fits = method == self.method and _fits(self.parts, path.split("/"))
        return fits and self.query.passes(query) and self.post.passes(post)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """What a token allows.

    Attributes:
        channel: for whom its page is: the SID of a Worker, of a TaskQueue or of the Workspace.
        expires_at: seconds since 1970.
    """

    account_sid: str
    workspace_sid: str
    channel: str
    expires_at: float
    policies: tuple[Policy, ...]

    @property
    def grant(self) -> Grant:
        """What a session must know of it; it is a Worker's only if the channel is one."""
        return Grant(
            account_sid=self.account_sid,
            workspace_sid=self.workspace_sid,
            worker_sid=self.channel if self.channel.startswith(Sid.WORKER) else "",
            role=Role.WORKER,
            expires_at=self.expires_at,
        )

    def check(self, method: str, path: str, *, query: Collection[str] = (), post: Collection[str] = ()) -> None:
        """Refuse what no policy allows, or one forbids.

        Args:
            method: of the request, in capitals.
            path: of its URL, from `/v1` on.
            query: the names of the parameters in the query.
            post: the names of those in the body.

        Raises:
            Forbidden: this may not be asked with the token.
        """
        about = [each for each in self.policies if each.covers(method, path, query=query, post=post)]
        if not about:
            raise Forbidden(f"no policy of the token allows {method} {path} with these parameters")
        if not all(each.allow for each in about):
            raise Forbidden(f"a policy of the token forbids {method} {path}")


class CapabilityTokens(SignedTokens[Capability]):
    """Checks capability tokens: the accounts have the auth tokens."""

    _signed_with = "the auth token of its account"

    def _signer(self, issuer: object) -> tuple[str, str]:
        secret = self._accounts.token(issuer) if isinstance(issuer, str) else None
        if not secret:
            raise _unknown_issuer(issuer)
        return str(issuer), secret

    def _allowed(self, claims: Mapping[str, Any], *, account_sid: str, expires_at: float) -> Capability:
        if claims.get("account_sid", account_sid) != account_sid:
            raise Forbidden("the token's `account_sid` is not the account that has signed it")
        return _capability(claims, account_sid=account_sid, expires_at=expires_at)


def _unknown_issuer(issuer: object) -> InvalidToken:
    if is_sid(issuer, Sid.API_KEY):
        said = "the token's `iss` is an API key; a capability token is signed with the auth token of an account"
    elif is_sid(issuer, Sid.ACCOUNT):
        said = f"the sandbox has no account {issuer}, which the token's `iss` names"
    else:
        said = "the token's `iss` is not the SID of an account"
    return InvalidToken(said, ErrorCode.INVALID_TOKEN_ISSUER)


def _capability(claims: Mapping[str, Any], *, account_sid: str, expires_at: float) -> Capability:
    workspace_sid, channel, policies = claims.get("workspace_sid"), claims.get("channel"), claims.get("policies")
    if not is_sid(workspace_sid, Sid.WORKSPACE):
        raise Forbidden("the token names no Workspace", ErrorCode.INVALID_TOKEN_GRANTS)
    if not is_sid(channel) or not channel.startswith(_CHANNELS):
        raise Forbidden("the token's `channel` is no Worker, TaskQueue or Workspace", ErrorCode.INVALID_TOKEN_GRANTS)
    if not isinstance(policies, list) or len(policies) > MOST_POLICIES:
        raise Forbidden(f"the token has no list of at most {MOST_POLICIES} policies", ErrorCode.INVALID_TOKEN_GRANTS)
    return Capability(
        account_sid=account_sid,
        workspace_sid=workspace_sid,
        channel=channel,
        expires_at=expires_at,
        policies=tuple(_policy(each) for each in policies),
    )


def _policy(given: object) -> Policy:
    if not isinstance(given, dict) or not isinstance(given.get("url"), str):
        raise Forbidden("a policy of the token has no `url`", ErrorCode.INVALID_TOKEN_GRANTS)
    try:
        path = urlsplit(given["url"]).path
    except ValueError:
        raise Forbidden("the `url` of a policy is none", ErrorCode.INVALID_TOKEN_GRANTS) from None
    return Policy(
        parts=tuple(path.split("/")),
        method=str(given.get("method", "GET")).upper(),
        allow=given.get("allow") is True,
        query=_filter(given.get("query_filter")),
        post=_filter(given.get("post_filter")),
    )


def _filter(given: object) -> ParameterFilter:
    """Of each parameter whether it must be there: `{"ActivitySid": {"required": true}}`."""
    if given is None:
        return ParameterFilter()
    if not isinstance(given, dict):
        raise Forbidden("a filter of a policy is no object", ErrorCode.INVALID_TOKEN_GRANTS)
    required = {name for name, rule in given.items() if isinstance(rule, dict) and rule.get("required") is True}
    return ParameterFilter(frozenset(required), frozenset(given) - required)


def _fits(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether a path fits: each part of the pattern is looked at once, so that many `**` cost little."""
    reached = {0}
    for wanted in pattern:
        if wanted == _ANY_NUMBER:
            reached = set(range(min(reached), len(parts) + 1)) if reached else reached
        else:
            reached = {at + 1 for at in reached if at < len(parts) and wanted in (_ANY, parts[at])}
    return len(parts) in reached
