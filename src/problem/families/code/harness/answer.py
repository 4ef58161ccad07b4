# The process with the answer: loads it when asked, and does with it what the tests ask for.


class Answer(Peer):
    def __init__(self, task):
        super().__init__(b"")
        self.task, self.output = task, sys.stdout
        # A module of its own name, as some parts of the library look up the module of a class.
        self.module = type(sys)("answer")
        sys.modules["answer"] = self.module

    def do(self, deed, args, named):
        names = vars(self.module)
        if deed == "load":
            for text in self.task["before"] + [self.task["code"]]:
                exec(compile(text, "answer", "exec"), names)
        elif deed == "name":
            value = names[args[0]]
            if isinstance(value, type) and issubclass(value, BaseException):
                return [kind.__name__ for kind in value.__mro__]
            return {"value": value}
        else:
            return DEEDS[deed](*args, **named)
        return None

    def printed(self):
        text = self.output.getvalue()
        self.output.seek(0)
        self.output.truncate()
        return text

    def error(self, deed, reply):
        return getattr(builtins, reply["raised"][0], Exception)(reply["text"])


def work(answer):
    try:
        while True:
            answer.serve(answer.read())
    except (Gone, OSError):
        os._exit(0)


work(Answer(json.loads(TASK)))
