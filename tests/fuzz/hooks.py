"""Signs test users in, so that every operation is called by somebody who may call it."""

import os
import uuid

import requests
import schemathesis

# The parts of an upload are bytes.
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")

URL = os.environ["FUZZ_URL"]
PASSWORD = "correct horse battery"

# Whoever removes themselves is somebody else than who uploads, and administrators are a third.
PEOPLE = {
    "GET /api/v1/users": os.environ["FUZZ_ADMIN"],
    "DELETE /api/v1/users/{id}": os.environ["FUZZ_ADMIN"],
    "DELETE /api/v1/users/me": f"leaving-{uuid.uuid4()}@example.org",
}
EVERYBODY_ELSE = f"fuzz-{uuid.uuid4()}@example.org"


@schemathesis.hook
def filter_body(context, body):
    """JSON Schema counts characters, and bcrypt bytes: the one rule that openapi.json cannot say."""
    if context.operation.label != "POST /api/v1/users" or not isinstance(body, dict):
        return True
    password = body.get("password")
    return not isinstance(password, str) or len(password.encode("utf-8", "replace")) <= 72


def who(_case, context):
    return PEOPLE.get(context.operation.label, EVERYBODY_ELSE)


# A token lives for fifteen minutes.
@schemathesis.auth(cache_by_key=who, refresh_interval=600)
class SignedIn:
    def get(self, case, context):
        account = {"email": who(case, context), "password": PASSWORD}
        registered = requests.post(
            f"{URL}/api/v1/users", json={**account, "full_name": "Fuzz"}, timeout=30
        )
        # There already: signed in before, and not removed meanwhile.
        if registered.status_code not in (201, 409):
            registered.raise_for_status()
        answer = requests.post(f"{URL}/api/v1/auth/token", json=account, timeout=30)
        answer.raise_for_status()
        return answer.json()["access_token"]

    def set(self, case, token, context):
        case.headers["Authorization"] = f"Bearer {token}"
