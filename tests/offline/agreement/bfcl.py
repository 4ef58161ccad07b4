"""The checker of the Berkeley function-calling leaderboard for calls of one turn (its AST checker for Python)."""
from types import SimpleNamespace

from packages import part

CHECKER = "bfcl-eval 2026.3.23, ast_checker"
MODEL = "none"
enums = part("bfcl_eval.constants.enums")
config = {"MODEL_CONFIG_MAPPING": {MODEL: SimpleNamespace(underscore_to_dot=False)}}
checker = part("bfcl_eval.eval_checker.ast_eval.ast_checker", {"bfcl_eval.constants.model_config": config})
parsers = "bfcl_eval.model_handler.parser"
unused = {f"{parsers}.java_parser": {"parse_java_function_call": None}, f"{parsers}.js_parser": {"parse_javascript_function_call": None},
          "bfcl_eval.utils": {}, "tenacity": dict.fromkeys(["retry", "retry_if_exception_message", "retry_if_exception_type",
                                                            "wait_random_exponential", "stop_after_attempt"])}
utils = part("bfcl_eval.model_handler.utils", unused)


def judge(row):
    """Returns whether the calls of the answer are those expected. It reads a list of calls and nothing else, so answers
    with words around their calls are not its kind."""
    answer = row["answer"].strip()
    if not answer.startswith("["):
        answer = "[" + ", ".join(line for line in answer.splitlines() if line.strip()) + "]"
    try:
        calls = utils.ast_parse(answer)
    except Exception:
        return False
    truth = row["gold"]["ground_truth"]
    result = checker.ast_checker(row["problem"]["function"], calls, truth, enums.Language.PYTHON, "parallel_multiple", MODEL)
    return result["valid"]
