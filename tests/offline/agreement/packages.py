"""Imports parts of packages whose own beginnings import far more than the part needs."""
import importlib
import importlib.util
import pathlib
import sys
import types


def folder(package):
    """Returns the folder of an installed package, without importing it."""
    if package in sys.modules:
        return pathlib.Path(next(iter(sys.modules[package].__path__)))
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"the package {package} is not installed; see docs/agreement.md")
    return pathlib.Path(next(iter(spec.submodule_search_locations)))


def part(name, stubs=()):
    """Imports a module without running the beginnings of the packages that it lies in. `stubs` are modules that it imports
    and that the checks do not reach, each with the names that it has."""
    packages = name.split(".")[:-1]
    place = folder(packages[0])
    for depth in range(1, len(packages) + 1):
        bare(".".join(packages[:depth]), place.joinpath(*packages[1:depth]))
    for stub, names in dict(stubs).items():
        module = types.ModuleType(stub)
        vars(module).update(names)
        sys.modules.setdefault(stub, module)
    return importlib.import_module(name)


def bare(name, place):
    if name not in sys.modules:
        module = types.ModuleType(name)
        module.__path__ = [str(place)]
        sys.modules[name] = module
