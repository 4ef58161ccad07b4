# The process with the tests. It runs them against a function that is elsewhere, counts the assertions that they reach, and
# alone says what the verdict is.
import ast


class Tests(Peer):
    def __init__(self, task):
        super().__init__(b"?")
        self.task, self.errors = task, {}
        self.passed = self.failed = self.calls = 0

    def tell(self, **what):
        self.write(what, b"=")

    def encode(self, value):
        encoded = super().encode(value)
        if isinstance(encoded, dict) and "mine" in encoded and not callable(value):
            raise Undecided(f"a test hands over a {type(value).__name__}, which cannot be sent to the answer")
        return encoded

    def ask(self, deed, *args, **named):
        self.calls += deed not in ("load", "name")
        return super().ask(deed, *args, **named)

    def do(self, deed, args, named):
        # The answer may call a function that it was given, and nothing else.
        if deed != "call" or isinstance(args[0], (type, Handle)):
            raise TypeError("a function of the tests can only be called")
        return args[0](*args[1:], **named)

    def error(self, deed, reply):
        names, text = reply["raised"], reply.get("text", "")
        if reply.get("missing"):
            raise Missing(reply["missing"])
        for name in map(str, names):
            kind = self.errors.get(name) or getattr(builtins, name, None)
            if not (isinstance(kind, type) and issubclass(kind, BaseException)):
                continue
            if deed != "next" and issubclass(kind, (StopIteration, StopAsyncIteration, GeneratorExit)):
                # It would end a loop of the tests early, and look like success.
                kind = RuntimeError
            try:
                return kind(text)
            except TypeError:
                continue
        return RuntimeError(text)

    def find(self, name):
        found = self.ask("name", name)
        self.calls += name != self.task["entry"]
        if isinstance(found, dict):
            return found["value"]
        base = next((getattr(builtins, kind) for kind in found[1:] if hasattr(builtins, kind)), Exception)
        return self.errors.setdefault(name, type(name, (base,), {}))


class Missing(Stop):
    """The answer needs a module that is not here."""


COUNT = "_count(True)"


class Counted(ast.NodeTransformer):
    """Has each assertion say how it ended, and continue."""

    caught = False

    def visit_Assert(self, node):
        if self.caught:
            return [node, statement(COUNT)]
        split = statement("try:\n  pass\nexcept Exception:\n  _count(False)\nelse:\n  _count(True)")
        split.body = [node]
        return split

    def visit_Try(self, node):
        # That an error comes where the test would otherwise fail is an assertion too, and one that the test itself
        # catches fails nothing.
        checks = any(isinstance(one, (ast.Assert, ast.Raise)) for part in node.body for one in ast.walk(part))
        kinds = {getattr(handler.type, "id", "") for handler in node.handlers}
        before, self.caught = self.caught, self.caught or not kinds.isdisjoint(CATCHING)
        self.generic_visit(node)
        self.caught = before
        for handler in node.handlers if checks else []:
            handler.body.insert(0, statement(COUNT))
        return node

    def visit_If(self, node):
        self.generic_visit(node)
        raises = any(isinstance(one, ast.Raise) for one in node.body)
        return [node, statement(COUNT)] if raises else node

    def visit_Expr(self, node):
        self.generic_visit(node)
        return [node, statement(COUNT)] if called(node).lstrip("_").startswith("assert") else node


# What catches a failed assertion; no name is a bare `except`.
CATCHING = {"", "AssertionError", "Exception", "BaseException"}


def statement(text):
    return ast.parse(text).body[0]


def called(node):
    """Returns the name of the function that a statement calls."""
    function = getattr(getattr(node, "value", None), "func", None)
    return getattr(function, "attr", None) or getattr(function, "id", "")


def free_names(tree):
    """Returns the names that are read and nowhere made."""
    nodes = list(ast.walk(tree))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    made = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    made |= {(node.asname or node.name).partition(".")[0] for node in nodes if isinstance(node, ast.alias)}
    made |= {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}
    made |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    return {node.id for node in names} - made - set(vars(builtins))


def scope_of(tests, names, tree):
    """Returns the names of a test: those of the task, the function, and what else it takes from the answer."""
    def count(held):
        tests.passed += held
        tests.failed += not held

    scope = dict(names, _count=count)
    for name in sorted(free_names(tree) - set(scope)):
        try:
            scope[name] = tests.find(name)
        except Exception:
            pass
    return scope


def functions(tree):
    """Returns the tests that are functions and that the text itself does not call, with how many arguments they take."""
    ran = {called(node) for node in tree.body}
    made = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name not in ran]
    size = {node.name: len(node.args.args) - len(node.args.defaults) for node in made}
    return [(name, n) for name, n in size.items() if (name, n) == ("check", 1) or name.startswith("test") and n == 0]


def run(tests, names, number, text):
    tests.passed = tests.failed = tests.calls = 0
    raised = None
    tree = ast.parse(text)
    scope = scope_of(tests, names, tree)
    uncalled = functions(tree)
    try:
        exec(compile(ast.fix_missing_locations(Counted().visit(tree)), "test", "exec"), scope)
        for name, args in uncalled:
            scope[name](*[names[tests.task["entry"]]] * args)
    except ModuleNotFoundError as error:
        raise Undecided(f"a test needs {error.name}, which is not installed here") from None
    except BaseException as error:
        raised = type(error).__name__
    if Stop.raised:
        raise Stop.raised[0]
    tests.tell(test=number, passed=tests.passed, failed=tests.failed, calls=tests.calls, raised=raised)


def judge(tests):
    sys.modules["tests"] = type(sys)("tests")
    names = vars(sys.modules["tests"])
    for text in tests.task["before"]:
        exec(compile(text, "before", "exec"), names)
    try:
        tests.ask("load")
        names[tests.task["entry"]] = tests.find(tests.task["entry"])
    except Exception as error:
        return tests.tell(broken=type(error).__name__)
    for name, value in list(names.items()):
        # Objects of the task's classes are made where the answer is, which works with them.
        if isinstance(value, type) and value.__module__ == "tests":
            names[name] = tests.find(name)
    for number, text in enumerate(tests.task["tests"]):
        run(tests, names, number, text)
    tests.tell(done=True)


def main(tests):
    try:
        judge(tests)
    except Gone:
        tests.tell(gone=True)
    except Missing as error:
        tests.tell(missing=str(error))
    except Undecided as error:
        tests.tell(undecided=str(error))
    except ModuleNotFoundError as error:
        tests.tell(undecided=f"the task needs {error.name}, which is not installed here")
    except BaseException as error:
        tests.tell(undecided=f"the task's own code fails with {type(error).__name__}")


main(Tests(json.loads(TASK)))
