"""Plug-ins: what installed packages add through entry points, looked up by name.

A package adds to a group in its `pyproject.toml`:

    [project.entry-points."productdesc.catalogs"]
    acme = "acme_shop:FORMAT"

The built-in names are a dict of each group's own; it is asked first, so that no package
can replace one. Installed packages are looked through only when a name is asked for.
"""

from typing import TypeVar

from .errors import ProductDescError
from .text.printable import quoted, words_of

__all__ = ["find_plugin", "plugin_names"]

T = TypeVar("T")


def find_plugin(
    group: str, name: str, of: type[T], *, error: type[ProductDescError]
) -> T | None:
    """The object that an installed package's entry point names; None where no package does.

    `of`: what the object has to be an instance of. `error`: what is raised for a plug-in
    that cannot be used; one line, that names the plug-in, its package and the reason.
    """
    # imported here: it costs 20 ms, and most callers ask for a built-in name
    from importlib.metadata import entry_points

    offered = tuple(entry_points(group=group, name=name))
    if not offered:
        return None
    packages = [point.dist.name if point.dist else "?" for point in offered]
    if len(offered) > 1:
        raise error(
            f"plug-in {quoted(name, 'name')} ({group}) is offered by the packages"
            f" {', '.join(sorted(packages))}; uninstall all but one"
        )
    what = f"plug-in {quoted(name, 'name')} ({group}) of package {packages[0]}"
    try:
        plugin = offered[0].load()
    except Exception as exc:  # foreign code: its import may raise anything
        raise error(
            f"{what} cannot be loaded: {type(exc).__name__}: {words_of(exc)};"
            " update or uninstall that package"
        ) from exc
    if not isinstance(plugin, of):
        raise error(
            f"{what} is a {type(plugin).__name__} ({offered[0].value}), not a"
            f" {of.__module__}.{of.__qualname__}; update or uninstall that package"
        )
    return plugin


def plugin_names(group: str) -> list[str]:
    """The names that installed packages add to the group, sorted."""
    from importlib.metadata import entry_points

    return sorted({point.name for point in entry_points(group=group)})
