"""A Parquet file of unknown origin -> names and rows of cells as a CSV would have them, or one plain sentence why not.

Its own directory tells columns and rows before anything is unpacked; what is nested or too much is refused there. pyarrow is imported
in the child that checks uploads, nowhere else.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from data.images import refused, shown_name
from data.table_rows import LARGEST_UNPACKED, Line, Sheet, check_size, plain_cell

_ROWS_AT_ONCE = 4096


def opened(content: bytes, name: str) -> Sheet:
    """Names and rows.

    Raises:
        Problem: The file is damaged or locked, has lists or records in its cells, or is too large.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_cpu_count(1)
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        schema = file.schema_arrow
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(name) from error
    metadata = file.metadata
    check_size(name, metadata.num_rows, len(schema.names))
    for field in schema:
        if pa.types.is_nested(field.type):
            shown = shown_name(field.name)
            raise refused("nested_column", name, f"has lists or records in the column “{shown}”; leave it out or spread it over columns",
                          f"के “{shown}” कॉलम में सूचियाँ या रिकॉर्ड हैं; उसे हटाएँ या अलग-अलग कॉलम बनाएँ")  # fmt: skip
    if sum(metadata.row_group(k).total_byte_size for k in range(metadata.num_row_groups)) > LARGEST_UNPACKED:
        limit = LARGEST_UNPACKED // 2**20
        raise refused(
            "table_too_large", name, f"would unpack to more than {limit} MB", f"खुलने पर {limit} MB से ज़्यादा होगी"
        )
    return Sheet(list(schema.names), _lines(file, name))


def _lines(file: Any, name: str) -> Iterator[Line]:
    import pyarrow as pa

    line = 1
    try:
        for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, use_threads=False):
            columns = [[plain_cell(value) for value in column.to_pylist()] for column in batch.columns]
            for cells in zip(*columns, strict=True):
                line += 1
                yield line, cells
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise _damaged(name) from error


def _damaged(name: str) -> Exception:
    return refused("damaged_parquet", name, "is damaged or locked; write it anew as Parquet or CSV",
                   "ख़राब है या बंद है; इसे फिर से Parquet या CSV में लिखें")  # fmt: skip
