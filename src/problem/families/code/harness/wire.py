# What the process with the tests and the process with the answer share: values as lines of JSON, and questions.
#
# Only plain data crosses. Whatever else a side has stays there: it gets a number, and the other side a Handle that asks
# for what it needs. So code that was written by a model never runs where the tests are, and no expected value leaves
# that process.
import builtins
import collections
import decimal
import fractions
import io
import json
import operator
import os
import sys


class Stop(BaseException):
    """Ends the tests, also where one of them catches everything."""

    raised = []

    def __init__(self, *what):
        super().__init__(*what)
        self.raised.append(self)


class Gone(Stop):
    """The other process has ended, or says nothing that makes sense."""


class Undecided(Stop):
    """Something that only the answer's own process could decide."""


LIKE_LISTS = {kind.__name__: kind for kind in (tuple, set, frozenset, collections.deque)}
LIKE_DICTS = {kind.__name__: kind for kind in (dict, collections.OrderedDict, collections.Counter)}
# What a side may have done with a value of the other: the names are those of the questions.
DEEDS = {
    "call": lambda function, *args, **named: function(*args, **named),
    "get": getattr,
    "set": setattr,
    "item": operator.getitem,
    "set item": operator.setitem,
    "contains": operator.contains,
    "bool": bool,
    "len": len,
    "iter": iter,
    "next": next,
    "str": str,
}


class Peer:
    """One end of the line."""

    def __init__(self, mark):
        # Whatever prints gets no say: the line has descriptors of its own.
        self.inward, self.outward = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
        os.close(0)
        os.dup2(2, 1)
        sys.stdin, sys.stdout, sys.stderr = io.StringIO(), io.StringIO(), io.StringIO()
        if hasattr(sys, "set_int_max_str_digits"):
            sys.set_int_max_str_digits(0)
        self.mark = mark
        self.own = []
        self.numbers = {}

    def write(self, message, mark=None):
        self.outward.write((mark or self.mark) + json.dumps(message).encode() + b"\n")
        self.outward.flush()

    def read(self):
        try:
            message = json.loads(self.inward.readline())
        except (ValueError, RecursionError, OSError):
            raise Gone from None
        if not isinstance(message, dict):
            raise Gone
        return message

    def encode(self, value):
        kind = type(value)
        if value is None or kind in (bool, int, float, str):
            return value
        if kind is list:
            return [self.encode(one) for one in value]
        if kind is Handle:
            return {"yours": value._number}
        if kind in (bytes, bytearray):
            return {kind.__name__: value.hex()}
        if LIKE_LISTS.get(kind.__name__) is kind:
            return {kind.__name__: [self.encode(one) for one in value]}
        if LIKE_DICTS.get(kind.__name__) is kind:
            return {kind.__name__: [[self.encode(key), self.encode(one)] for key, one in value.items()]}
        if kind is complex:
            return {"complex": [value.real, value.imag]}
        if kind is decimal.Decimal:
            return {"Decimal": str(value)}
        if kind is fractions.Fraction:
            return {"Fraction": [value.numerator, value.denominator]}
        if kind is range:
            return {"range": [value.start, value.stop, value.step]}
        if kind is type and getattr(builtins, value.__name__, None) is value:
            return {"type": value.__name__}
        if isinstance(value, tuple) and hasattr(kind, "_fields"):
            return {"named": [kind.__name__, list(kind._fields), [self.encode(one) for one in tuple(value)]]}
        # A kind of its own that is still plain travels as what it is below.
        for base in (int, float, str, list, tuple, set, frozenset, dict):
            if isinstance(value, base):
                return self.encode(base(value))
        return {"mine": self.keep(value)}

    def keep(self, value):
        number = self.numbers.setdefault(id(value), len(self.own))
        if number == len(self.own):
            self.own.append(value)
        return number

    def decode(self, data):
        if isinstance(data, list):
            return [self.decode(one) for one in data]
        if not isinstance(data, dict):
            return data
        ((kind, inner),) = data.items()
        if kind in LIKE_LISTS:
            return LIKE_LISTS[kind](self.decode(one) for one in inner)
        if kind in LIKE_DICTS:
            return LIKE_DICTS[kind]({self.decode(key): self.decode(one) for key, one in inner})
        if kind in ("bytes", "bytearray"):
            return getattr(builtins, kind).fromhex(inner)
        if kind == "named":
            return collections.namedtuple(inner[0], inner[1], rename=True)(*map(self.decode, inner[2]))
        if kind == "type" and isinstance(getattr(builtins, inner, None), type):
            return getattr(builtins, inner)
        if kind == "mine":
            return Handle(self, inner)
        if kind == "yours":
            return self.own[inner]
        return {"complex": lambda: complex(*inner), "Decimal": lambda: decimal.Decimal(inner),
                "Fraction": lambda: fractions.Fraction(*inner), "range": lambda: range(*inner)}[kind]()

    def received(self, data):
        try:
            return self.decode(data)
        except (ValueError, TypeError, KeyError, IndexError, RecursionError, ArithmeticError):
            raise Gone from None

    def ask(self, deed, *args, **named):
        given = [self.encode(one) for one in args]
        self.write({"do": deed, "args": given, "named": {name: self.encode(one) for name, one in named.items()}})
        while "do" in (reply := self.read()):
            self.serve(reply)
        if "changed" in reply:
            for old, new in zip([*args, *named.values()], self.received(reply["changed"])):
                renew(old, new)
        sys.stdout.write(str(reply.get("printed", "")))
        if "raised" in reply:
            raise self.error(deed, reply)
        return self.received(reply.get("value"))

    def serve(self, question):
        try:
            args = self.received(question["args"])
            named = self.received({"dict": list(question["named"].items())})
            given = [*args, *named.values()]
            before = [self.encode(one) for one in given]
            reply = {"value": self.encode(self.do(question["do"], args, named))}
            after = [self.encode(one) for one in given]
            if after != before:
                reply["changed"] = after
        except Stop:
            raise
        except BaseException as error:
            reply = {"raised": [kind.__name__ for kind in type(error).__mro__], "text": str(error)}
            if isinstance(error, ModuleNotFoundError) and "." not in str(error.name):
                reply["missing"] = str(error.name)
        self.write(dict(reply, printed=self.printed()))

    def printed(self):
        return ""


