"""What every section of a config has in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Positive = Annotated[float, Field(gt=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Names = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda v: (v,) if isinstance(v, str) else v, json_schema_input_type=str | tuple[str, ...]),
]
"""A list of names; one name stands for a list of one."""


class Section(BaseModel):
    """A frozen group of settings: an unknown key, an infinite or missing number is a problem."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
