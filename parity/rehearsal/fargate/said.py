"""An object of an API's answer, read key by key, so that nothing in it goes unread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType


class UnknownSettingError(ValueError):
    """Something that is said and that nobody knows how to do."""


class Said:
    """What an object says; leaving the `with` block raises for what was not taken out of it.

    Nothing said is nothing to do: null, false, 0 and what is empty need not be taken.
    """

    def __init__(self, path: str, content: Mapping[str, Any]) -> None:
        self.path = path
        self._left = dict(content)

    def __enter__(self) -> Self:
        """Begin to read."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Raise UnknownSettingError for the first thing that is left, unless all broke anyway."""
        left = [name for name, value in self._left.items() if value]
        if kind is None and left:
            raise self.unknown(left[0], self._left[left[0]])

    def take(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - any JSON value
        """Return a value, or the default where nothing is said."""
        value = self._left.pop(name, None)
        return default if value is None else value

    def expect(self, name: str, *values: object) -> None:
        """Take a value that has to be one of these, or not said at all."""
        value = self.take(name)
        if value is not None and value not in values:
            raise self.unknown(name, value)

    def inner(self, name: str) -> Said:
        """Take an object."""
        return Said(f"{self.path}.{name}", self.take(name, {}))

    def each(self, name: str) -> list[Said]:
        """Take a list of objects."""
        return [
            Said(f"{self.path}.{name}[{at}]", item) for at, item in enumerate(self.take(name, []))
        ]

    def unknown(self, name: str, value: object) -> UnknownSettingError:
        """Return the error for a value."""
        return UnknownSettingError(f"{self.path}.{name} is {value!r}, which cannot be rehearsed")