def renew(old, new):
    """Makes of a value what the other side has made of it, in its place. Returns what it is now."""
    if type(old) is not type(new):
        return new
    if isinstance(old, list):
        old[:] = [renew(*pair) for pair in zip(old, new)] + new[len(old):]
    elif isinstance(old, dict):
        kept = {key: renew(old[key], one) if key in old else one for key, one in new.items()}
        old.clear()
        old.update(kept)
    elif isinstance(old, (set, collections.deque)):
        old.clear()
        getattr(old, "update", getattr(old, "extend", None))(new)
    elif isinstance(old, bytearray):
        old[:] = new
    elif isinstance(old, tuple) and len(old) == len(new) and type(old) is tuple:
        return tuple(renew(*pair) for pair in zip(old, new)) if old != new else old
    elif not isinstance(old, Handle):
        return new
    return old


class Handle:
    """A value that the other process has."""

    def __init__(self, peer, number):
        object.__setattr__(self, "_peer", peer)
        object.__setattr__(self, "_number", number)

    def __call__(self, *args, **named):
        return self._peer.ask("call", self, *args, **named)

    def __getattr__(self, name):
        return self._peer.ask("get", self, name)

    def __setattr__(self, name, value):
        self._peer.ask("set", self, name, value)

    def __getitem__(self, key):
        return self._peer.ask("item", self, key)

    def __setitem__(self, key, value):
        self._peer.ask("set item", self, key, value)

    def __contains__(self, value):
        return self._peer.ask("contains", self, value)

    def __bool__(self):
        return bool(self._peer.ask("bool", self))

    def __len__(self):
        return self._peer.ask("len", self)

    def __iter__(self):
        return self._peer.ask("iter", self)

    def __next__(self):
        return self._peer.ask("next", self)

    def __str__(self):
        return str(self._peer.ask("str", self))

    __repr__ = __str__

    def __hash__(self):
        return hash(self._number)

    def __eq__(self, other):
        if isinstance(other, Handle):
            return self._number == other._number or undecided("compares two objects of the answer")
        plain = (type(None), int, float, complex, str, bytes, list, tuple, set, frozenset, dict)
        return not isinstance(other, plain) and undecided("compares an object of the answer")


def undecided(what):
    raise Undecided(f"a test {what}, which only the answer could do")


for _name in ("lt", "le", "gt", "ge", "add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "mod", "pow",
              "neg", "abs", "float", "int", "index", "round", "instancecheck"):
    setattr(Handle, f"__{_name}__", lambda *_: undecided("calculates with an object of the answer"))
