#!/usr/bin/env python3
"""Makes a published draw of inspections again and says whether it holds.

    python3 draw_rerun.py DRAW.json

Needs Python 3.8 or later and nothing else; asks no server. It follows docs/design/draw.md and shares no code with the program.
Exit code 0: it holds. 1: it does not, and the last line says why. 2: wrong usage.
What it cannot know is whether the keys in the rules are those of the log and the witness: compare them with what these bodies publish.
"""

import base64
import hashlib
import hmac
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


def digest(lines):
    return sha("".join(line + "\n" for line in lines).encode()).hex()


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
    need(data[0] == algorithm and text == "%s+%s+%s" % (name, key_id.hex(), key), "a key of the rules cannot be read")
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


# The draw.


class Stream:
    def __init__(self, seed, label):
        self.seed, self.label, self.counter, self.rest = seed, label.encode(), 0, b""

    def below(self, bound):
        if bound < 2:
            return 0
        while True:
            if not self.rest:
                message = self.label + b"\0" + self.counter.to_bytes(8, "big")
                self.rest = hmac.new(self.seed, message, hashlib.sha256).digest()
                self.counter += 1
            number, self.rest = int.from_bytes(self.rest[:8], "big"), self.rest[8:]
            if number < 2**64 - 2**64 % bound:
                return number % bound

    def shuffle(self, items):
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]


