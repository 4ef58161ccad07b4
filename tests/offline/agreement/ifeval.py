"""The checks of the authors of IFEval, as the package lm-eval carries them."""
import langdetect
import nltk

from packages import folder, part

CHECKER = "lm-eval 0.4.9, lm_eval.tasks.ifeval"
langdetect.DetectorFactory.seed = 0
nltk.data.path.insert(0, str(folder("llama_index") / "core" / "_static" / "nltk_cache"))
registry = part("lm_eval.tasks.ifeval.instructions_registry")


def judge(row):
    """Returns whether the answer follows all instructions of the problem; None where chance decides."""
    problem = row["problem"]
    pairs = list(zip(problem["instruction_id_list"], problem["kwargs"]))
    if any(not kwargs.get("letter", "a").strip().isascii() or not kwargs.get("letter", "a").strip().isalpha() for _, kwargs in pairs):
        # The authors' check takes a letter by chance in the place of a sign such as !.
        return None
    return all([follows(name, kwargs, problem["prompt"], row["answer"]) for name, kwargs in pairs])


def follows(name, kwargs, prompt, answer):
    check = registry.INSTRUCTION_DICT[name](name)
    check.build_description(**{key: value for key, value in kwargs.items() if value})
    args = check.get_instruction_args()
    if args and "prompt" in args:
        check.build_description(prompt=prompt)
    return bool(answer.strip()) and bool(check.check_following(answer))
