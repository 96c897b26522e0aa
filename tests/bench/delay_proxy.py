"""A line with a delay: passes bytes on to a server, late in both directions, as a far network does.

`python -m tests.bench.delay_proxy HOST PORT MILLISECONDS` prints its own address; a round trip takes so long.
Opening a connection costs a round trip too.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Write what comes `delay` seconds after it came, and close after the last of it."""
    loop = asyncio.get_running_loop()
    due: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def write_late() -> None:
        while True:
            moment, data = await due.get()
            await asyncio.sleep(moment - loop.time())
            if not data:
                return
            writer.write(data)
            await writer.drain()

    writing = asyncio.create_task(write_late())
    with suppress(ConnectionError):
        data = b"first"
        while data:
            data = await reader.read(1 << 16)
            due.put_nowait((loop.time() + delay, data))
        await writing
    writing.cancel()
    writer.close()


async def _serve(host: str, port: int, round_trip: float) -> None:
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The handshake: the first bytes of a client leave when the answer to its first packet is there.
        await asyncio.sleep(round_trip)
        far_reader, far_writer = await asyncio.open_connection(host, port)
        await asyncio.gather(
            _pass_on(reader, far_writer, round_trip / 2), _pass_on(far_reader, writer, round_trip / 2)
        )

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    print(f"http://{address[0]}:{address[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]) / 1000))
