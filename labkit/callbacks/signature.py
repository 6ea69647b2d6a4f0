"""Was this callback signed with the account's Auth Token, for the URL that TaskRouter was told?

The check is the official SDK's own (docs: /docs/usage/webhooks/webhooks-security). It is made against the *public*
URL: behind a tunnel the request arrives as http on 127.0.0.1, while what was signed is the https address outside.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence

from twilio.request_validator import RequestValidator

from labkit.callbacks.exchanges import Verdict
from labkit.settings import Secret

HEADER = "X-Twilio-Signature"


class SignatureCheck:
    """Checks signatures made with one Auth Token, which it never shows."""

    def __init__(self, auth_token: Secret) -> None:
        self._validator = RequestValidator(auth_token.reveal())

    def verdict(self, signature: str | None, *, url: str, params: Params | str) -> Verdict:
        """`missing`, `valid` or `wrong`.

        Args:
            signature: the header's value, None or empty when there is none.
            url: the URL that TaskRouter was told, with the query as sent.
            params: the form's fields; or the body as text, which then must have its hash in the URL's `bodySHA256`.
        """
        if not signature:
            return "missing"
        return "valid" if self._fits(signature, url, params) else "wrong"

    def is_over(self, text: str, signature: str) -> bool:
        """Whether it was made over exactly this text, which is the URL with the form's `signed_text` behind it."""
        try:
            return self._fits_as_it_stands(signature, text, Params([]))
        except ValueError:  # text that cannot be encoded
            return False

    def _fits(self, signature: str, url: str, params: Params | str) -> bool:
        if isinstance(params, str) and "bodySHA256=" not in url:
            params = Params([])  # nothing of such a body is signed
        try:
            # The validator tries the URL with a port and without one; as it stands it is nearly always one of the two.
            if not isinstance(params, str) and self._fits_as_it_stands(signature, url, params):
                return True
            return bool(self._validator.validate(url, params, signature))
        except ValueError:  # an URL that cannot be taken apart, or text that cannot be encoded
            return False

    def _fits_as_it_stands(self, signature: str, url: str, params: Params) -> bool:
        expected: str = self._validator.compute_signature(url, params)
        return hmac.compare_digest(expected.encode(), signature.encode())


class Params(Mapping[str, str]):
    """A form's fields in the shape the validator reads: each name with all its values."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def getall(self, name: str) -> list[str]:
        """All values of a field, in the order sent."""
        return self._values[name]

    def pairs(self) -> list[tuple[str, str]]:
        """Every field with each of its values."""
        return [(name, value) for name, values in self._values.items() for value in values]

    def signed_text(self) -> str:
        """What of them is signed, behind the URL: sorted, each value once."""
        return "".join(f"{name}{value}" for name in sorted(self._values) for value in sorted(set(self._values[name])))

    def texts(self) -> Iterator[str]:
        """Every name and every value."""
        for name, values in self._values.items():
            yield name
            yield from values

    def fields(self) -> dict[str, str]:
        """Each name with its last value."""
        return {name: values[-1] for name, values in self._values.items()}

    def __getitem__(self, name: str) -> str:
        return self._values[name][-1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
