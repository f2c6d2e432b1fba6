# SPDX-License-Identifier: BSL-1.0
"""How GDB shows values of the library.

    (gdb) source include/zonal/ext/gdb_printers.py
    (gdb) print dimm
    $1 = [0x100000, 0x108000)
    (gdb) print map
    $2 = 2 ranges = {[0x100, 0x180) = 97 'a', [0x280, 0x300) = 97 'a'}
    (gdb) print $zonal_word(format, page.flags)
    $3 = "0xfffffc0000200(slab|node=0|zone=1|lastcpupid=0x1fffff)"

Why not a call of the library's own printing functions: nothing of the program is run here, so a
core file, a program without debug information for them, and one that stopped in the middle of a
change are shown as well. Maps whose storage is none of the library's are shown without ranges;
one that is larger than 64 KiB itself, as by a block_table, wants `set max-value-size unlimited`.
"""

import itertools

import gdb
import gdb.printing
import gdb.types


def member(value, *names):
    """The first of these that there is; None if there is none."""
    for name in names:
        try:
            return value[name]
        except gdb.error:
            pass
    return None


def number(value):
    """The integer in a pfn, a page_count, an id or an address."""
    return int(member(value, "value_", "value"))


def chars(text):
    return text["data"].string("utf-8", "replace", length=int(text["size"]))


def pages(r):
    return "[%#x, %#x)" % (number(r["start_"]), number(r["end_"]))


def addresses(r):
    return "[%#x, %#x)" % (int(r["start_"]), int(r["last_"]) + 1)


def zone(zones, index, otherwise):
    known = index < int(zones["size"])
    return chars(zones["zones"][index]["name"]) if known else otherwise


def zone_types(types):
    names = []
    while True:
        try:
            names.append(str(types.template_argument(len(names))).rpartition("::")[2])
        except RuntimeError:  # that was all
            return "zone_set{%s}" % ", ".join(names)


def word(form, raw):
    """The word as print_word of <zonal/flags/print.hpp> prints it."""
    names, flags = form["names"], form["flags"]
    field = lambda f: raw >> int(f["offset"]) & (1 << int(f["width"])) - 1
    parts, nameless = [], field(flags) << int(flags["offset"])
    for i in range(int(names["count"])):
        bit = int(names["printed"][i])
        if nameless >> bit & 1:
            parts.append(chars(names["name"][bit]))
            nameless &= ~(1 << bit)
    if nameless:
        parts.append("%#x" % nameless)
    for i in range(int(form["field_count"])):
        f, base = form["fields"][i]["field"], int(form["fields"][i]["base"])
        if int(f["width"]):
            shown = "0x%x" if base == 16 else "%d"
            parts.append(chars(f["asked"]["name"]) + "=" + shown % field(f))
    return "0x%x(%s)" % (raw, "|".join(parts))


def first_slot(slots):
    """Of what a storage policy keeps; None if the policy is somebody else's."""
    lent = member(slots, "lent_")
    slot = lent["first"] if lent is not None else member(slots, "slot_", "first_")
    return slot[0].address if slot is not None else None


def in_sorted_array(ranges):
    slot = first_slot(ranges["slots_"])
    for i in range(int(ranges["is_"]["size"]) if slot else 0):
        yield pages(slot[i]["range"]), slot[i]["value"]