class Drawing:
    def __init__(self, rules, pool, seed):
        self.rules, self.deck, self.stream = rules, [], Stream(seed, "inspectors")
        self.rounds, self.seats = int(rules["max_per_inspector"]), int(rules["inspectors_per_unit"])
        day = rules["day"]
        units = [line.split(" ")[1:] for line in pool if line.startswith("unit ")]
        inspectors = [line.split(" ")[1:] for line in pool if line.startswith("inspector ")]
        # Days in this form are in the order of the calendar.
        self.inspectors = [c[:12] for c, first, last in inspectors if first <= day <= last]
        self.conflicts, valid = {}, set(self.inspectors)
        for line in pool:
            if line.startswith("conflict "):
                _, who, unit = line.split(" ")
                if who in valid:
                    self.conflicts.setdefault(unit, set()).add(who)
        self.strata, drawn, self.waiting, self.plan = [], [], {}, {}
        for stratum, kind, number in rules["strata"]:
            of = [(unit, last) for s, unit, last in units if s == stratum]
            order = [unit for unit, last in of if self.due(last)]
            due = len(order)
            Stream(seed, "units " + stratum).shuffle(order)
            asked = number if kind == "count" else -(-len(of) * number // 1000)
            self.waiting[stratum] = order[asked:]
            drawn += [(unit, stratum) for unit in order[:asked]]
            self.strata.append(
                {"stratum": stratum, "units": len(of), "rested": len(of) - due, "asked": asked, "drawn": min(asked, due)}
            )
        self.units = []
        for unit, stratum in drawn:
            team, lack = self.deal(unit, [])
            self.plan[unit] = (stratum, team)
            self.units.append({"unit": unit, "stratum": stratum, "inspectors": team, "lack": lack})

    def due(self, last):
        rest = int(self.rules["rest_days"])
        if rest == 0 or last == "-":
            return True
        return date.fromisoformat(last) + timedelta(days=rest) <= date.fromisoformat(self.rules["day"])

    def deal(self, unit, kept):
        barred = self.conflicts.get(unit, set())
        if len(self.inspectors) < self.seats:
            return [], "qualified"
        if len(self.inspectors) - len(barred) < self.seats:
            return [], "conflicts"
        team, places, at = [who for who in kept if who not in barred], [], 0
        while len(team) < self.seats:
            if at < len(self.deck):
                who = self.deck[at]
                if who not in barred and who not in team:
                    team.append(who)
                    places.append(at)
                at += 1
            elif self.rounds:
                self.rounds -= 1
                fresh = list(self.inspectors)
                self.stream.shuffle(fresh)
                self.deck += fresh
            else:
                return [], "load"
        for place in reversed(places):
            del self.deck[place]
        return team, None

    def replace(self, out):
        need(out in self.plan, "%s is replaced and was not in the plan" % out)
        stratum, team = self.plan[out]
        need(self.waiting[stratum], "no unit waits for the place of %s" % out)
        into = self.waiting[stratum].pop(0)
        del self.plan[out]
        team, lack = self.deal(into, team)
        self.plan[into] = (stratum, team)
        return into, team, lack


def read_form(text):
    """Groups of numbers: (order, count, lowest, highest, digits of each)."""
    words, groups = text.split(" "), []
    need(len(words) % 3 == 0 and len(words) <= 12, "the form of the outcome cannot be read")
    for order, count, reach in zip(words[0::3], words[1::3], words[2::3]):
        low, _, high = reach.partition("-")
        plain = all(n.isascii() and n.isdigit() for n in (count, low, high))
        need(order in ("rising", "drawn") and plain and count == str(int(count)), "the form of the outcome cannot be read")
        need(len(low) == len(high) and high == str(int(high)), "the form of the outcome cannot be read")
        group = order, int(count), int(low), int(high), len(high)
        need(0 < group[1] <= 40 and group[2] < group[3] <= 9999, "the form of the outcome is out of its limits")
        need(order == "drawn" or group[1] <= group[3] - group[2] + 1, "the form of the outcome is out of its limits")
        groups.append(group)
    need(sum(group[1] for group in groups) <= 40, "the form of the outcome is out of its limits")
    return groups


def is_spelled(value, groups):
    """Every number in its place and with all its digits, one space between two."""
    words = value.split(" ")
    if len(words) != sum(group[1] for group in groups):
        return False
    for order, count, low, high, digits in groups:
        part, words = words[:count], words[count:]
        if not all(len(w) == digits and w.isascii() and w.isdigit() and low <= int(w) <= high for w in part):
            return False
        if order == "rising" and any(a >= b for a, b in zip(part, part[1:])):
            return False
    return True


def read_rules(lines):
    names = "plan day log witness after_entries until public_source again_of rest_days inspectors_per_unit max_per_inspector"
    need(lines[0] in ("jifang draw v1", "jifang draw v2"), "the rules are of another version")
    rules = {"edition": int(lines[0][-1])}
    for name, line in zip(names.split(), lines[1:12]):
        need(line.startswith(name + " "), "line '%s' of the rules is not there" % name)
        rules[name] = line[len(name) + 1 :]
    strata = lines[12:]
    rules["public_day"] = None
    if strata and strata[0].startswith("public_day "):
        rules["public_day"] = strata[0][len("public_day ") :]
        day, _, hour = rules["public_day"].partition(" ")
        known = day == date.fromisoformat(day).isoformat() and (not hour or (len(hour) == 2 and 0 <= int(hour) < 24))
        need(known, "the day of the public event cannot be read")
        # Without an hour the day has to be over.
        in_time = rules["day"] <= day and (day <= rules["until"] if hour else day < rules["until"])
        need(in_time and rules["public_source"] != "-", "the day of the public event is not between commitment and draw")
        strata = strata[1:]
    rules["public_form"] = None
    if strata and strata[0].startswith("public_form "):
        rules["public_form"] = read_form(strata[0][len("public_form ") :])
        strata = strata[1:]
    named = rules["edition"] == 2 and rules["public_source"] != "-"
    need((rules["public_form"] is not None) == named, "the form of the outcome is missing or not asked for")
    strata = [line.split(" ") for line in strata]
    need(all(len(s) == 4 and s[0] == "stratum" and s[2] in ("count", "per_mille") for s in strata), "a stratum of the rules cannot be read")
    rules["strata"] = [(s[1], s[2], int(s[3])) for s in strata]
    need(strata == sorted(strata, key=lambda s: s[1].encode()), "the strata are not in order")
    return rules


def check_order(pool):
    kinds = {"unit": [], "inspector": [], "conflict": []}
    for line in pool:
        word, *rest = line.split(" ")
        need(word in kinds, "a line of the pool cannot be read")
        kinds[word].append(rest)
    need([len(r) for r in kinds["unit"]] == [3] * len(kinds["unit"]), "a unit cannot be read")
    units, inspectors, conflicts = kinds["unit"], kinds["inspector"], kinds["conflict"]
    order = ["unit " + " ".join(u) for u in sorted(units, key=lambda u: (u[0], u[1]))]
    order += ["inspector " + " ".join(i) for i in sorted(inspectors, key=lambda i: i[0])]
    order += ["conflict " + " ".join(c) for c in sorted(conflicts)]
    need(order == pool, "the pool is not in its order")
    need(len({u[1] for u in units}) == len(units), "a unit is in the pool twice")
    need(len({i[0][:12] for i in inspectors}) == len(inspectors), "an inspector is in the pool twice")
    need(len(set(pool)) == len(pool), "a line is in the pool twice")


def make_seed(record, rules, commitment):
    log = read_key(rules["log"], 1)
    origin, size, root = open_checkpoint(record["checkpoint"], log)
    entry, index = record["entry"].encode(), record["entry_index"]
    proof = [bytes.fromhex(node) for node in record["proof"]]
    need(included(entry, index, size, proof, root), "the commitment is not shown to be in the log")
    least = index + int(rules["after_entries"]) + 1
    need(size >= least, "the checkpoint is too near to the pool's entry")
    line = "-"
    # By rules of the first edition a witness may have signed a later head.
    exact = rules["edition"] == 2 or rules["witness"] == "-"
    need(size == least or not exact, "only the head of %d entries counts" % least)
    if rules["witness"] != "-":
        witness = read_key(rules["witness"], 4)
        text, found = lines_of(record["checkpoint"], witness)
        need(len(found) == 1, "%d lines of the witness instead of one" % len(found))
        line, data = found[0]
        need(data is not None and len(data) == 72, "the cosignature is not of the witness")
        seconds = int.from_bytes(data[:8], "big")
        message = b"cosignature/v1\ntime %d\n" % seconds + text
        need(signed(witness[2], message, data[8:]), "the cosignature does not verify")
        day = datetime.fromtimestamp(seconds, timezone(timedelta(hours=8))).date()
        need(day <= date.fromisoformat(rules["until"]), "the witness signed after the last day")
    value = record["public_value"]
    need((value is None) == (rules["public_source"] == "-"), "the outcome of the public source is missing or not asked for")
    need(rules["public_form"] is None or is_spelled(value, rules["public_form"]), "the outcome is not spelled as the rules say")
    parts = ["jifang draw seed v1", commitment, origin, str(size), root.hex(), line, "-" if value is None else value]
    return sha("".join(part + "\n" for part in parts).encode())


def team_text(unit):
    return "lack:" + unit["lack"] if unit["lack"] else ",".join(unit["inspectors"])


def verify(record):
    need(record["v"] == 1, "version %s is not known" % record["v"])
    rules, pool = read_rules(record["rules"]), record["pool"]
    check_order(pool)
    said = record["commitment"]
    need(said["rules_sha256"] == digest(record["rules"]), "the rules are not those that were committed to")
    need(said["pool_sha256"] == digest(pool), "the pool is not the one that was committed to")
    parts = ["jifang draw commitment v1", said["rules_sha256"], said["pool_sha256"]]
    commitment = digest(parts)
    need(said["commitment"] == commitment, "the commitment does not follow from rules and pool")
    entry = json.loads(record["entry"])
    need(entry["kind"] == "draw.pool" and entry["body"] == said, "the entry does not say this commitment")
    if rules["public_day"]:
        day, _, hour = rules["public_day"].partition(" ")
        shanghai = timezone(timedelta(hours=8))
        out = datetime.combine(date.fromisoformat(day), datetime.min.time(), shanghai) + timedelta(hours=int(hour or 24))
        need(entry["at_utc_ms"] < out.timestamp() * 1000, "the pool was logged when the outcome of the public source was out")
    seed = make_seed(record, rules, commitment)
    need(record["seed"] == seed.hex(), "the seed is not the one that this checkpoint gives")

    drawing, result = Drawing(rules, pool, seed), record["result"]
    need(result["strata"] == drawing.strata, "the numbers of the strata are not those of the draw")
    for at in range(max(len(drawing.units), len(result["units"]))):
        own, theirs = drawing.units[at : at + 1], result["units"][at : at + 1]
        need(own == theirs, "place %d: drawn %s, published %s" % (at + 1, own, theirs))
    lines = ["stratum {stratum} {units} {rested} {asked} {drawn}".format(**s) for s in drawing.strata]
    lines += ["unit %s %s %s" % (u["stratum"], u["unit"], team_text(u)) for u in drawing.units]
    need(record["result_sha256"] == digest(lines), "the digest of the result is not that of the result")
    for n, s in enumerate(record["substitutions"], 1):
        need(s["reason"] in ("closed", "moved", "merged", "out_of_scope"), "replacement %d has no reason" % n)
        own = drawing.replace(s["out"])
        need(own == (s["into"], s["inspectors"], s["lack"]), "replacement %d: drawn %s" % (n, own))
    return drawing


def main():
    if len(sys.argv) != 2:
        print(__doc__.strip())
        return 2
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            record = json.load(file)
        drawing = verify(record)
    except (Fault, OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as why:
        print("does not hold: %s: %s" % (type(why).__name__, why))
        return 1
    empty = sum(1 for unit in drawing.units if unit["lack"])
    print("holds: plan %s, %d units drawn, %d without a team" % (drawing.rules["plan"], len(drawing.units), empty))
    for line in record["rules"][3:5]:
        print("compare with its owner's publication: %s" % line)
    if drawing.rules["witness"] == drawing.rules["public_source"] == "-":
        print("caution: the seed comes from the inspecting body's own log alone; it may have been tried out before")
    elif drawing.rules["edition"] == 1:
        print("caution: rules of the first edition leave open how the outcome is spelled, and with a witness which head is taken")
    return 0


if __name__ == "__main__":
    sys.exit(main())
