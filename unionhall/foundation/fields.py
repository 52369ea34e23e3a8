"""Model fields of our own."""

from typing import Any

from django.db import models
from django.db.models.lookups import Lookup
from django.db.models.query_utils import DeferredAttribute

from .sealing import Sealed, ring


class SealedAttribute(DeferredAttribute):
    """Seals a plain str the moment it is assigned, so that an object never carries one in the clear."""

    def __set__(self, instance: models.Model, value: Any) -> None:
        sealed = Sealed(ring().seal(value)) if isinstance(value, str) else value
        instance.__dict__[self.field.attname] = sealed


class SealedField(models.BinaryField[Any, Any]):
    """Text that stands sealed (SM4) in the database. Assign a str; read a `Sealed`, which shows nothing by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)

    descriptor_class = SealedAttribute

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, str):
            value = ring().seal(value)
        elif isinstance(value, Sealed):
            value = value.blob
        return super().get_db_prep_value(value, connection, prepared)

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return value.blob.hex() if isinstance(value, Sealed) else ""


class BlindIndexField(models.BinaryField[Any, Any]):
    """The 16-byte keyed SM3 of a sealed value, for exact look-up (`sealing.identity_index`, `phone_index`).

    `of` names what it is made from, so that another index key can make it anew: the sealed field, after any plain ones
    (`("id_type", "id_number")`), and `purpose` the kind of value. Without `of` the rows themselves are short-lived and
    go when the index key changes.
    """

    def __init__(self, *args: Any, of: tuple[str, ...] = (), purpose: str = "", **kwargs: Any) -> None:
        self.of, self.purpose = of, purpose
        kwargs["max_length"] = 16
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        return None if value is None else bytes(value)


class PathField(models.CharField[Any, Any]):
    """A materialised path of fixed-width segments in C collation, so that a prefix is an index range."""

    SEGMENT = 4

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 48)
        kwargs["db_collation"] = "C"
        super().__init__(*args, **kwargs)


class Characters(models.Func):
    """A name as the array of its characters: what the GIN index for one- and two-character searches stands on."""

    function = "string_to_array"
    template = "%(function)s(%(expressions)s, NULL)"
    arity = 1
    output_field = models.TextField()


@models.CharField.register_lookup
class HasCharacters(Lookup):
    """`name__has_characters="林海"`: every character occurs, answered by the index over `Characters(name)`."""

    lookup_name = "has_characters"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"string_to_array({column}, NULL) @> %s::text[]", (*params, list(self.rhs))


@models.ForeignKey.register_lookup
class Among(Lookup):
    """`person__among=[keys]`: the rows of `person__in`, with all keys as one value; two thousand as quick as ten."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*params, list(self.rhs))
