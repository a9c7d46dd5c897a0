"""One verification process serves all tests, as it serves all exports of a batch."""

import pytest

from exporter.verification.process import VerificationProcess


@pytest.fixture(scope="session")
def verifier():
    with VerificationProcess() as process:
        yield process
