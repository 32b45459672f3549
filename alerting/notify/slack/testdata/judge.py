"""judge.py: reads the blocks of messages with the models of Slack's own package.

In: one object a line, {name, sent}. Out: what the models have against them, one object
a line, {name, fault}; a last line says how many messages it has read.
"""

import json
import sys

from slack_sdk.models.blocks import Block


def fault(blocks):
    """What is wrong with blocks; nothing for None. What the models do not know they
    drop, so what they write must be what they were given."""
    try:
        written = [block.to_dict() if block else None for block in Block.parse_all(blocks)]
    except Exception as e:  # whatever they stumble over
        return f"{type(e).__name__}: {e}"
    if written != blocks:
        return f"they write {json.dumps(written, ensure_ascii=False)}"
    return None


read = 0
for line in sys.stdin:
    message = json.loads(line)
    read += 1
    if said := fault(message["sent"]):
        print(json.dumps({"name": message["name"], "fault": said}))
print(json.dumps({"read": read}))
