"""What requests are made of. Unknown fields, wrong types and bad values are refused; nothing is coerced."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from evens.edges.http.protocol.texts import Text, UserId
from evens.edges.http.protocol.times import Moment

ValueDate = Annotated[
    Moment | None,
    Field(description="When it takes effect: a time in the past, for example that of a bank's booking. Left out: now."),
]

Reference = Annotated[Text | None, Field(description="Your own name for it, such as a bank's reference.")]

ActsFor = Annotated[UserId | None, Field(description="For operators: whose it is.")]


class Body(BaseModel):
    """A request's body."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def example(**fields: Any) -> ConfigDict:
    """Return the configuration of a body that is documented by an example."""
    return ConfigDict(json_schema_extra={"examples": [fields]})
