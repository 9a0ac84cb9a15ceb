#!/usr/bin/env python3
"""Checks a proof that a row stood in a public register at the end of a day, and says whether it holds.

    python3 register_state_check.py FILE.json [LOG_KEY]

Needs Python 3.8 or later and nothing else; asks no server. It follows docs/design/register-state.md and shares no code with the program.
Exit code 0: it holds. 1: it does not, and the last line says why. 2: wrong usage.
Without LOG_KEY (as the authority publishes it) it cannot know whose log it is: compare the key that it prints.
"""

import base64
import hashlib
import json
import sys
from datetime import date, datetime, timedelta, timezone


class Fault(Exception):
    """What does not fit."""


def need(holds, why):
    if not holds:
        raise Fault(why)


def sha(data):
    return hashlib.sha256(data).digest()


# Ed25519 (RFC 8032), verification only.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e, f = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    g, h = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    a, b, c, d = f - e, h - g, h + g, f + e
    return a * b % P, c * d % P, b * c % P, a * d % P


def times(n, point):
    out = (0, 1, 1, 0)
    while n:
        if n & 1:
            out = add(out, point)
        point, n = add(point, point), n >> 1
    return out


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    need(len(data) == 32 and y < P, "a key or signature is no point of the curve")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    need((x * x - square) % P == 0 and not (x == 0 and sign), "a key or signature is no point of the curve")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(key, message, signature):
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    a, b = times(s, BASE), add(point(signature[:32]), times(k, point(key)))
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


# The log: signed notes (C2SP), inclusion (RFC 6962).


def read_key(text, algorithm):
    name, _, key = text.split("+", 2)
    data = base64.b64decode(key, validate=True)
    key_id = sha(name.encode() + b"\n" + data)[:4]
    need(data[0] == algorithm and text == "%s+%s+%s" % (name, key_id.hex(), key), "the key of the log cannot be read")
    return name, key_id, data[1:]


def lines_of(note, key):
    """Signature lines of a name: (line, bytes behind the key's id or None if of another key)."""
    text, _, tail = note.rpartition("\n\n")
    found = []
    for line in tail.split("\n"):
        if line.startswith("\u2014 %s " % key[0]):
            data = base64.b64decode(line.rsplit(" ", 1)[1], validate=True)
            found.append((line, data[4:] if data[:4] == key[1] else None))
    return (text + "\n").encode(), found


def open_checkpoint(note, key):
    text, found = lines_of(note, key)
    need(any(s is not None and signed(key[2], text, s) for _, s in found), "the checkpoint is not signed by the log's key")
    origin, size, root = text.decode().split("\n")[:3]
    need(origin == key[0], "the checkpoint is of another log")
    return origin, int(size), base64.b64decode(root, validate=True)


def included(entry, index, size, proof, root):
    """RFC 9162, 2.1.3.2."""
    here, last, node = index, size - 1, sha(b"\0" + entry)
    if index >= size:
        return False
    for other in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            node = sha(b"\1" + other + node)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            node = sha(b"\1" + node + other)
        here, last = here >> 1, last >> 1
    return last == 0 and node == root


# The state of a register.


def logged(part, key):
    """An entry and its place, shown to be in the log (C2SP tlog-proof)."""
    head, _, checkpoint = part["proof"].partition("\n\n")
    lines = head.split("\n")
    need(lines[0] == "c2sp.org/tlog-proof@v1" and lines[1].startswith("index "), "a proof cannot be read")
    index = int(lines[1][len("index ") :])
    proof = [base64.b64decode(line, validate=True) for line in lines[2:]]
    _, size, root = open_checkpoint(checkpoint, key)
    need(included(part["entry"].encode(), index, size, proof, root), "an entry is not shown to be in the log")
    return json.loads(part["entry"]), index


def state_of(part, key):
    entry, index = logged(part, key)
    need(entry["kind"] == "register.state", "an entry is no state of a register")
    body = entry["body"]
    over = datetime.combine(date.fromisoformat(body["day"]) + timedelta(days=1), datetime.min.time(), timezone(timedelta(hours=8)))
    need(entry["at_utc_ms"] >= over.timestamp() * 1000, "a state was taken before its day was over")
    return body, index


def verify(record, given):
    need(record["v"] == 1, "version %s is not known" % record["v"])
    need(given is None or given == record["log"], "it is of another log than that of the given key")
    key = read_key(record["log"], 1)
    state, place = state_of(record["state"], key)
    asked = date.fromisoformat(record["day"])
    need(state["register"] == record["register"], "the state is of another register")
    need(date.fromisoformat(state["day"]) <= asked, "the state is of a later day")
    if record["next"] is not None:
        later, after = state_of(record["next"], key)
        follows = later["register"] == record["register"] and later["before"] == place and after > place
        need(follows, "the later state is not the next one")
        need(date.fromisoformat(later["day"]) > asked, "on that day a later state was there")
    row, version, digest, written = json.loads(record["leaf"])
    path = [bytes.fromhex(node) for node in record["path"]]
    there = included(record["leaf"].encode(), record["index"], state["rows"], path, bytes.fromhex(state["root"]))
    need(there, "the row is not in this state, or not in this version")
    entry, index = logged(record["row"], key)
    body, says = entry["body"], {"register": record["register"], "row": row, "version": version, "public_sha256": digest}
    is_it = entry["kind"] == "register.row" and all(body.get(name) == value for name, value in says.items())
    need(is_it and index == written and index < place, "the entry of the row says another row or version, or is later")
    need(sha(record["public"].encode()).hex() == digest, "what is public of the row does not fit its digest")
    return row, version, state, place


def main(arguments):
    if len(arguments) not in (1, 2):
        print(__doc__)
        return 2
    try:
        with open(arguments[0], encoding="utf-8") as file:
            record = json.load(file)
        row, version, state, place = verify(record, arguments[1] if len(arguments) == 2 else None)
    except OSError as error:
        print(error)
        return 2
    except Fault as fault:
        print("it does not hold: %s" % fault)
        return 1
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, AssertionError) as error:
        print("it does not hold: the file cannot be read (%s)" % error)
        return 1
    if len(arguments) == 1:
        print("the key inside the file was used, compare it: %s" % record["log"])
    if record["next"] is None:
        print("no later state is in the file: that there was none is the word of whoever made it")
    print("it holds: at the end of %s row %s stood in register %s in version %d" % (record["day"], row, record["register"], version))
    print("state of %s, %d rows, entry %d" % (state["day"], state["rows"], place))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
