"""Whom TLS connections trust: the same as the SDK's requests, so that one variable is enough in a company."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme

from labkit.authorities import trusted


def test_a_company_is_trusted_by_the_sdks_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Besides everybody else; a file that is not there hinders nobody."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    usual = len(trusted().get_ca_certs())
    bundle = tmp_path / "company.pem"
    trustme.CA(organization_name="The Company").cert_pem.write_to_path(str(bundle))

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    assert len(trusted().get_ca_certs()) == usual + 1
    assert "The Company" in str(trusted().get_ca_certs())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nowhere.pem"))
    assert len(trusted().get_ca_certs()) == usual > 10
