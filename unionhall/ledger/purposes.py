"""What a domain says about the money it pays: a name, and what follows when a payment succeeds or comes back.

A domain registers its purposes in its own `procedures` module (imported when Django is ready). Hooks run in the
transaction that books the money: a Refused raised by one undoes the booking. The ledger never knows a domain.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from unionhall.foundation.actors import Actor

from .models import Commitment, Payment
from .models.payments import PaymentQuerySet

HeldHook = Callable[[Actor, Commitment], None]
#: Given all payments that changed together, as a queryset: a file of a million rows is answered set by set.
PaymentsHook = Callable[[Actor, PaymentQuerySet], None]
#: Keys of budgets besides the payment's own.
BudgetsHook = Callable[[Payment], Iterable[int]]


def not_held(actor: Actor, commitment: Commitment) -> None:
    """The default of `on_held`: nothing follows until somebody pays."""


def nothing(actor: Actor, payments: PaymentQuerySet) -> None:
    """The default of the hooks over payments."""


def no_others(payment: Payment) -> Iterable[int]:
    """The default of `along`: what follows moves no other budget's money."""
    return ()


@dataclass(frozen=True)
class Purpose:
    """A use of money: `code`, its Chinese `title` (also the bank's 附言), and hooks.

    `on_held`: a commitment that had waited got its money. One that is held at once is answered by `commit` itself.
    `on_paid`, `on_returned`: the bank's answer. `on_reversed`: a payment was given up as a whole, cancelled or to be
    recovered; nothing is told of an `adjust`, which the domain asks for itself.
    `along`: budgets of which `on_reversed` moves money too; they are locked with the payment's own, in their order.
    `url`: the domain's page about the matter that was paid.
    """

    code: str
    title: str
    on_held: HeldHook = not_held
    on_paid: PaymentsHook = nothing
    on_returned: PaymentsHook = nothing
    on_reversed: PaymentsHook = nothing
    along: BudgetsHook = no_others
    url: Callable[[Payment], str] | None = None


_purposes: dict[str, Purpose] = {}


class UnknownPurpose(LookupError):
    """Money is moved for a purpose that no room registers: a spelling mistake, never a refusal."""


def register(*purposes: Purpose) -> None:
    """A second, different purpose of the same code is a mistake."""
    for purpose in purposes:
        if _purposes.setdefault(purpose.code, purpose) != purpose:
            raise ValueError(f"purpose {purpose.code} is registered twice")


def purpose(code: str) -> Purpose:
    try:
        return _purposes[code]
    except KeyError:
        raise UnknownPurpose(code) from None


def purposes() -> list[Purpose]:
    return sorted(_purposes.values(), key=lambda one: one.code)


def title_of(code: str) -> str:
    """The Chinese name; the code itself for a purpose that is no longer registered."""
    found = _purposes.get(code)
    return found.title if found is not None else code
