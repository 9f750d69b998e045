"""A program of somebody else's in Python: makes an account, posts a campaign twice under one key, reads what there is."""

import json
import sys

import tandem


def without_nulls(value):
    """A field that may be null may as well be left out, which types do."""
    if isinstance(value, dict):
        return {name: without_nulls(each) for name, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value


def differs(name: str, example) -> bool:
    read, write = getattr(tandem, name + "_from_dict"), getattr(tandem, name + "_to_dict")
    return without_nulls(write(read(example))) != without_nulls(example)


url, examples = sys.argv[1:]
account = tandem.auth_register_body_from_dict(
    {"handle": "pythonista", "password": "a long password", "roles": ["brand_owner"]}
)
registered = tandem.Tandem(url).auth.register(account).data
api = tandem.Tandem(url, registered.access)
campaign = tandem.campaigns_create_body_from_dict({"title": "Winter", "description": "Two reels", "budget": "20000"})
made = [api.campaigns.create(campaign, idempotency_key="one").data.id for _ in range(2)]
listed = api.campaigns.list(limit=50).data
try:
    api.campaigns.get(str(registered.user.id))
    missing = None
except tandem.Refused as refused:
    missing = refused.error_code
with open(examples, encoding="utf-8") as file:
    shown = json.load(file)
print(
    json.dumps(
        {
            "handle": registered.user.handle,
            "made": len(set(made)),
            "titles": [each.title for each in listed if each.id == made[0]],
            "missing": missing,
            "shown": len(shown),
            "different": [name for name, example in shown if differs(name, example)],
        }
    )
)
