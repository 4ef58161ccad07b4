# Runs tests against a function. TASK is set above this text: the texts that come before it, its own, and the tests.
# Each assertion is told by a line of its own, on a line that only this text can begin, so that what the function
# prints is nobody's verdict.


def judge(task):
    import ast
    import io
    import os
    import sys

    def tell(word, write=os.write):
        write(1, (task["token"] + " " + word + "\n").encode())

    class Split(ast.NodeTransformer):
        def visit_Assert(self, node):
            text = "try:\n  pass\nexcept Exception:\n  _tell('failed')\nelse:\n  _tell('passed')"
            split = ast.parse(text).body[0]
            split.body = [node]
            return split

    sys.stdin, sys.stdout, sys.stderr = io.StringIO(), io.StringIO(), io.StringIO()
    names = {"__name__": "answer"}
    try:
        for text in task["before"]:
            exec(compile(text, "before", "exec"), names)
        exec(compile(task["code"], "answer", "exec"), names)
        function = names[task["entry"]]
    except BaseException as error:
        tell("broken " + type(error).__name__)
        return
    for number, text in enumerate(task["tests"]):
        tell("begin " + str(number))
        scope = dict(names, _tell=tell, __name__="test")
        try:
            tree = ast.fix_missing_locations(Split().visit(ast.parse(text)))
            exec(compile(tree, "test", "exec"), scope)
            if callable(scope.get("check")) and "def check" in text:
                scope["check"](function)
        except BaseException as error:
            tell("raised " + type(error).__name__)
        else:
            tell("end")
    tell("done")


import json
judge(json.loads(TASK))
