"""Records as one Parquet file, for DuckDB, Spark and pandas: a row a record, its columns and types by `dlcli schema`.

pyarrow comes with the extra [parquet] and is loaded here alone.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from dlcli.data.records.schema import schema_of
from dlcli.distribution import install_command
from dlcli.errors import DataError, MissingError
from dlcli.tasks.registry import find_task

SUFFIX = ".parquet"
ROWS = 20_000  # of a row group, which is in memory as a whole
Schema = Mapping[str, Any]


def parquet_bytes(records: Iterable[Mapping[str, Any]], task: str) -> bytes:
    """The file, compressed by zstd. What a record lacks is null; a mapping of free names, such as timings, is a map.

    MissingError without pyarrow; DataError: a record does not meet the schema of its task.
    """
    arrow, parquet = load_pyarrow()
    schema = arrow_schema(arrow, task)
    buffer, rows = io.BytesIO(), iter(records)
    with parquet.ParquetWriter(buffer, schema, compression="zstd") as writer:
        for part in groups_of(rows, ROWS):
            try:
                writer.write_table(arrow.Table.from_pylist([known(record, schema.names) for record in part], schema))
            except (arrow.ArrowInvalid, arrow.ArrowTypeError) as error:
                raise DataError(f"a record of {task} does not meet its schema: {error}") from error
    return buffer.getvalue()


def load_pyarrow() -> tuple[Any, Any]:
    """(pyarrow, pyarrow.parquet)."""
    try:
        import pyarrow
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise MissingError(f"{SUFFIX} needs pyarrow, not installed here; run: {install_command('parquet')}") from error
    return pyarrow, parquet


def arrow_schema(arrow: Any, task: str) -> Any:
    """Of the records of a task, those of failures too: a column each field, all of which may be null."""
    columns: dict[str, Schema] = {}
    for kind in schema_of(find_task(task).name)["oneOf"]:
        columns |= kind["properties"]
    return arrow.schema([(name, arrow_type(arrow, part)) for name, part in columns.items()])


def arrow_type(arrow: Any, part: Schema) -> Any:
    """Of a part of a JSON Schema: integers of 64 bits, numbers as float64, objects as structs, free objects as maps."""
    if "const" in part or "enum" in part:
        value = part["const"] if "const" in part else part["enum"][0]
        return arrow.bool_() if isinstance(value, bool) else arrow.string()
    for choice in (*part.get("oneOf", ()), *part.get("anyOf", ())):
        if choice.get("type") != "null":
            return arrow_type(arrow, choice)
    kind = part["type"]
    kind = next(name for name in kind if name != "null") if isinstance(kind, list) else kind
    if kind == "array":
        return arrow.list_(arrow_type(arrow, part["items"]))
    if kind == "object" and "properties" in part:
        return arrow.struct([(name, arrow_type(arrow, below)) for name, below in part["properties"].items()])
    if kind == "object":
        return arrow.map_(arrow.string(), arrow_type(arrow, part["additionalProperties"]))
    plain = {"string": arrow.string(), "integer": arrow.int64(), "number": arrow.float64(), "boolean": arrow.bool_()}
    return plain[kind]


def known(record: Mapping[str, Any], names: list[str]) -> Mapping[str, Any]:
    """The record. DataError: it has a field of which the schema knows nothing, and which would be lost."""
    more = record.keys() - set(names)
    if more:
        raise DataError(f"{record.get('source')}: its record has {', '.join(sorted(more))}, which its schema does not")
    return record


def groups_of(rows: Iterator[Mapping[str, Any]], size: int) -> Iterator[list[Mapping[str, Any]]]:
    while part := list(islice(rows, size)):
        yield part
