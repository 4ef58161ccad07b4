"""Renders the templates of this folder with Python's own Jinja, as Hugging Face's tokenizers do, and writes the results
to expected.json. Run by hand after a template or conversation was changed: python3 src/llm/template/cases/expected.py
Needs jinja2 (3.1); no part of the build."""

import datetime
import json
import pathlib

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.sandbox

HERE = pathlib.Path(__file__).parent
TODAY = datetime.datetime(2026, 3, 7)


class Refused(Exception):
    pass


class Generation(jinja2.ext.Extension):
    """The tag that marks, for training, what the model says."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_same"), [], [], body).set_lineno(line)

    def _same(self, caller):
        return caller()


def raise_exception(message):
    raise Refused(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def render(template, messages, thinks):
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = TODAY.strftime
    given = {"messages": messages, "tools": None, "documents": None, "add_generation_prompt": True}
    given |= {"bos_token": "<s>", "eos_token": "</s>", "enable_thinking": thinks, "thinking": thinks}
    try:
        return environment.from_string(template).render(**given)
    except Refused as refusal:
        return {"refused": str(refusal)}


def main():
    conversations = json.loads((HERE / "conversations.json").read_text())
    expected = {}
    for path in sorted(HERE.glob("*.jinja")):
        for name, messages in conversations.items():
            for thinks in (False, True):
                key = f"{path.stem} {name} {'thinks' if thinks else 'plain'}"
                expected[key] = render(path.read_text(), messages, thinks)
    (HERE / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n")


main()
