"""The currencies that the house knows, as the edge needs them: by code to read amounts, by number to show them."""

from collections.abc import Iterable

from evens.core.values.money import Currency
from evens.sequencer.errors import NotLeading


class Currencies:
    """A registry that is filled once the books can be read; before that, every question is "ask again later"."""

    __slots__ = ("_by_code", "_by_number")

    def __init__(self, known: Iterable[Currency] = ()) -> None:
        self._by_code: dict[str, Currency] = {}
        self._by_number: dict[int, Currency] = {}
        self.learn(known)

    def learn(self, known: Iterable[Currency]) -> None:
        """Add currencies. One that was learnt stays as it is: neither its number nor its scale can change."""
        for currency in known:
            self._by_code[currency.code] = currency
            self._by_number[currency.number] = currency

    def all(self) -> list[Currency]:
        """Return every currency, in order of definition."""
        self._check_known()
        return self.known()

    def known(self) -> list[Currency]:
        """Return what has been learnt so far, in order of definition; nothing if nothing has."""
        return [self._by_number[number] for number in sorted(self._by_number)]

    def find(self, code: str) -> Currency | None:
        """Return the currency with this code, if there is one."""
        self._check_known()
        return self._by_code.get(code)

    def by_number(self, number: int) -> Currency:
        """Return a currency that an account was opened in."""
        self._check_known()
        return self._by_number[number]

    def _check_known(self) -> None:
        if not self._by_code:
            raise NotLeading("it is starting")
