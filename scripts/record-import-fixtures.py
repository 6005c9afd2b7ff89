"""Writes tests/import/fixtures: the same six records as other programs write them, in every format and compression.

    pip install pyarrow polars duckdb zstandard && python scripts/record-import-fixtures.py

Recorded with pyarrow 26.0.1, polars 2.1.0, duckdb 2.0.1, zstandard 0.25.0.
"""

import bz2, gzip, json, lzma, pathlib
import duckdb, polars, pyarrow as pa, pyarrow.feather as feather, pyarrow.parquet as pq, zstandard

out = pathlib.Path(__file__).parent.parent / "tests/import/fixtures"
out.mkdir(parents=True, exist_ok=True)
rows = [
    {
        "id": 1480293847561028600 + i,
        "text": f"Zeile {i}: Größe, naïve 水車.",
        "title": None if i == 3 else f"T{i}",
        "meta": {"url": f"http://a.example/{i}", "n": i},
    }
    for i in range(6)
]
lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
half = lines.index(b"\n", len(lines) // 2) + 1
parts = [lines[:half], lines[half:]]


def write(name, data):
    (out / name).write_bytes(data)


write("records.jsonl", lines)
write("records.jsonl.gz", b"".join(gzip.compress(part, mtime=0) for part in parts))
write("records.jsonl.bz2", b"".join(map(bz2.compress, parts)))
write("records.jsonl.xz", b"".join(map(lzma.compress, parts)))
skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00skip"
checked = zstandard.ZstdCompressor(write_checksum=True)
unsized = zstandard.ZstdCompressor(write_content_size=False)
write("records.jsonl.zst", skippable + checked.compress(parts[0]) + skippable + unsized.compress(parts[1]))

table = pa.Table.from_pylist(rows)
for codec in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
    pq.write_table(table, out / f"pyarrow-{codec}.parquet", compression=codec, row_group_size=4)
pq.write_table(
    table, out / "pyarrow-v2.parquet", version="2.6", data_page_version="2.0", use_dictionary=False,
    column_encoding={"text": "DELTA_LENGTH_BYTE_ARRAY", "id": "DELTA_BINARY_PACKED"},
)
polars.from_arrow(table).write_parquet(out / "polars.parquet")
polars.from_arrow(table).write_ipc(out / "polars.arrow")
db = duckdb.connect()
db.register("t", table)
db.execute(f"COPY t TO '{out / 'duckdb.parquet'}' (FORMAT parquet, COMPRESSION zstd)")
feather.write_feather(table, out / "feather-zstd.arrow", compression="zstd")
feather.write_feather(table, out / "feather-lz4.arrow", compression="lz4")
with pa.OSFile(str(out / "dataset.arrow"), "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
    stream.write_table(table, max_chunksize=4)