def in_sorted_leaves(ranges):
    slot = first_slot(ranges["slots_"])
    at = int(ranges["is_"]["first"])  # in units of a leaf's alignment
    while slot and int(ranges["is_"]["size"]) and at != 0xFFFFFFFF:
        kind = slot.dereference().type
        leaf = slot[at * kind.alignof // kind.sizeof]
        for i in range(int(leaf["count"])):
            name = "[%#x, %#x)" % (int(leaf["start"][i]), int(leaf["end"][i]))
            yield name, leaf["value"][i]
        at = int(leaf["next"])


def boundaries(leaves, leaf_order):
    """Where a range, or a gap, begins, and the byte of its blocks."""
    slot = first_slot(leaves["slots"])
    for k in range(int(leaves["covered_"]) if slot else 0):
        root = leaves["root_"][k]
        if int(root["mask"]) == 0:  # no leaf
            continue
        leaf = slot[int(root["at"]) // slot.dereference().type.sizeof]
        for w in range((1 << leaf_order) // 64):
            bits = int(leaf["starts"][w])
            for b in (64 * w + i for i in range(64) if bits >> i & 1):
                yield (k << leaf_order) + b, int(leaf["id"][b])


def in_block_table(ranges):
    block_order, reach, leaf_order = (int(ranges.type.template_argument(i)) for i in (2, 3, 4))
    start = index = 0
    end = [(1 << reach - block_order, 0)]
    for block, its in itertools.chain(boundaries(ranges["leaves_"], leaf_order), end):
        if index:
            name = "[%#x, %#x)" % (start << block_order, block << block_order)
            yield name, ranges["is_"]["value"][index]
        start, index = block, its


def entries(container):
    ranges = container["ranges_"]
    if member(ranges, "leaves_") is not None:
        return in_block_table(ranges)
    return (in_sorted_leaves if member(ranges["is_"], "first") is not None else in_sorted_array)(ranges)


def size(container):
    ranges = container["ranges_"]
    count = member(ranges, "size_")
    count = int(count if count is not None else ranges["is_"]["size"])
    return "%d range%s" % (count, "" if count == 1 else "s")


def plugged(hotplug_map):
    zones = hotplug_map["memory_"]["zones_"]
    slot = first_slot(hotplug_map["slots_"])
    for name, index in entries(hotplug_map["index_"]):
        what = slot[int(index)]["what"]
        pins = int(slot[int(index)]["references"]["words_"][0]) & 0x7FFFFFFF
        state = "online" if what["online"] else "offline"
        zone_of_it = zone(zones, number(what["zone"]), "no zone")
        yield name, "node %d, %s, %s, pins %d" % (number(what["node"]), zone_of_it, state, pins)


class Shown:
    """A value that is shown as a text or as another value."""

    def __init__(self, line, hint=None):
        self.line, self.hint = line, hint

    def to_string(self):
        return self.line

    def display_hint(self):
        return self.hint


class Listed(Shown):
    """With what is in it, as pairs of a name and a value."""

    def __init__(self, line, pairs, hint=None):
        super().__init__(line, hint)
        self.pairs = pairs

    def children(self):
        return iter(self.pairs)


def names(line, shown):
    return Listed(line, ((name, name) for name in shown), "array")


def outcome(result):
    either = result["either_"]
    return either["value"] if result["has_value_"] else "fail(%s)" % str(either["error"]).replace("v0::", "")


SHOWN = {
    "pfn|phys_addr": lambda v: Shown("%#x" % number(v)),
    "page_count|(zone|node|section|owner)_id": lambda v: Shown(str(number(v))),
    "pfn_range": lambda v: Shown(pages(v)),
    "address_range": lambda v: Shown(addresses(v)),
    "text": lambda v: Shown(chars(v), "string"),
    "result<.*>": lambda v: Shown(outcome(v)),
    "zone_name": lambda v: Shown(zone(v["zones"], number(v["id"]), str(number(v["id"])))),
    "zone_set<.*>": lambda v: Shown(zone_types(gdb.types.get_basic_type(v.type))),
    "zone_list": lambda v: names(None, (zone(v, i, "") for i in range(int(v["size"])))),
    "printed_word": lambda v: Shown(word(v["format"], int(v["raw"]))),
    "page_word_ref<.*>": lambda v: Shown("%#x" % int(v["word_"].dereference())),
    "pfn_range_map<.*>": lambda v: Listed(size(v), entries(v)),
    "pfn_range_set<.*>": lambda v: names(size(v), (name for name, _ in entries(v))),
    "hotplug_map<.*>": lambda v: Listed(size(v["index_"]), plugged(v)),
}


class ZonalWord(gdb.Function):
    """$zonal_word(FORMAT, RAW): a page word as the system prints it that the word_format is of."""

    def __init__(self):
        super().__init__("zonal_word")

    def invoke(self, form, raw):
        return word(form, int(raw))


ZonalWord()
printers = gdb.printing.RegexpCollectionPrettyPrinter("zonal")
for name, show in SHOWN.items():
    printers.add_printer(name, r"^zonal::(v\d\w*::)?(%s)$" % name, show)
gdb.printing.register_pretty_printer(None, printers, replace=True)
