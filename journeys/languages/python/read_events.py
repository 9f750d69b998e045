"""A program of somebody else's in Python: reads one's events over REST, each as what the document says it is."""

import json
import sys
from urllib.request import Request, urlopen

import events


def reader(kind: str, name: str):
    words = [kind, *name.replace(":", "_").split("_")]
    return getattr(events, "_".join(words) + "_from_dict"), getattr(events, "_".join(words) + "_to_dict")


def read(frame: dict, kind: str) -> dict:
    from_dict, to_dict = reader(kind, frame["name"])
    return to_dict(from_dict(frame))


url, token, examples = sys.argv[1:]
asked = Request(f"{url}/api/events?after=0", headers={"authorization": f"Bearer {token}"})
with urlopen(asked) as answer:
    told = json.load(answer)["data"]
for event in told:
    read({"type": "event", **event}, "durable")
with open(examples, encoding="utf-8") as file:
    shown = json.load(file)
different = [name for name, kind, frame in shown if read(frame, kind) != frame]
print(json.dumps({"told": [event["name"] for event in told], "shown": len(shown), "different": different}))
